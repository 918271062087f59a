"""Settings as pure values: grants move one index, and nothing else goes unnoticed."""

from __future__ import annotations

import copy
import hashlib
import shutil
import subprocess
from typing import Any

import pytest

from sigex_runbook.core.access import (
    ABSENT,
    AccessBlock,
    AccessSettings,
    Difference,
    common_differences,
    differences,
    same_settings,
    shown_by,
)
from sigex_runbook.core.access import key_fingerprint as fingerprint
from tests.builders import CONTROL, SYSTEM, block, entry, known_pair, settings, settings_body

BLOCK = AccessBlock.DOCUMENTS_LIST
LISTS = ("authorities", "tlsCertificatesIndices", "iins")


# -- keys


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_a_keys_fingerprint_is_the_one_that_openssl_computes() -> None:
    """An auditor must be able to compute the same number without this program."""
    pem = known_pair(SYSTEM).pem.encode()
    public = subprocess.run(
        ["openssl", "x509", "-noout", "-pubkey"], input=pem, capture_output=True, check=True
    )
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"],
        input=public.stdout,
        capture_output=True,
        check=True,
    )
    assert fingerprint(pem) == hashlib.sha256(der.stdout).hexdigest()


def test_text_and_bytes_have_one_fingerprint_and_keys_have_their_own() -> None:
    pem = known_pair(SYSTEM).pem
    assert fingerprint(pem) == fingerprint(pem.encode())
    assert fingerprint(pem) != fingerprint(known_pair(CONTROL).pem)


@pytest.mark.parametrize("text", ["", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        fingerprint(text)


# -- shapes


def without(key: str) -> dict[str, Any]:
    body = settings_body()
    del body[key]
    return body


def with_indices(value: Any) -> dict[str, Any]:
    return settings_body(**{BLOCK: {**block(), "tlsCertificatesIndices": value}})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param(
            {k: v for k, v in settings_body().items() if k not in list(AccessBlock)}, id="no block"
        ),
        pytest.param(settings_body(**dict.fromkeys(AccessBlock)), id="all blocks are null"),
        pytest.param(settings_body(tlsCertificatesList={}), id="list is an object"),
        pytest.param(settings_body(tlsCertificatesList=["pem"]), id="entry is a text"),
        pytest.param(
            settings_body(tlsCertificatesList=[{"body": known_pair(SYSTEM).pem}]),
            id="entry without description",
        ),
        pytest.param(
            settings_body(tlsCertificatesList=[{"description": SYSTEM}]), id="entry without body"
        ),
        pytest.param(settings_body(**{BLOCK: [0]}), id="block is a list"),
        pytest.param(settings_body(**{BLOCK: False}), id="block is a flag"),
        pytest.param(with_indices(0), id="indices are a number"),
        pytest.param(with_indices({"0": 0}), id="indices are an object"),
        pytest.param(with_indices(["0"]), id="index is a text"),
        pytest.param(with_indices([0.0]), id="index is a fraction"),
        pytest.param(with_indices([True]), id="index is a bool"),
        pytest.param(with_indices([2]), id="index past the end"),
        pytest.param(with_indices([-1]), id="negative index"),
    ],
)
def test_another_shape_is_refused_with_a_value_error(body: dict[str, Any]) -> None:
    """A wrong reading of the settings must stop the run, not be worked with."""
    with pytest.raises(ValueError, match=r"\S"):
        AccessSettings(body)


EMPTY_BLOCKS = [
    pytest.param(None, id="null"),
    pytest.param({}, id="an empty object"),
    pytest.param(dict.fromkeys(LISTS), id="null lists"),
    pytest.param({"iins": []}, id="one list"),
]


