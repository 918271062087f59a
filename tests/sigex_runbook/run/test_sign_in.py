"""How an employee signs in: what each way of it brings along."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.order import Order, PersonSignIn
from sigex_runbook.core.secret_ref import SecretRef
from sigex_runbook.evidence.privacy.leak import Canaries
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.signing import Pkcs12Signer
from tests.service import Service


def changed(order: Order, **changes: object) -> Order:
    """The order with some of its sign-in replaced."""
    return order.model_copy(update={"sign_in": order.sign_in.model_copy(update=changes)})


def test_a_key_file_is_opened_once_for_all_that_is_asked_of_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pkcs12Signer, "load", load := Mock(side_effect=Pkcs12Signer.load))
    sign_in = sign_in_of(service.order())
    assert sign_in.signer is not None
    assert str(sign_in.person).startswith("IIN")
    assert [one["kind"] for one in sign_in.secrets.counted()] == ["iin", "key", "password"]
    load.assert_called_once()


@pytest.mark.parametrize(("visible", "asked"), [(True, "await_person"), (False, "sign")])
def test_a_person_signs_in_the_window_or_in_ncalayers_own(
    service: Service, visible: bool, asked: str
) -> None:
    order = service.order()
    by_hand = order.model_copy(update={"sign_in": PersonSignIn(method="person")})
    sign_in = sign_in_of(by_hand, visible=visible)
    assert (sign_in.signer, sign_in.person, sign_in.secrets) == (None, None, Canaries())
    assert by_hand.sign_in.files == ()
    sign_in.sign(site := Mock())
    assert [call[0] for call in site.method_calls] == [asked]


def test_a_password_of_the_environment_is_no_file(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = service.order()
    key, password = order.sign_in.files
    monkeypatch.setenv("KEY_PASSWORD", password.read_text("utf-8").strip())
    named = changed(order, password=SecretRef(env="KEY_PASSWORD"))
    assert named.sign_in.files == (key,)
    assert sign_in_of(named).signer is not None


def test_a_key_that_cannot_be_opened_is_refused(service: Service, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("not-the-password", encoding="utf-8")
    with pytest.raises(UsageError, match="Пароль не подходит"):
        sign_in_of(changed(service.order(), password=SecretRef(file=wrong)))
