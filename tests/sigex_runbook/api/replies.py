"""What the small server of these tests says."""

from __future__ import annotations

from typing import Any

from tests.builders import (
    ORGANISATION,
    Reply,
    Service,
    reply,
    settings_body,
)

COOKIE = "a-session-that-must-stay-secret"
IDENTITY = {
    "userId": "IIN900101300126",
    "businessId": f"BIN{ORGANISATION}",
    "subjectStructure": [
        [{"oid": "2.5.4.3", "name": "CN", "valueInB64": False, "value": "ИВАНОВ ИВАН"}],
        [{"oid": "2.5.4.10", "name": "O", "valueInB64": False, "value": "АО «Пример»"}],
    ],
}
DENIED = reply({"message": "Access denied", "requestID": 7})

NOT_THE_SERVICE = {
    "html": Reply(b"<html>Welcome</html>", content_type="text/html"),
    "html that claims to be json": Reply(b"<html></html>"),
    "a list": reply([settings_body()]),
    "a text": reply("ok"),
    "null": reply(None),
    "nothing": Reply(b""),
    "cut in the middle": Reply(b'{"businessId": "BIN2002'),
    "connection lost in the middle": Reply(b'{"businessId": 1}', short_by=5),
    "not utf-8": Reply(b'{"a": "\xff\xfe"}'),
    "endless depth": Reply(b"[" * 100_000),
    "a gateway's page": Reply(b"<h1>502</h1>", status=502, content_type="text/html"),
    "an error without a message": reply({}, status=500),
    "a redirect": reply({}, status=302, headers={"Location": "https://elsewhere.example/"}),
}


def answers(service: Service, value: object, **changes: Any) -> None:
    service.answer = lambda _: reply(value, **changes)
