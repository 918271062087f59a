*** Settings ***
Documentation     The guide's thirteen callouts as somebody would write them with the Browser library:
...               for each organisation of JOBS sign in, press, take the pictures, look at the settings once.
...               Run by `sigex-runbook bench`; several processes share the organisations.
Library           Browser    jsextension=${CURDIR}/ncalayer.js
Library           Collections
Library           OperatingSystem
Library           employee.py
Suite Setup       Open The Browser

*** Variables ***
@{BLOCKS}         Контроль доступа к документам организации
...               Контроль доступа к перечислению документов организации
...               Контроль доступа к настройкам документов организации
...               Контроль доступа к настройкам организации
@{KEYS}           documentsAccess    documentsList    documentsSettings    organizationSettings
${HEADER}         header >>

*** Test Cases ***
Grant Access In Every Organisation
    ${jobs}    Evaluate    json.load(open($JOBS, encoding="utf-8"))
    FOR    ${job}    IN    @{jobs}
        Grant Access    ${job}
    END

*** Keywords ***
Open The Browser
    ${given}    Evaluate    json.load(open($GIVEN, encoding="utf-8"))
    Set Suite Variable    ${given}
    New Browser    chromium    headless=True    executablePath=${given}[browser]
    ...    args=${given}[flags]    chromiumSandbox=${given}[sandbox]

Grant Access
    [Arguments]    ${job}
    Set Test Variable    ${folder}    ${given}[pictures]/${job}[organisation]
    Set Test Variable    ${number}    ${0}
    ${signer}    Employee Signs    ${job}[key_file]    ${job}[password_file]
    New Context    viewport={"width": 1280, "height": 800}    locale=ru-RU
    New Page
    Answer As Ncalayer    ${signer}
    Go To    ${given}[address]
    Picture And Click    ${HEADER} role=link[name=/Войти/]
    Click    role=button[name=/NCALayer/]
    Picture And Click    ${HEADER} role=button[name=/Меню/]
    Picture And Click    text="Настройки организации"
    Picture And Click    role=link[name="Контроль доступа"]
    FOR    ${block}    IN    @{BLOCKS}
        Tick In Block    ${block}    ${job}[description]
    END
    ${saved}    Promise To    Wait For Response    **/api/organizationSettings
    Picture And Click    role=button[name="Сохранить"]
    Wait For    ${saved}
    ${answer}    Http    /api/organizationSettings
    FOR    ${key}    IN    @{KEYS}
        Should Not Be Empty    ${answer}[body][${key}][tlsCertificatesIndices]
    END
    Close Context

Tick In Block
    [Arguments]    ${block}    ${description}
    ${button}    Set Variable    role=button[name=/${block}/]
    Picture And Click    ${button}
    ${panel}    Get Attribute    ${button}    aria-controls
    ${tick}    Set Variable    id=${panel} >> role=checkbox[name="${description}"]
    Check Checkbox    ${tick}
    Take Picture    ${tick}

Picture And Click
    [Arguments]    ${control}
    Take Picture    ${control}
    Click    ${control}

Take Picture
    [Arguments]    ${control}
    Set Test Variable    ${number}    ${number + 1}
    Scroll To Element    ${control}
    Take Screenshot    filename=${folder}/${number}    log_screenshot=False
