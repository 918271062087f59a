"""The order's door: what cannot be carried out is refused in one sentence that names the place."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import OrderError, UsageError
from sigex_runbook.core.given.private_keys import PrivateKey, private_key_in
from sigex_runbook.core.order import (
    Order,
    PersonSignIn,
    Pkcs12SignIn,
    Secret,
    Wish,
    load_order,
    parse_order,
)
from sigex_runbook.run.sample import sample_order
from tests.builders import CONTROL, ORGANISATION, SYSTEM, known_pair, make_order, order_tree

PASSWORD = "hunter2-geheim"


def write(folder: Path, tree: dict[str, Any]) -> Path:
    """An order file as YAML."""
    path = folder / "order.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return path


def refusal(folder: Path, text: str | None = None, **changes: Any) -> str:
    """What the operator is told about an order; always one line and never long."""
    text = json.dumps(order_tree(folder, **changes), ensure_ascii=False) if text is None else text
    with pytest.raises(OrderError) as refused:
        parse_order(text, path=folder / "order.yaml")
    said = str(refused.value)
    assert len(said.splitlines()) == 1
    assert len(said) < 1000
    assert refused.value.exit_code == 2
    return said


def yaml_of(folder: Path, *, without: str | None = None) -> str:
    tree = order_tree(folder)
    if without:
        del tree[without]
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


# -- what an order says


def test_an_order_past_its_door(tmp_path: Path) -> None:
    order = load_order(write(tmp_path, order_tree(tmp_path)))
    assert str(order.organisation.bin) == ORGANISATION
    assert order.information_system.description == SYSTEM
    assert order.information_system.fingerprint == known_pair(SYSTEM).fingerprint
    assert order.control_system is not None
    assert order.control_system.description == CONTROL
    assert order.access == dict.fromkeys(AccessBlock, Wish.GRANTED)
    assert isinstance(order.sign_in, Pkcs12SignIn)
    assert order.sign_in.key_file == (tmp_path / "employee.p12").resolve()


def test_paths_start_at_the_orders_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are sent around together with their keys; where the program was started is chance."""
    (elsewhere := tmp_path / "elsewhere").mkdir()
    path = write(tmp_path, order_tree(tmp_path))
    monkeypatch.chdir(elsewhere)
    order = load_order(Path(os.path.relpath(path)))
    assert order.information_system.certificate == (tmp_path / "system.pem").resolve()


@pytest.mark.parametrize("absent", ["control_system", "probe_document"])
def test_what_may_be_left_out(tmp_path: Path, absent: str) -> None:
    assert getattr(make_order(tmp_path, **{absent: None}), absent) is None


def test_a_person_needs_no_key_file(tmp_path: Path) -> None:
    order = make_order(tmp_path, sign_in={"method": "person"})
    assert isinstance(order.sign_in, PersonSignIn)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_does_no_harm(tmp_path: Path, encoding: str) -> None:
    """Windows' Notepad writes one, and PowerShell 5.1 makes UTF-16 of whatever goes through `>`."""
    path = tmp_path / "order.yaml"
    path.write_text(yaml_of(tmp_path), encoding=encoding)
    assert load_order(path).information_system.description == SYSTEM


def test_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "order.yaml"
    path.write_bytes(yaml_of(tmp_path).replace("\n", "\r\n").encode("utf-8"))
    assert load_order(path).information_system.description == SYSTEM


@pytest.mark.parametrize(
    "description",
    [
        SYSTEM,
        "Кавычки \"и\" 'апострофы': двоеточие, #решётка",
        "{фигурные} [квадратные] & * ! | > % @ `",
        "обратная \\ косая \\n",
        "yes",
        "007",
        "null",
        "2026-11-23",
        "${HOME}",
        "😀 смайл",
        "тонкая\u2009шпация",
        "перевод\nстроки\tи табуляция",
        "разделитель\u2028строк",
    ],
)
def test_an_order_survives_being_handed_to_the_notebook(tmp_path: Path, description: str) -> None:
    """The parent writes the order as JSON and the kernel reads that file as an order."""
    order = make_order(
        tmp_path,
        information_system={"description": description, "certificate": "system.pem"},
    )
    handed = tmp_path / "work" / "order.json"
    handed.parent.mkdir()
    handed.write_text(order.model_dump_json(), encoding="utf-8")
    assert load_order(handed) == order


