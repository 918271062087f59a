# language: en
@section-5
Feature: 5. Access to the listing of the organisation's documents
  Access to the listing: to list the organisation's documents.

  @guide @callout-7 @callout-8
  Scenario: The information system is given access to the listing of the organisation's documents
    Given the access control subsection is open
    When the employee expands the block of access to the listing of the organisation's documents (7)
    And gives the information system access with the tick (8)
    Then the information system's tick of section 5 is as ordered
    And before saving, the organisation's settings have not changed

  @alternative @unchanged
  Scenario: Access to the listing of the organisation's documents needs no change
    Given the access control subsection is open
    And the access of section 5 needs no change
    When the employee expands the block of access to the listing of the organisation's documents (7)
    And leaves the information system's tick as it is (8)
    Then the information system's tick of section 5 is as ordered
    And the organisation's settings have not changed

  @alternative
  Scenario: The ordered information system is not in the list
    Given the ordered information system is not in the organisation's settings
    And the access control subsection is open
    When the employee expands the block of access to the listing of the organisation's documents (7)
    And tries to give the information system access with the tick (8)
    Then the work is stopped because there is no such information system
    And the organisation's settings are as they were

  @alternative @revoking
  Scenario: Access to the listing of the organisation's documents is taken from the information system
    Given the access control subsection is open
    And the access of section 5 is there and the order revokes it
    When the employee expands the block of access to the listing of the organisation's documents (7)
    And takes the information system's tick away (8)
    Then the information system's tick of section 5 is gone
    And before saving, the organisation's settings have not changed

  @alternative
  Scenario: The order leaves access to the listing of the organisation's documents alone
    Given the order grants only the access of section 4
    And the information system already has the access of section 5
    And the access control subsection is open
    When the employee expands the block of access to the listing of the organisation's documents (7)
    And leaves the information system's tick as it is (8)
    Then the information system's tick of section 5 is set
    And the organisation's settings are as they were
