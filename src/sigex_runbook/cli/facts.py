"""`sigex-runbook facts`: what the emulator imitates of each known fact, and what it does not."""

from __future__ import annotations

import argparse
import json
from collections import Counter

NAME = "facts"
HELP = "показать, какие факты о SIGEX эмулятор воспроизводит"
EXAMPLES = (
    "facts",
    "facts --section 3.5 --state not-emulated",
)
EXIT_CODES = {0: "напечатано"}

_STATES = {
    "emulated": "воспроизведено",
    "inferred": "по нашему толкованию",
    "not-emulated": "не воспроизведено",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Filters, and a form for programs."""
    parser.add_argument(
        "--state",
        choices=tuple(_STATES),
        help="только в этом состоянии: " + ", ".join(f"{one} — {_STATES[one]}" for one in _STATES),
    )
    parser.add_argument(
        "--section", metavar="РАЗДЕЛ", help="только из этого раздела, например 3 или 3.5"
    )
    parser.add_argument("--json", action="store_true", help="напечатать как JSON")


def run(args: argparse.Namespace) -> int:
    """Print the rows asked for, then how many there are of each state."""
    from sigex_emulator.facts import facts
    from sigex_runbook.core.errors import UsageError

    sections = {one.section for one in facts()}
    sections |= {one.partition(".")[0] for one in sections}
    if args.section is not None and args.section not in sections:
        raise UsageError(
            f"--section: раздела «{args.section}» нет; есть {', '.join(sorted(sections))}"
        )
    rows = [
        one
        for one in facts()
        if args.state in {None, one.state}
        and args.section in {None, one.section, one.section.partition(".")[0]}
    ]
    if args.json:
        print(json.dumps([one.as_json() for one in rows], ensure_ascii=False, indent=2))
        return 0
    width = max((len(one.id) for one in rows), default=0)
    for one in rows:
        print(f"{one.id:{width}}  {one.mark:8}  {one.state:12}  {one.fact}")
        for more in (one.reason, ", ".join(one.switches)):
            if more:
                print(f"{'':{width}}  {'':8}  {'':12}  ({more})")
    found = Counter[str](one.state for one in rows)
    counted = ", ".join(f"{_STATES[one]} ({one}): {found[one]}" for one in _STATES)
    print(f"Всего: {len(rows)}; {counted}")
    return 0
