"""One browser context: opened for one employee, closed with everything in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

VIEW = {"width": 1280, "height": 800}
"""The view in CSS pixels; pictures have one pixel for each."""

_STILL = """
const still = new CSSStyleSheet();
still.replaceSync(`*, *::before, *::after {
  transition: none !important; animation: none !important; scroll-behavior: auto !important;
  caret-color: transparent !important;
}`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
"""

_LISTENING = """
const listens = window[Symbol.for("listens")] = new WeakSet();
const add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...rest) {
  const press = kind === "click" || kind === "mousedown" || kind === "pointerdown";
  if (press && this instanceof Element) listens.add(this);
  return add.call(this, kind, ...rest);
};
"""
"""Notes which elements listen to being pressed: such a one need not look like a button."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A context with its one page."""

    context: BrowserContext
    page: Page


@contextmanager
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh context in Russian and with motion stopped, so that no picture is half faded."""
    context = browser.new_context(
        viewport={"width": VIEW["width"], "height": VIEW["height"]},
        device_scale_factor=1,
        locale="ru-RU",
        reduced_motion="reduce",
        service_workers="block",
    )
    try:
        context.add_init_script(_STILL)
        context.add_init_script(_LISTENING)
        yield Visit(context, context.new_page())
    finally:
        context.close()
