"""The folder of a probe: a page for people, everything as JSON, the proposed file of locators."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sigex_runbook.site.reading.drift import ROLE_WORDS
from sigex_runbook.site.reading.locators import NONE, Overrides

from .findings import STATE_WORDS, Finding, Probed, Proposal, State
from .locator_file import count_words, locator_file
from .unknowns import FACTS

FORMAT = "sigex-probe/1"
_LOOKS = {State.FOUND: "good", State.DOUBLED: "half", State.HIDDEN: "half", State.MISSING: "bad",
          State.NOT_REACHED: "idle"}  # fmt: skip


def write(probed: Probed, told: Overrides, outputs: Path) -> Path:
    """Write the folder of a probe, for this user alone; the answer is its path. Raises OSError."""
    folder = outputs / probed.run_id
    outputs.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    proposed = locator_file(told, probed)
    for name, text in (
        ("locators.yaml", proposed),
        ("probe.json", json.dumps(as_json(probed), ensure_ascii=False, indent=2) + "\n"),
        ("index.html", _page(probed, proposed, begun_with=told != NONE)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def as_json(probed: Probed) -> dict[str, Any]:
    """Everything that was found, without the pictures."""
    return {
        "format": FORMAT,
        "run_id": probed.run_id,
        "target": probed.target,
        "began": probed.began,
        "recognised": probed.recognised,
        "settings_unchanged": probed.unchanged,
        "refused_requests": list(probed.refused),
        "callouts": [_callout(one) for one in probed.findings],
        "pointers": [_pointer(one) for one in probed.proposals],
        "unknowns": [
            {
                "sigex_facts": f"6.{one.number}",
                "question": one.question,
                "seen": bool(one.seen),
                "facts": one.seen,
            }
            for one in probed.learnt
        ],
        "notes": list(probed.notes),
    }


def _callout(one: Finding) -> dict[str, Any]:
    told = asdict(replace(one, picture=None, proposal=None))
    del told["picture"], told["proposal"]
    pointer = one.proposal.place.key if one.proposal else None
    return {"callout": one.callout, "control": one.control, **told, "pointer": pointer}


def _pointer(one: Proposal) -> dict[str, Any]:
    return {
        "place": one.place.key,
        "pointer": one.pointer.model_dump(exclude_none=True),
        "what": one.what,
        "firmness": one.firmness,
        "proof": one.proof,
        "by_person": one.by_person,
        "again_after_reload": one.again,
        "used": one.used,
    }


def _page(probed: Probed, proposed: str, *, begun_with: bool) -> str:
    """One file that loads nothing and runs nothing; `proposed` is the text of the file of locators,
    `begun_with` tells whether there was one to begin with."""
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