def test_a_person_signing_survives_too(tmp_path: Path) -> None:
    order = make_order(tmp_path, sign_in={"method": "person"}, control_system=None)
    handed = tmp_path / "handed.json"
    handed.write_text(order.model_dump_json(), encoding="utf-8")
    assert load_order(handed) == order


def test_an_order_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        make_order(tmp_path).probe_document = "0" * 16  # type: ignore[misc]


# -- the file


def test_a_missing_file_is_named_with_the_way_to_a_sample(tmp_path: Path) -> None:
    with pytest.raises(OrderError, match=r"absent\.yaml» не найден.*sigex-runbook sample-order"):
        load_order(tmp_path / "absent.yaml")


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16-le"])
def test_another_encoding_is_refused_by_name(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "order.yaml"
    path.write_bytes(yaml_of(tmp_path).encode(encoding))
    with pytest.raises(OrderError, match=r"order\.yaml.*UTF-8"):
        load_order(path)


def test_a_folder_is_no_order(tmp_path: Path) -> None:
    with pytest.raises(OrderError, match="папка, а не заказ"):
        load_order(tmp_path)


@pytest.mark.parametrize("text", ["", "\n# только примечание\n", "- список\n", "слово", "12", "~"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    assert "пуст или не таблица" in refusal(tmp_path, text)


@pytest.mark.parametrize("format_", ["sigex-access-order/2", "sigex-access-order/1 ", 1, None])
def test_another_format_is_refused_with_the_one_understood(tmp_path: Path, format_: Any) -> None:
    assert "sigex-access-order/1" in refusal(tmp_path, format=format_)


# -- YAML's own traps


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    """YAML would keep the last one without a word."""
    text = yaml_of(tmp_path) + "probe_document: 0000000000000000\n"
    assert "«probe_document» указан дважды" in refusal(tmp_path, text)


def test_a_key_given_twice_deep_inside_is_refused(tmp_path: Path) -> None:
    text = yaml_of(tmp_path).replace(
        "documentsAccess: granted", "documentsAccess: granted\n  documentsAccess: leave"
    )
    assert "«documentsAccess» указан дважды" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.getcwd []", "!!python/name:os.system", "!secret x"],
)
def test_tags_that_build_objects_are_refused(tmp_path: Path, tag: str) -> None:
    assert "не YAML" in refusal(tmp_path, yaml_of(tmp_path) + f"extra: {tag}\n")


def test_aliases_that_multiply_are_not_spelled_out(tmp_path: Path) -> None:
    """A few lines of aliases mean gigabytes once somebody prints them; here 10^5 words."""
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 6)
    )
    refusal(tmp_path, bomb + "format: *a5\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("? [a, b]\n: c\n", id="a list as a key"),
        pytest.param("? {a: b}\n: c\n", id="a table as a key"),
        pytest.param("[" * 1200, id="endless depth"),
        pytest.param("a: b: c\n", id="two colons"),
        pytest.param("a: \x00\n", id="a zero byte"),
        pytest.param("%TAG ! x\n", id="a broken directive"),
    ],
)
def test_broken_yaml_is_an_order_error(tmp_path: Path, text: str) -> None:
    assert "order.yaml" in refusal(tmp_path, text)


def test_a_table_within_itself_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path, "&a\nformat: sigex-access-order/1\norganisation: *a\n")


# -- keys and values


@pytest.mark.parametrize("where", ["", "organisation", "information_system", "sign_in"])
def test_an_unknown_key_is_named(tmp_path: Path, where: str) -> None:
    tree = order_tree(tmp_path)
    (tree[where] if where else tree)["opisanie"] = "x"
    said = refusal(tmp_path, json.dumps(tree, ensure_ascii=False))
    assert "неизвестный ключ" in said
    assert "opisanie»" in said


