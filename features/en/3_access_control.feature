# language: en
@section-3
Feature: 3. Access control
  The subsection holds the blocks in which access is ticked.

  @guide @callout-4
  Scenario: The employee goes to access control
    Given the organisation settings are open
    When the employee follows the access control link (4)
    Then the access control subsection is open

  @alternative
  Scenario: An employee without the right is refused at the address too
    Given the employee has no right to change the organisation's settings
    And the employee is signed in with their certificate
    When the employee opens the settings by their address
    Then the service refuses and does not show access control
    And the organisation's settings are as they were

  @alternative
  Scenario: The subsection is not shown to somebody who is not signed in
    Given the service's start page is open
    When the employee opens the settings by their address
    Then the service asks to sign in and does not show access control
    And the organisation's settings are as they were

  @alternative
  Scenario: The right is lost while the page is open
    Given the organisation settings are open
    And meanwhile the employee has lost the right to change the settings
    When the employee opens the settings by their address
    Then the service refuses and does not show access control
    And the organisation's settings are as they were