@pytest.mark.parametrize("empty", EMPTY_BLOCKS)
@pytest.mark.parametrize("name", [BLOCK, "packagesList"])
def test_an_empty_block_says_the_same_however_it_is_written(name: str, empty: Any) -> None:
    """sigex-facts 8: the service's encoder may write an empty list as null or not at all."""
    spoken = settings(**{name: {key: [] for key in LISTS}})
    for other in (settings(**{name: empty}), AccessSettings(without(name))):
        assert not other.granted(BLOCK, 0)
        assert differences(spoken, other) == differences(other, spoken) == ()
        assert same_settings(spoken, other)
        assert not same_settings(settings(**{name: block(0)}), other)


@pytest.mark.parametrize("empty", EMPTY_BLOCKS)
def test_what_is_empty_is_carried_along_as_it_came(empty: Any) -> None:
    assert settings(**{BLOCK: empty}).body == settings_body(**{BLOCK: empty})


@pytest.mark.parametrize("empty", EMPTY_BLOCKS)
def test_an_empty_block_can_be_granted(empty: Any) -> None:
    before = settings(**{BLOCK: empty})
    after = before.with_grant(BLOCK, 1, True)
    assert after.granted(BLOCK, 1)
    assert differences(before, after) == (Difference(f"{BLOCK}.tlsCertificatesIndices", [], [1]),)
    assert differences(before, after.with_grant(BLOCK, 1, False)) == ()


def test_an_organisation_without_systems_has_an_empty_list() -> None:
    spoken, null = settings(tlsCertificatesList=[]), settings(tlsCertificatesList=None)
    absent = AccessSettings(without("tlsCertificatesList"))
    assert null.systems == absent.systems == ()
    assert same_settings(spoken, null)
    assert same_settings(spoken, absent)


@pytest.mark.parametrize("empty", [None, {}, {"urls": None}, {"urls": []}])
def test_no_webhooks_say_the_same_however_they_are_written(empty: Any) -> None:
    absent = AccessSettings(without("webhooks"))
    assert same_settings(settings(webhooks=empty), absent)
    assert [d.path for d in differences(settings(), absent)] == ["webhooks.urls"]


@pytest.mark.parametrize("name", ["somethingNew", "dataArchiveContactEmail"])
def test_null_in_other_fields_is_a_value_of_its_own(name: str) -> None:
    """Only of lists do we know that they are empty then."""
    assert differences(settings(**{name: None}), settings(**{name: []}))


def test_unknown_fields_are_carried_along() -> None:
    """The service may add fields: they stay in the record and in the comparison."""
    body = settings_body(somethingNew={"deep": [1, {"er": None}]})
    assert AccessSettings(body).body == body


def test_settings_do_not_share_their_insides() -> None:
    """Changing what was given, or what was handed out, changes nothing within."""
    body = settings_body()
    made = AccessSettings(body)
    body[BLOCK]["tlsCertificatesIndices"].append(0)
    made.body[BLOCK]["tlsCertificatesIndices"].append(1)
    assert made.body == settings_body()


# -- grants


def test_systems_are_listed_with_their_keys_and_state() -> None:
    made = settings(tlsCertificatesList=[entry(SYSTEM), entry(CONTROL, disabled=True)])
    assert [s.description for s in made.systems] == [SYSTEM, CONTROL]
    assert made.indices_of(known_pair(CONTROL).fingerprint) == (1,)
    assert made.indices_of("0" * 64) == ()
    assert [made.disabled(0), made.disabled(1)] == [False, True]


def test_one_key_recorded_twice_is_found_twice() -> None:
    made = settings(tlsCertificatesList=[entry(SYSTEM), entry("Другое имя", pair=SYSTEM)])
    assert made.indices_of(known_pair(SYSTEM).fingerprint) == (0, 1)


@pytest.mark.parametrize("where", AccessBlock)
def test_a_grant_adds_one_index_to_one_block(where: AccessBlock) -> None:
    before = settings(**{where: block(1)})
    after = before.with_grant(where, 0, True)
    expected = settings_body(**{where: block(1, 0)})
    assert after.body == expected
    assert before.body == settings_body(**{where: block(1)})  # the input stays as it was