@pytest.mark.parametrize("key", ["organisation", "information_system", "access", "sign_in"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    assert f"нет обязательного ключа «{key}»" in refusal(tmp_path, **{key: None})


def test_a_misspelt_key_outranks_the_one_it_leaves_missing(tmp_path: Path) -> None:
    tree = order_tree(tmp_path)
    tree["organization"] = tree.pop("organisation")
    assert "«organization»" in refusal(tmp_path, json.dumps(tree))


@pytest.mark.parametrize("number", ["200240002381", "000000000101", "2.0024e+11", "0x2E9F4D1F4D"])
def test_an_unquoted_bin_is_refused_with_the_reason(tmp_path: Path, number: str) -> None:
    """YAML takes 000000000101 for the octal number 65."""
    text = yaml_of(tmp_path, without="organisation") + f"organisation:\n  bin: {number}\n"
    assert "кавычки" in refusal(tmp_path, text)


@pytest.mark.parametrize("text", ["112233445566", "20024000238", "", "БИН"])
def test_a_bad_bin_is_refused(tmp_path: Path, text: str) -> None:
    said = refusal(tmp_path, organisation={"bin": text})
    assert "organisation.bin" in said
    assert "БИН" in said


@pytest.mark.parametrize("block", AccessBlock)
def test_all_four_blocks_are_demanded(tmp_path: Path, block: AccessBlock) -> None:
    """Silence about a block could mean «leave» or «revoke»; the order has to say."""
    access = {name.value: "leave" for name in AccessBlock if name is not block}
    assert block.value in refusal(tmp_path, access=access)


@pytest.mark.parametrize("wish", ["grant", "GRANTED", True, None, 1])
def test_a_wish_is_one_of_three_words(tmp_path: Path, wish: Any) -> None:
    access = {name.value: "leave" for name in AccessBlock} | {"documentsList": wish}
    said = refusal(tmp_path, access=access)
    assert "access.documentsList" in said
    assert "granted" in said


def test_a_block_that_the_guide_does_not_know_is_refused(tmp_path: Path) -> None:
    access = {name.value: "leave" for name in AccessBlock} | {"packagesAccess": "granted"}
    assert "packagesAccess" in refusal(tmp_path, access=access)


@pytest.mark.parametrize("document", ["short", "1jpAOexzXjfy8s1Я", "../../../etc/pass", "x" * 17])
def test_a_document_is_named_by_sixteen_letters_and_digits(tmp_path: Path, document: str) -> None:
    """It becomes part of an address."""
    assert "probe_document" in refusal(tmp_path, probe_document=document)


def test_an_empty_description_is_refused(tmp_path: Path) -> None:
    system = {"description": "", "certificate": "system.pem"}
    assert "description" in refusal(tmp_path, information_system=system)


def test_the_control_system_must_be_another_key(tmp_path: Path) -> None:
    same = {"description": CONTROL, "certificate": "system.pem"}
    assert "один и тот же ключ" in refusal(tmp_path, control_system=same)


# -- files that an order names


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("certificate", "absent.pem"),
        ("certificate", "."),
        ("key", "absent.key"),
        ("certificate", "zero\0byte.pem"),
        ("certificate", "x" * 300),
        ("certificate", ""),
        ("key", ""),
    ],
    ids=["absent", "folder", "absent key", "zero byte", "too long", "empty", "empty key"],
)
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, key: str, value: str) -> None:
    system = {"description": SYSTEM, "certificate": "system.pem", key: value}
    assert key in refusal(tmp_path, information_system=system, control_system=None)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    system = {"description": SYSTEM, "certificate": "absent.pem"}
    said = refusal(tmp_path, information_system=system)
    assert str((tmp_path / "absent.pem").resolve()) in said


@pytest.mark.parametrize("who", ["information_system", "control_system"])
def test_a_certificate_that_is_none_is_refused_at_the_door(tmp_path: Path, who: str) -> None:
    """Later it would break a run that has begun, or the pack of one that has ended."""
    (tmp_path / "text.pem").write_text("not a certificate", encoding="utf-8")
    system = {"description": "Любая", "certificate": "text.pem"}
    changes: dict[str, Any] = {who: system}
    assert "ертификат" in refusal(tmp_path, **changes)


