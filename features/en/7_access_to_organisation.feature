# language: en
@section-7
Feature: 7. Access to the organisation's settings
  Access to the organisation's settings: to see and to change the settings of the organisation itself.

  @guide @callout-11 @callout-12
  Scenario: The information system is given access to the organisation's settings
    Given the access control subsection is open
    When the employee expands the block of access to the organisation's settings (11)
    And gives the information system access with the tick (12)
    Then the information system's tick of section 7 is as ordered
    And before saving, the organisation's settings have not changed

  @alternative @unchanged
  Scenario: Access to the organisation's settings needs no change
    Given the access control subsection is open
    And the access of section 7 needs no change
    When the employee expands the block of access to the organisation's settings (11)
    And leaves the information system's tick as it is (12)
    Then the information system's tick of section 7 is as ordered
    And the organisation's settings have not changed

  @alternative
  Scenario: Information systems with similar descriptions stand beside it
    Given there are information systems with similar descriptions beside it
    And the access control subsection is open
    When the employee expands the block of access to the organisation's settings (11)
    And gives the information system access with the tick (12)
    Then the information system's tick of section 7 is as ordered
    And the ticks of other information systems have not changed
    And the organisation's settings are as they were

  @alternative @revoking
  Scenario: Access to the organisation's settings is taken from the information system
    Given the access control subsection is open
    And the access of section 7 is there and the order revokes it
    When the employee expands the block of access to the organisation's settings (11)
    And takes the information system's tick away (12)
    Then the information system's tick of section 7 is gone
    And before saving, the organisation's settings have not changed

  @alternative
  Scenario: The information system's key stands under another description
    Given the information system's key stands under another description
    And the access control subsection is open
    When the employee expands the block of access to the organisation's settings (11)
    And tries to give the information system access with the tick (12)
    Then the work is stopped because description and key do not agree
    And the organisation's settings are as they were
