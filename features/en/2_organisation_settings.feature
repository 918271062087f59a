# language: en
@section-2
Feature: 2. Organisation settings
  The section opens from the menu of a signed-in employee, and only for those who have the right to it.

  @guide @callout-2 @callout-3
  Scenario: The employee opens the organisation settings
    Given the employee is signed in with their certificate
    When the employee opens the menu with the icon (2)
    And chooses the item “Настройки организации” (3)
    Then the organisation settings are open

  @alternative
  Scenario: The section is not offered to an employee without the right
    Given the employee has no right to change the organisation's settings
    And the employee is signed in with their certificate
    When the employee opens the menu with the icon (2)
    Then the menu has no item “Настройки организации”
    And the organisation's settings are as they were

  @alternative
  Scenario: The right is lost after signing in
    Given the employee is signed in with their certificate
    And after signing in the employee has lost the right to change the settings
    When the employee opens the menu with the icon (2)
    And chooses the item “Настройки организации” (3)
    Then the service refuses and does not show access control
    And the organisation's settings are as they were

  @alternative
  Scenario: The session has ended after signing in
    Given the employee is signed in with their certificate
    And meanwhile the employee's session has ended
    When the employee opens the menu with the icon (2)
    And chooses the item “Настройки организации” (3)
    Then the service asks to sign in and does not show access control
    And the organisation's settings are as they were