@pytest.mark.parametrize("wanted", [True, False])
def test_granting_twice_is_granting_once(wanted: bool) -> None:
    once = settings(**{BLOCK: block(0) if not wanted else block()}).with_grant(BLOCK, 0, wanted)
    assert once.with_grant(BLOCK, 0, wanted).body == once.body
    assert once.granted(BLOCK, 0) is wanted


def test_revoking_undoes_a_grant_and_leaves_others() -> None:
    before = settings(**{BLOCK: block(1)})
    again = before.with_grant(BLOCK, 0, True).with_grant(BLOCK, 0, False)
    assert again.body == before.body
    assert differences(before, again) == ()


def test_revoking_takes_away_every_repetition() -> None:
    after = settings(**{BLOCK: block(0, 1, 0)}).with_grant(BLOCK, 0, False)
    assert after.body[BLOCK]["tlsCertificatesIndices"] == [1]


# -- differences


def changed(path: str, value: Any) -> AccessSettings:
    """Settings with one leaf replaced; a number in the path is a place in a list."""
    body: Any = settings_body()
    *parents, last = path.split(".")
    holder = body
    for key in parents:
        holder = holder[int(key) if isinstance(holder, list) else key]
    holder[int(last) if isinstance(holder, list) else last] = value
    return AccessSettings(body)


@pytest.mark.parametrize(
    ("path", "value", "reported"),
    [
        ("packagesAccess.tlsCertificatesIndices", [0], "packagesAccess.tlsCertificatesIndices"),
        ("documentsAccess.authorities", [], "documentsAccess.authorities"),
        ("documentsAccess.iins", ["IIN850212400123"], "documentsAccess.iins"),
        ("webhooks.urls.0", "https://elsewhere.example/", "webhooks.urls"),
        ("dataArchiveEnabled", False, "dataArchiveEnabled"),
        ("dataArchiveContactEmail", "", "dataArchiveContactEmail"),
        ("tlsCertificatesList.1.disabled", True, "tlsCertificatesList"),
        ("tlsCertificatesList.0.settings.ddcLogoDisable", True, "tlsCertificatesList"),
        ("businessId", "BIN000740000728", "businessId"),
        ("somethingNew", 1, "somethingNew"),
    ],
)
def test_whatever_moves_is_reported(path: str, value: Any, reported: str) -> None:
    """«Nothing else moved» is about the WHOLE object, far beyond the four blocks."""
    assert [d.path for d in differences(settings(), changed(path, value))] == [reported]


def test_a_difference_tells_both_sides() -> None:
    found = differences(settings(), settings(**{BLOCK: block(1)}))
    assert found == (Difference("documentsList.tlsCertificatesIndices", [], [1]),)


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("documentsList.tlsCertificatesIndices", AccessBlock.DOCUMENTS_LIST),
        ("documentsList.iins", None),
        ("documentsList", None),
        ("packagesList.tlsCertificatesIndices", None),
    ],
)
def test_a_difference_of_ticks_knows_its_block(path: str, block: AccessBlock | None) -> None:
    assert Difference(path, [], [0]).ticked is block


def test_a_vanished_field_is_reported() -> None:
    after = AccessSettings(without("dataArchiveEnabled"))
    (found,) = differences(settings(), after)
    assert (found.path, found.after) == ("dataArchiveEnabled", ABSENT)


def test_a_field_that_says_it_is_absent_is_still_there() -> None:
    """The word that stands for an absent field may be a field's own text."""
    (found,) = differences(settings(somethingNew=ABSENT), settings())
    assert (found.path, found.before, found.after) == ("somethingNew", ABSENT, ABSENT)


@pytest.mark.parametrize("values", [[None, "a"], [{"x": 1}, "a"], [[1], [0]]])
def test_a_set_of_anything_is_compared(values: list[Any]) -> None:
    """A service that answers with more than texts must stop the run by what differs, not break
    the comparison after the settings have been saved."""
    before = settings(**{BLOCK: {**block(), "iins": values}})
    after = settings(**{BLOCK: {**block(), "iins": values[::-1] + values}})
    assert differences(before, after) == ()
    assert differences(before, settings())


