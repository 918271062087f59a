"""The proposed file of locators: works as it is, and says of each pointer how sure it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from sigex_runbook.site.reading.locators import Overrides
from sigex_runbook.site.reading.locators_file import FORMAT

from .findings import STATE_WORDS, Probed, Proposal, State, with_pointers

_EXAMPLE = """\
# Вопросов страницы при чтении не видно: их задаёт сохранение. Если запуск остановится на вопросе,
# впишите ответ:
# answers:
#   - question: Сохранить изменения        # слова вопроса или /выражение/
#     answer: Сохранить                    # какую кнопку нажать; окну браузера: да или нет
"""


def locator_file(told: Overrides, probed: Probed) -> str:
    """The text of the file: what was `told` before, and pointers for what was not recognised."""
    used = [one for one in probed.proposals if one.used]
    body = plain(with_pointers(told, used))
    lines = [*_head(probed, len(used), told)]
    for part in ("controls", "blocks"):
        lines += _part(part, body.get(part, {}), used)
    lines += _left_out(probed)
    if answers := body.get("answers"):
        lines.append(yaml.safe_dump({"answers": answers}, allow_unicode=True).rstrip())
    return "\n".join([*lines, "", _EXAMPLE])


def plain(overrides: Overrides) -> dict[str, Any]:
    """What a file says, without what it leaves to the program."""
    body = overrides.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return {name: value for name, value in body.items() if value}


def _head(probed: Probed, used: int, told: Overrides) -> Iterator[str]:
    yield f"# Указания для --locators, составлены командой «sigex-runbook probe» ({probed.run_id})."
    yield f"# Страница: {probed.target}"
    yield f"format: {FORMAT}"
    if used:
        yield "# Указано только то, чего программа не узнала сама. Просмотрите перед запуском:"
        yield "# sigex-runbook run ЗАКАЗ --target АДРЕС --locators locators.yaml"
    elif plain(told):
        yield "# Здесь те указания, с которыми начата проверка; новых не прибавилось."
    elif probed.recognised:
        yield "# Все тринадцать выносок узнаны без указаний: этот файл ничего не меняет."
    else:
        yield "# Надёжных указаний не нашлось; что видно на странице, показано в index.html рядом."
    for one in probed.findings:
        clue = f": {one.clue}" if one.clue else ""
        yield f"#   ({one.callout}) {one.control} — {STATE_WORDS[one.state]}{clue}"
    yield ""


def _part(part: str, body: dict[str, Any], used: list[Proposal]) -> Iterator[str]:
    if not body:
        yield f"{part}: {{}}"
        return
    yield f"{part}:"
    for name, value in body.items():
        told = [one for one in used if one.place.key.split(".")[:2] == [part, name]]
        for one in told:
            yield from (f"  # {line}" for line in _words(one))
        text = yaml.safe_dump({name: value}, allow_unicode=True, sort_keys=False, width=1000)
        yield from (f"  {line}" for line in text.rstrip().splitlines())


def _left_out(probed: Probed) -> Iterator[str]:
    """Pointers that the file does not use, for a person who knows better."""
    for one in probed.proposals:
        if one.used:
            continue
        yield ""
        yield "# Не применяется: проверьте сами и уберите решётки, если это тот самый элемент."
        yield from (f"# {line}" for line in _words(one))
        body = plain(with_pointers(Overrides(), [one]))
        text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=1000)
        yield from (f"# {line}" for line in text.rstrip().splitlines())


def _words(one: Proposal) -> Iterator[str]:
    """What is pointed at, and how sure that is; in one line each, whatever the page holds."""
    yield f"{one.place.key}: {' '.join(one.what.split())}"
    if one.by_person:
        yield "указано человеком"
    sure = one.proof if one.proof and not one.by_person else ""
    sure = sure or ("" if one.by_person else "ближайшее похожее, нажатием не проверено")
    again = {
        True: "после перезагрузки находит тот же элемент",
        False: "после перезагрузки его НЕ находит",
        None: "после перезагрузки не проверено",
    }[one.again]
    yield "; ".join(filter(None, [" ".join(sure.split()), again, one.firmness]))


def count_words(probed: Probed) -> str:
    """How many of the callouts were recognised, for people."""
    found = sum(one.state is State.FOUND for one in probed.findings)
    return f"Узнано выносок: {found} из {len(probed.findings)}"
