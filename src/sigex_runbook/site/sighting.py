"""What was seen at a callout: the picture, and where in it the control stands.

Nothing is drawn into the page: the box is measured, the picture taken, and the callout is drawn on
a copy later. Numbers of people are found in the same look, so that they can be covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from sigex_runbook.record import Box

_PERSON_NUMBERS = """
const personNumbers = (keep) => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const height = document.documentElement.clientHeight;
  const add = (rect) => {
    const x = Math.max(0, rect.left - 1), y = Math.max(0, rect.top - 1);
    const right = Math.min(width, rect.right + 1), bottom = Math.min(height, rect.bottom + 1);
    if (right > x && bottom > y) found.push({x, y, width: right - x, height: bottom - y});
  };
  const private_ = (text) => [...text.matchAll(/(?<!\\d)\\d{12}(?!\\d)/g)]
    .filter((match) => match[0] !== keep);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const match of private_(walker.currentNode.data)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, match.index);
      range.setEnd(walker.currentNode, match.index + match[0].length);
      for (const rect of range.getClientRects()) add(rect);
    }
  }
  for (const field of document.querySelectorAll('input, textarea, select')) {
    if (private_(field.value || '').length) add(field.getBoundingClientRect());
  }
  return found;
};
"""

LABEL_OF_UNSEEN = """(element) => {
  const drawn = element.getBoundingClientRect();
  const hidden = getComputedStyle(element).opacity === '0';
  const unseen = drawn.width < 6 || drawn.height < 6 || hidden;
  return (unseen && element.labels && element.labels[0]) || null;
}"""
"""The label of a styled checkbox: what a person sees and presses instead of the box itself."""

_LOOK = (
    "(element, [keep, heading]) => {\nconst labelOfUnseen = "
    + LABEL_OF_UNSEEN
    + ";"
    + _PERSON_NUMBERS
    + """
  const target = labelOfUnseen(element) || element;
  const inView = (rect) => rect.top >= 0 && rect.bottom <= innerHeight;
  target.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  if (heading && !inView(heading.getBoundingClientRect())) {
    const centred = scrollY;
    heading.scrollIntoView({block: 'start', inline: 'nearest', behavior: 'instant'});
    if (!inView(target.getBoundingClientRect())) scrollTo({top: centred, behavior: 'instant'});
  }
  const rect = target.getBoundingClientRect();
  const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
  const free = hit !== null && (target.contains(hit) || hit.contains(target));
  return {
    box: {x: rect.left, y: rect.top, width: rect.width, height: rect.height},
    covered: !free,
    width: innerWidth, height: innerHeight, title: document.title, masks: personNumbers(keep),
    there: element.isConnected,
  };
}"""
)

_LOOK_AROUND = (
    "(keep) => {"
    + _PERSON_NUMBERS
    + """
  return {width: innerWidth, height: innerHeight, title: document.title,
          masks: personNumbers(keep)};
}"""
)


_LOOKS = 3  # a page that draws itself anew may replace the control between finding and looking


@dataclass(frozen=True, slots=True)
class Sighting:
    """One picture of the view. `callout` and `box` are None for a view without a control.

    `png` may show numbers of people: cover the `masks` before it is stored anywhere.
    """

    png: bytes
    url: str
    title: str
    width: int
    height: int
    masks: tuple[Box, ...]
    callout: int | None = None
    box: Box | None = None


class CannotShow(Exception):
    """A control cannot be shown: something lies over it, or it is larger than the view."""

    def __init__(self, *, covered: bool) -> None:
        super().__init__("закрыто" if covered else "не помещается в окно")
        self.covered = covered


def look_at(
    page: Page,
    control: Locator,
    *,
    callout: int,
    keep: str,
    heading: Locator | None = None,
) -> Sighting:
    """Bring a control into view, with its heading where both fit, and take the picture.

    `keep` is the BIN that stays readable. Raises CannotShow.
    """
    for _ in range(_LOOKS):
        seen: dict[str, Any] = control.evaluate(
            _LOOK, [keep, heading.element_handle() if heading is not None else None]
        )
        if seen["there"]:
            break
    box = Box(**seen["box"])
    if seen["covered"]:
        raise CannotShow(covered=True)
    if not (
        0 <= box.x <= box.x + box.width <= seen["width"]
        and 0 <= box.y <= box.y + box.height <= seen["height"]
        and box.width > 0
        and box.height > 0
    ):
        raise CannotShow(covered=False)
    return Sighting(
        callout=callout,
        box=box,
        png=page.screenshot(),
        url=page.url,
        title=seen["title"],
        width=seen["width"],
        height=seen["height"],
        masks=tuple(Box(**mask) for mask in seen["masks"]),
    )


def look_around(page: Page, *, keep: str) -> Sighting:
    """The view as it stands, without a control: what was on the screen when something failed."""
    seen: dict[str, Any] = page.evaluate(_LOOK_AROUND, keep)
    return Sighting(
        png=page.screenshot(),
        url=page.url,
        title=seen["title"],
        width=seen["width"],
        height=seen["height"],
        masks=tuple(Box(**mask) for mask in seen["masks"]),
    )