def test_truth_and_number_are_two_members_of_a_set() -> None:
    one = settings(packagesList={**block(), "tlsCertificatesIndices": [1]})
    other = settings(packagesList={**block(), "tlsCertificatesIndices": [True]})
    assert [d.path for d in differences(one, other)] == ["packagesList.tlsCertificatesIndices"]


def test_differences_come_in_path_order() -> None:
    after = settings(dataArchiveEnabled=False, **{BLOCK: block(1)}, webhooks={"urls": []})
    paths = [d.path for d in differences(settings(), after)]
    assert paths == sorted(paths)
    assert len(paths) == 3


def test_what_two_places_tell_is_compared_where_both_tell_it() -> None:
    told = {k: v for k, v in settings_body().items() if k not in {"businessId", "modifiedAt"}}
    fewer = AccessSettings(told)
    assert differences(settings(), fewer)
    assert common_differences(settings(), fewer) == common_differences(fewer, settings()) == ()
    assert common_differences(settings(dataArchiveEnabled=False), fewer)
    lists = AccessSettings({k: v for k, v in told.items() if k != "packagesList"})
    assert [d.path for d in common_differences(lists, settings())] == [
        "packagesList.authorities",
        "packagesList.iins",
    ]


def test_what_moves_by_itself_is_not_compared() -> None:
    """`modifiedAt` moves at every save, the archive fills while one looks."""
    assert differences(settings(), settings(modifiedAt=1, dataArchiveUsage=999)) == ()


def test_order_within_a_set_does_not_count() -> None:
    """Authorities, indices and numbers are sets for the service (sigex-facts 3.4)."""
    before = settings(**{BLOCK: {**block(0, 1), "iins": ["IIN1", "IIN2"]}})
    after = copy.deepcopy(before.body)
    for key in ("authorities", "tlsCertificatesIndices", "iins"):
        after[BLOCK][key].reverse()
    assert differences(before, AccessSettings(after)) == ()


def test_a_repetition_within_a_set_does_not_count() -> None:
    """One match is enough, so [0, 0] and [0] are the same grant: a service that tidies up is no
    culprit."""
    assert differences(settings(**{BLOCK: block(0, 0)}), settings(**{BLOCK: block(0)})) == ()


@pytest.mark.parametrize(
    ("recorded", "same"),
    [
        ({}, True),
        ({"modifiedAt": 1, BLOCK: {"tlsCertificatesIndices": [1, 0, 1]}}, True),
        ({BLOCK: {"tlsCertificatesIndices": [1]}}, False),
        ({BLOCK: {}}, False),
        ({BLOCK: True}, False),
        ({BLOCK: None}, False),
        ({"businessId": None}, False),
        ({"message": "Access denied"}, False),
    ],
)
def test_a_record_keeps_less_than_the_settings_and_may_say_the_same(
    recorded: dict[str, Any], same: bool
) -> None:
    ticks: dict[str, Any] = {one.value: {"tlsCertificatesIndices": []} for one in AccessBlock}
    seen = settings(**{BLOCK: block(0, 1)})
    whole = {**ticks, BLOCK: {"tlsCertificatesIndices": [0, 1]}, "businessId": seen.business_id}
    assert shown_by(whole | recorded, seen) is same


def test_order_of_information_systems_does_count() -> None:
    """Indices point into that list: a reordered list moves every grant."""
    after = settings(tlsCertificatesList=[entry(CONTROL), entry(SYSTEM)])
    assert [d.path for d in differences(settings(), after)] == ["tlsCertificatesList"]


def test_truth_and_number_are_not_the_same_value() -> None:
    """Python takes True for 1; a service that answers otherwise than before is to be noticed."""
    assert differences(settings(dataArchiveEnabled=True), settings(dataArchiveEnabled=1))
