"""`index.html` of a probe: one file for people, which loads nothing and runs nothing."""

from __future__ import annotations

import base64
from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sigex_runbook.site.reading.drift import ROLE_WORDS

from .findings import STATE_WORDS, Probed, State
from .locator_file import count_words
from .unknowns import FACTS

_LOOKS = {State.FOUND: "good", State.DOUBLED: "half", State.HIDDEN: "half", State.MISSING: "bad",
          State.NOT_REACHED: "idle"}  # fmt: skip


def render(probed: Probed, proposed: str, *, begun_with: bool = False) -> str:
    """The page; `proposed` is the text of the file of locators, `begun_with` tells whether there
    was one to begin with."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_file("page.html.j2")).render(
        probed=probed,
        proposed=proposed,
        begun_with=begun_with,
        counted=count_words(probed),
        used=sum(one.used for one in probed.proposals),
        style=Markup(_file("style.css")),  # noqa: S704 - the package's own file
        facts=FACTS,
        looks=_LOOKS,
        words=STATE_WORDS,
        roles=ROLE_WORDS,
        began=f"{datetime.fromisoformat(probed.began):%Y-%m-%d %H:%M} UTC",
        pictures={one.callout: _inline(one.picture) for one in probed.findings},
    )


def _file(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


def _inline(png: bytes | None) -> str | None:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}" if png else None
