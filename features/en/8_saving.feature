# language: en
@section-8
Feature: 8. Saving the settings
  Ticks take effect only after saving.

  @guide @callout-13
  Scenario: The employee saves the settings
    Given in all four blocks the information system's ticks are as ordered
    When the employee saves the settings with the button (13)
    Then after the page is loaded anew the ticks are still as ordered
    And only what was ordered has changed in the organisation's settings

  @alternative
  Scenario: The employee leaves without saving
    Given in all four blocks the information system's ticks are as ordered
    When the employee leaves the page without saving
    Then on the next visit the information system has no ticks
    And the organisation's settings are as they were

  @alternative @unchanged
  Scenario: Everything is as ordered already
    Given in all four blocks the information system's ticks are as ordered
    And there is nothing to change
    When the employee comes to the save button and does not press it (13)
    Then after the page is loaded anew the ticks are still as ordered
    And the organisation's settings have not changed

  @alternative
  Scenario: Only a part of the access is ordered
    Given the order grants only the access of section 5
    And in all four blocks the information system's ticks are as ordered
    When the employee saves the settings with the button (13)
    Then after the page is loaded anew the ticks are still as ordered
    And only what was ordered has changed in the organisation's settings
    And the access of section 5 alone is stored
    And the record of changes has one more entry

  @alternative
  Scenario: All access is revoked
    Given the order revokes all access
    And the information system already has all the ordered access
    And in all four blocks the information system's ticks are as ordered
    When the employee saves the settings with the button (13)
    Then after the page is loaded anew the ticks are still as ordered
    And only what was ordered has changed in the organisation's settings
    And no access is stored
    And the record of changes has one more entry

  @alternative
  Scenario: The right is lost before saving
    Given in all four blocks the information system's ticks are as ordered
    And meanwhile the employee has lost the right to change the settings
    When the employee tries to save the settings with the button (13)
    Then the service refuses to save and says why
    And the organisation's settings are as they were

  @alternative
  Scenario: The session has ended before saving
    Given in all four blocks the information system's ticks are as ordered
    And meanwhile the employee's session has ended
    When the employee tries to save the settings with the button (13)
    Then the service refuses to save and says why
    And the organisation's settings are as they were

  @alternative
  Scenario: Another employee has changed the settings meanwhile
    Given in all four blocks the information system's ticks are as ordered
    And meanwhile another employee has saved settings
    When the employee tries to save the settings with the button (13)
    Then the work is stopped because somebody else has changed the settings
    And the organisation's settings are as they were

  @alternative
  Scenario: The screen shows seven blocks
    Given the screen shows the blocks of document packages too
    And in all four blocks the information system's ticks are as ordered
    When the employee saves the settings with the button (13)
    Then after the page is loaded anew the ticks are still as ordered
    And only what was ordered has changed in the organisation's settings
    And the record of changes has one more entry

  @alternative
  Scenario: One access is granted, another revoked
    Given the order grants the access of section 7 and revokes that of section 4
    And the information system already has the access of section 4
    And the information system already has the access of section 5
    And in all four blocks the information system's ticks are as ordered
    When the employee saves the settings with the button (13)
    Then after the page is loaded anew the ticks are still as ordered
    And only what was ordered has changed in the organisation's settings
    And the access of sections 5 and 7 alone is stored
    And the record of changes has one more entry

  @alternative
  Scenario: There is nothing to revoke
    Given the order revokes all access
    And in all four blocks the information system's ticks are as ordered
    When the employee comes to the save button and does not press it (13)
    Then after the page is loaded anew the ticks are still as ordered
    And the organisation's settings are as they were

  @alternative
  Scenario: Another employee has given the same access meanwhile
    Given in all four blocks the information system's ticks are as ordered
    And meanwhile another employee has given the information system the same access
    When the employee tries to save the settings with the button (13)
    Then the work is stopped because somebody else has changed the settings
    And the organisation's settings are as they were

  @alternative
  Scenario: The plan does not allow information systems
    Given the organisation's plan does not allow information systems
    And in all four blocks the information system's ticks are as ordered
    When the employee tries to save the settings with the button (13)
    Then the service refuses to save and says why
    And the organisation's settings are as they were

  @alternative
  Scenario: The page asks once more
    Given the page asks once more before it saves
    And in all four blocks the information system's ticks are as ordered
    When the employee tries to save the settings with the button (13)
    Then the work is stopped because the page asks once more
    And the organisation's settings are as they were

  @alternative @mtls
  Scenario: The access has effect for the information system, and for it alone
    Given in all four blocks the information system's ticks are as ordered
    And before saving the information systems are refused everything
    When the employee saves the settings with the button (13)
    And ends their session
    Then the information system is served all that was ordered, and the other one nothing
