"""The browser's side of drift: a page's controls described, and those of concern measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import JSHandle, Locator, Page

from sigex_runbook.core.record import Box, Candidate, Drift, DriftKind

from .controls import Control, load_locators, other_ways, ways
from .drift import ControlSeen, Wanted, candidate, classify, place_of

_TELL = "({described, target, coveredBy}) => ({described, target, coveredBy})"
_MEASURE = """({found}, numbers) => {
  const drawn = (element) => {
    const box = element.getBoundingClientRect();
    const label = element.labels && element.labels[0];
    return label && (box.width < 6 || box.height < 6 || getComputedStyle(element).opacity === '0')
      ? label.getBoundingClientRect() : box;
  };
  const elements = numbers.map((number) => found[number]);
  if (elements.length) {
    elements[0].scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  }
  const seen = ({left, top, right, bottom}) => right > left && bottom > top
    && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return elements.map(drawn).map((box) =>
    seen(box) ? {x: box.left, y: box.top, width: box.width, height: box.height} : null);
}"""


def _nowhere() -> Mapping[str, Locator]:
    return {}


@dataclass(frozen=True, slots=True)
class Sought:
    """A control that is looked for: what the guide calls it, and how to know it.

    `words` fill the patterns of the locators; `expected` is the name that it should bear, from the
    locators unless it is given. `scope` is the part of the page that must hold it; `homes` gives,
    by their titles, parts in which a control like it is somebody else's.
    """

    control: Control
    phrase: str
    words: dict[str, str] = field(default_factory=dict)
    expected: str = ""
    scope: Locator | None = None
    homes: Callable[[], Mapping[str, Locator]] = _nowhere

    @property
    def wanted(self) -> Wanted:
        """As the pure rules want it."""
        return Wanted(
            self.phrase,
            self.expected or load_locators().controls[self.control].called or self.phrase,
            ways(self.control, self.words),
            other_ways(self.control, self.words),
        )


def missed(page: Page, sought: Sought) -> Drift:
    """What became of a control that does not resolve to one visible element."""
    wanted = sought.wanted
    drift = Drift(DriftKind.MISSING, wanted.control, wanted.expected, wanted.roles)
    try:
        survey, controls, _ = _describe(page, sought, None)
        finding = classify(wanted, controls)
        concerned = [controls[n] for n in finding.concerned]
        return replace(
            drift,
            kind=finding.kind,
            candidates=_measured(survey, wanted, finding.concerned, controls),
            place=place_of(concerned[0]) if finding.kind is DriftKind.MOVED else "",
        )
    except PlaywrightError:
        return drift  # the page is gone or being replaced: no more can be told


def unusable(
    page: Page, sought: Sought, control: Locator, kind: DriftKind | None = None
) -> Drift | None:
    """Why a control that was found cannot be used: covered, disabled, or as the caller says.

    None when the page does not tell.
    """
    wanted = sought.wanted
    try:
        survey, controls, told = _describe(page, sought, control)
        target = controls[told["target"]]
        if kind is None and not target.enabled:
            kind = DriftKind.DISABLED
        if kind is None and told["coveredBy"] is not None:
            kind = DriftKind.COVERED
        if kind is None:
            return None
        return Drift(
            kind,
            wanted.control,
            wanted.expected,
            wanted.roles,
            candidates=_measured(survey, wanted, [told["target"]], controls),
            cover=told["coveredBy"] or "",
        )
    except PlaywrightError:
        return None


@cache
def _script() -> str:
    return files(__package__).joinpath("survey.js").read_text(encoding="utf-8")


def _describe(
    page: Page, sought: Sought, control: Locator | None
) -> tuple[JSHandle, list[ControlSeen], Any]:
    homes = sought.homes()
    found = {title: one for title, part in homes.items() for one in part.element_handles()[:1]}
    scope = sought.scope.element_handles()[:1] if sought.scope is not None else []
    target = control.element_handle() if control is not None else None
    survey = page.evaluate_handle(
        _script(), [scope[0] if scope else None, list(found.values()), target]
    )
    told = survey.evaluate(_TELL)
    titles = list(found)
    controls = [
        ControlSeen(
            **{
                **seen,
                "landmarks": tuple(seen["landmarks"]),
                "home": titles[seen["home"]] if seen["home"] >= 0 else None,
            }
        )
        for seen in told["described"]
    ]
    return survey, controls, told


def _measured(
    survey: JSHandle, wanted: Wanted, numbers: Sequence[int], controls: Sequence[ControlSeen]
) -> tuple[Candidate, ...]:
    boxes = survey.evaluate(_MEASURE, list(numbers))
    return tuple(
        replace(candidate(wanted, controls[n]), box=Box(**box) if box else None)
        for n, box in zip(numbers, boxes, strict=True)
    )
