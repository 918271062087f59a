# language: en
@section-1
Feature: 1. Authentication
  The settings are made by an employee who has the right to change the organisation's settings.
  They sign in to the service with their certificate.

  @guide @callout-1
  Scenario: An employee signs in with their certificate
    Given the service's start page is open
    When the employee begins to sign in with the icon (1)
    And signs with their certificate
    Then the employee is signed in for the ordered organisation

  @alternative
  Scenario: The employee cancels the signature
    Given the employee will not sign
    And the service's start page is open
    When the employee begins to sign in with the icon (1)
    And cancels the signature
    Then nobody is signed in and the service says so
    And the organisation's settings are as they were

  @alternative
  Scenario: An employee of another organisation signs in
    Given the certificate belongs to an employee of another organisation
    And the service's start page is open
    When the employee begins to sign in with the icon (1)
    And signs with their certificate
    Then the work is stopped because it is not the ordered organisation
    And the organisation's settings are as they were

  @alternative
  Scenario: The signing program reports an error
    Given the signing program cannot sign
    And the service's start page is open
    When the employee begins to sign in with the icon (1)
    And tries to sign
    Then nobody is signed in and the service says so
    And the organisation's settings are as they were

  @alternative
  Scenario: A private person signs in
    Given the certificate belongs to a private person
    And the service's start page is open
    When the employee begins to sign in with the icon (1)
    And signs with their certificate
    Then the work is stopped because it is not the ordered organisation
    And the organisation's settings are as they were

  @alternative
  Scenario Outline: The employee's certificate is not fit to sign in
    Given the employee's certificate <condition>
    And the service's start page is open
    When the employee begins to sign in with the icon (1)
    And tries to sign
    Then nobody is signed in and the service says <reason>
    And the organisation's settings are as they were

    Examples:
      | condition                               | reason                                                      |
      | has expired                             | “Срок действия сертификата уже истек, либо еще не наступил” |
      | is not valid yet                        | “Срок действия сертификата уже истек, либо еще не наступил” |
      | has been revoked                        | “Некорректный статус сертификата”                           |
      | comes from a foreign authority          | “Издатель сертификата неизвестен”                           |
      | comes from an impostor of the authority | “Не удалось построить цепочку сертификатов”                 |
      | is for authentication only              | “Некорректная подпись”                                      |
      | is for encryption only                  | “Некорректная подпись”                                      |
