# language: en
@section-6
Feature: 6. Access to the settings of the organisation's documents
  Access to document settings: to change the settings of the organisation's documents.

  @guide @callout-9 @callout-10
  Scenario: The information system is given access to the settings of the organisation's documents
    Given the access control subsection is open
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And gives the information system access with the tick (10)
    Then the information system's tick of section 6 is as ordered
    And before saving, the organisation's settings have not changed

  @alternative @unchanged
  Scenario: Access to the settings of the organisation's documents needs no change
    Given the access control subsection is open
    And the access of section 6 needs no change
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And leaves the information system's tick as it is (10)
    Then the information system's tick of section 6 is as ordered
    And the organisation's settings have not changed

  @alternative
  Scenario: Two information systems with one description
    Given two information systems have the same description
    And the access control subsection is open
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And tries to give the information system access with the tick (10)
    Then the work is stopped because there are two such information systems
    And the organisation's settings are as they were

  @alternative
  Scenario: The information system is switched off
    Given the information system is switched off
    And the access control subsection is open
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And tries to give the information system access with the tick (10)
    Then the work is stopped because the information system is switched off
    And the organisation's settings are as they were

  @alternative @revoking
  Scenario: Access to the settings of the organisation's documents is taken from the information system
    Given the access control subsection is open
    And the access of section 6 is there and the order revokes it
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And takes the information system's tick away (10)
    Then the information system's tick of section 6 is gone
    And before saving, the organisation's settings have not changed

  @alternative
  Scenario: Another key stands under the information system's description
    Given another key stands under the information system's description
    And the access control subsection is open
    When the employee expands the block of access to the settings of the organisation's documents (9)
    And tries to give the information system access with the tick (10)
    Then the work is stopped because description and key do not agree
    And the organisation's settings are as they were
