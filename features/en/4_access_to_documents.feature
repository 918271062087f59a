# language: en
@section-4
Feature: 4. Access to the organisation's documents
  Access to the organisation's documents: to see restricted documents and to fetch their data.

  @guide @callout-5 @callout-6
  Scenario: The information system is given access to the organisation's documents
    Given the access control subsection is open
    When the employee expands the block of access to the organisation's documents (5)
    And gives the information system access with the tick (6)
    Then the information system's tick of section 4 is as ordered
    And before saving, the organisation's settings have not changed

  @alternative @unchanged
  Scenario: Access to the organisation's documents needs no change
    Given the access control subsection is open
    And the access of section 4 needs no change
    When the employee expands the block of access to the organisation's documents (5)
    And leaves the information system's tick as it is (6)
    Then the information system's tick of section 4 is as ordered
    And the organisation's settings have not changed

  @alternative
  Scenario: There is no information system yet
    Given there is no information system in the organisation's settings
    And the access control subsection is open
    When the employee expands the block of access to the organisation's documents (5)
    And tries to give the information system access with the tick (6)
    Then the work is stopped because there is no such information system
    And the organisation's settings are as they were

  @alternative @revoking
  Scenario: Access to the organisation's documents is taken from the information system
    Given the access control subsection is open
    And the access of section 4 is there and the order revokes it
    When the employee expands the block of access to the organisation's documents (5)
    And takes the information system's tick away (6)
    Then the information system's tick of section 4 is gone
    And before saving, the organisation's settings have not changed