def test_a_certificate_that_is_none_is_refused_without_a_control_system(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("not a certificate", encoding="utf-8")
    system = {"description": SYSTEM, "certificate": "text.pem"}
    assert "ертификат" in refusal(tmp_path, information_system=system, control_system=None)


def test_a_place_is_filled_in(tmp_path: Path) -> None:
    tree = order_tree(tmp_path)
    tree["information_system"]["certificate"] = "${KEYS}/system.pem"
    order = parse_order(
        json.dumps(tree), path=tmp_path / "order.yaml", places={"KEYS": str(tmp_path)}
    )
    assert order.information_system.certificate == (tmp_path / "system.pem").resolve()


def test_the_environment_serves_and_places_outrank_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGEX_TEST_KEYS", str(tmp_path))
    tree = order_tree(tmp_path)
    tree["information_system"]["certificate"] = "${SIGEX_TEST_KEYS}/system.pem"
    text, path = json.dumps(tree), tmp_path / "order.yaml"
    assert parse_order(text, path=path).information_system.certificate.name == "system.pem"
    with pytest.raises(OrderError, match="nowhere"):
        parse_order(text, path=path, places={"SIGEX_TEST_KEYS": str(tmp_path / "nowhere")})


def test_an_unset_place_is_named(tmp_path: Path) -> None:
    system = {"description": SYSTEM, "certificate": "${SIGEX_NOWHERE}/system.pem"}
    assert "SIGEX_NOWHERE не задана" in refusal(tmp_path, information_system=system)


def test_the_emulators_place_explains_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMULATOR", raising=False)
    said = refusal(tmp_path, sample_order())
    assert "EMULATOR" in said
    assert "--target" in said


def test_places_are_for_paths_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise an order could carry any variable of the operator's into the record."""
    monkeypatch.setenv("SIGEX_TEST_SECRET", PASSWORD)
    system = {"description": "${SIGEX_TEST_SECRET}", "certificate": "system.pem"}
    order = make_order(tmp_path, information_system=system)
    assert order.information_system.description == "${SIGEX_TEST_SECRET}"


# -- secrets


def test_a_password_that_is_not_there_is_told_by_its_place_in_the_order() -> None:
    with pytest.raises(
        UsageError, match=r"sign_in\.password не найден.* SIGEX_TEST_NOT_SET не задана"
    ):
        Secret(env="SIGEX_TEST_NOT_SET").read()


def test_a_persons_number_in_place_of_a_bin_is_refused_and_not_repeated(tmp_path: Path) -> None:
    iin = "900101300126"
    told = refusal(tmp_path, organisation={"bin": iin})
    assert "пятая цифра БИН" in told
    assert iin not in told


@pytest.mark.parametrize("password", [{}, {"env": "A", "file": "employee.password"}])
def test_a_password_has_exactly_one_source(tmp_path: Path, password: dict[str, str]) -> None:
    sign_in = {"method": "pkcs12", "key_file": "employee.p12", "password": password}
    assert "ровно одно" in refusal(tmp_path, sign_in=sign_in)


@pytest.mark.parametrize(
    "line",
    [
        f"password: {PASSWORD}",
        f"password: {{text: {PASSWORD}}}",
        f"password: [{PASSWORD}]",
        f"password: {{env: {{x: {PASSWORD}}}}}",
        f"password: {PASSWORD}: x",
        f"password: {{file: {PASSWORD}}}",
        f"password: {{file: '${{NOT_SET}}{PASSWORD}'}}",
        f"password: {{{PASSWORD}}}",
        f'password: "{PASSWORD}',
        f"password: &{PASSWORD}",
        f"password: {{env: A}}\n  password: {PASSWORD}",
        f"password: !{PASSWORD} x",
        f"password: {PASSWORD}\n   deeper: x",
    ],
)
def test_a_password_written_into_the_order_is_never_repeated(tmp_path: Path, line: str) -> None:
    """The mistake will be made; messages end up in logs and in notebooks."""
    text = yaml_of(tmp_path, without="sign_in")
    text += f"sign_in:\n  method: pkcs12\n  key_file: employee.p12\n  {line}\n"
    assert PASSWORD not in refusal(tmp_path, text)


def test_an_order_holds_no_password(tmp_path: Path) -> None:
    (order := make_order(tmp_path)).model_dump_json()
    assert isinstance(order, Order)
    assert isinstance(order.sign_in, Pkcs12SignIn)
    assert order.sign_in.password.read() == "secret"
    assert "secret" not in order.model_dump_json()
    assert "secret" not in repr(order)


def test_a_key_is_opened_only_where_it_tells_certificates_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To check an RSA key takes a twentieth of a second, and a batch names thousands."""
    opened: list[bytes] = []

    def note(data: bytes) -> PrivateKey:
        opened.append(data)
        return private_key_in(data)

    monkeypatch.setattr("sigex_runbook.core.order.private_key_in", note)
    assert make_order(tmp_path).information_system.fingerprint == known_pair(SYSTEM).fingerprint
    assert opened == []
    both = f"{known_pair(CONTROL).pem}{known_pair(SYSTEM).pem}"
    (tmp_path / "both.pem").write_text(both, encoding="ascii")
    system = {"description": SYSTEM, "certificate": "both.pem", "key": "system.key"}
    order = make_order(tmp_path, information_system=system)
    assert order.information_system.fingerprint == known_pair(SYSTEM).fingerprint
    assert opened == [known_pair(SYSTEM).key_pem.encode()]
