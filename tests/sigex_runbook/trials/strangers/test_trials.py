"""Trials on strangers' sites: the judge fires at whoever presses a wrong box, saved or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sigex_emulator import Emulator
from sigex_runbook.core.order import Order
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.trials.attempts import try_all
from sigex_runbook.trials.strangers import Finding, Style, Trial, compose, tally_by_part, try_style
from sigex_runbook.trials.strangers.laboratory import Laboratory
from sigex_runbook.trials.strangers.trials import BAD, Witnessed, judge

from .insider import PASSED, Insider, insider, perform_as_insider, site_with

STOPPED = Verdict(VerdictKind.FAILED, ("блок не найден",), 4, 5)
LOST = Verdict(VerdictKind.FAILED, ("что-то не так",), 1)
CLEAN = Witnessed((), 0, done=False, untouched=True)
DONE = Witnessed((), 0, done=True, untouched=False)


@pytest.mark.parametrize(
    ("verdict", "seen", "finding"),
    [
        (PASSED, DONE, Finding.PASSED),
        (PASSED, CLEAN, Finding.FALSE_PASS),
        (STOPPED, CLEAN, Finding.STOPPED),
        (LOST, CLEAN, Finding.UNPLACED),
        (STOPPED, DONE, Finding.FALSE_ALARM),
        (STOPPED, Witnessed(("x",), 0, done=False, untouched=True), Finding.WRONG_TICK),
        (PASSED, Witnessed(("x",), 0, done=True, untouched=False), Finding.WRONG_TICK),
        (PASSED, Witnessed((), 1, done=True, untouched=False), Finding.WRONG_TICK),
    ],
)
def test_what_was_said_is_compared_with_what_was_seen(
    verdict: Verdict, seen: Witnessed, finding: Finding
) -> None:
    assert judge(verdict, seen) is finding


# -- performers that do wrong, on a real site


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory() as running:
        yield running


STYLE = site_with(
    decoy="both",
    employees="boxes",
    certificates="boxes",
    way="anchor",
    list_order="systems_between",
    save_state="always",
)
OWN = STYLE.arrangement.ordered
OTHER = STYLE.arrangement.control


def decoy(visitor: Insider) -> None:
    """The one who is called like the information system, in the list before its own."""
    body = visitor.body("documentsAccess")
    names = visitor.page.get_by_text(STYLE.arrangement.systems[OWN], exact=True)
    visitor.press(visitor.control("box", visitor.control("row", body).filter(has=names).first))


def other_system(visitor: Insider) -> None:
    visitor.set_tick("documentsAccess", OTHER, True)


def taken_back(visitor: Insider) -> None:
    other_system(visitor)
    visitor.set_tick("documentsAccess", OTHER, False)


def other_section(visitor: Insider) -> None:
    visitor.page.get_by_text("Отключить").first.click()


def saved(visitor: Insider) -> None:
    other_system(visitor)
    visitor.save()


def saved_unseen(visitor: Insider) -> None:
    """Past every box: only what is stored gives it away."""
    visitor.page.evaluate(
        """async (place) => {
          const path = "/api/organizationSettings";
          const settings = await (await fetch(path)).json();
          settings.packagesList.tlsCertificatesIndices.push(place);
          await fetch(path, { method: "POST", body: JSON.stringify(settings) });
        }""",
        OTHER,
    )


@pytest.mark.parametrize(
    ("deed", "pressed"),
    [
        (decoy, ["documentsAccess: employees IIN770101300012 on"]),
        (other_system, [f"documentsAccess: systems {OTHER} on"]),
        (taken_back, [f"documentsAccess: systems {OTHER} {way}" for way in ("on", "off")]),
        (other_section, ["certificates: disable 0 on"]),
        (saved, [f"documentsAccess: systems {OTHER} on"]),
        (saved_unseen, []),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_wrong_deed_is_found_whatever_is_said(
    laboratory: Laboratory, deed: Callable[[Insider], None], pressed: list[str]
) -> None:
    def performer(emulator: Emulator, order: Order) -> Verdict:
        with insider(STYLE, emulator, order) as visitor:
            visitor.sign_in()
            visitor.open_access_control()
            deed(visitor)
        return STOPPED

    ended = laboratory.attempt(STYLE, performer)
    assert ended.finding is Finding.WRONG_TICK, ended.message
    assert list(ended.wrong) == pressed


def test_the_next_run_does_not_inherit_a_wrong_tick(laboratory: Laboratory) -> None:
    ended = laboratory.attempt(STYLE, lambda *_: STOPPED)
    assert (ended.finding, ended.wrong) == (Finding.STOPPED, ())
    assert ended.reported == "раздел 4, выноска (5)"


def test_a_pass_without_a_deed_is_no_pass(laboratory: Laboratory) -> None:
    assert laboratory.attempt(STYLE, lambda *_: PASSED).finding is Finding.FALSE_PASS


def test_a_right_save_that_is_called_a_failure_is_a_false_alarm(laboratory: Laboratory) -> None:
    def performer(emulator: Emulator, order: Order) -> Verdict:
        perform_as_insider(STYLE, emulator, order)
        return STOPPED

    assert laboratory.attempt(STYLE, performer).finding is Finding.FALSE_ALARM


def test_a_program_that_breaks_is_a_finding_too(laboratory: Laboratory) -> None:
    def performer(*_: object) -> Verdict:
        raise KeyError("что-то")

    ended = laboratory.attempt(STYLE, performer)
    assert (ended.finding, ended.message) == (Finding.BROKE, "KeyError: 'что-то'")


def test_the_runbook_itself_is_tried_in_a_process_of_its_own() -> None:
    (ended,) = try_all([compose(1, 1)], try_style, workers=1)
    assert ended.finding not in BAD, ended
    assert ended.style == compose(1, 1)


# -- counting


def trial(number: int, finding: Finding) -> Trial:
    return Trial(compose(1, number), finding, "раздел 4", "что прочтёт оператор", (), 1.0)


def test_every_run_is_counted_once_in_each_part() -> None:
    trials = [trial(n, Finding.PASSED if n % 2 else Finding.STOPPED) for n in range(1, 21)]
    tallies = list(tally_by_part(trials))
    for part in {one.part for one in tallies}:
        found = [f for one in tallies if one.part == part for f in one.findings]
        assert (len(found), found.count(Finding.PASSED)) == (20, 10)
    assert all(one.findings for one in tallies)


def having(part: str, value: str) -> Style:
    return next(s for s in (compose(1, n) for n in range(1, 200)) if s.value(part) == value)


def test_a_part_is_counted_by_its_value() -> None:
    plain, strange = having("box", "native"), having("box", "role_switch")
    ended = [
        Trial(plain, Finding.PASSED, "", "", (), 1.0),
        Trial(strange, Finding.STOPPED, "", "", (), 1.0),
    ]
    counted = {one.value: one.findings for one in tally_by_part(ended) if one.part == "box"}
    assert counted == {"native": (Finding.PASSED,), "role_switch": (Finding.STOPPED,)}
