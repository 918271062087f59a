"""Drift told: a page that changed, in the guide's words. Pure.

What was looked for, what is wrong with it, what on the page comes nearest, and what to do.
"""

from __future__ import annotations

from sigex_runbook.core.record import Box, Candidate, Drift, DriftKind

from .recognition import likeness
from .view import Seen

_FEMININE = frozenset({"галочка", "иконка", "кнопка", "ссылка"})
ROLE_WORDS = {
    "alert": "сообщение",
    "combobox": "список",
    "button": "кнопка",
    "checkbox": "галочка",
    "heading": "заголовок",
    "link": "ссылка",
    "menuitem": "пункт меню",
    "note": "примечание",
    "option": "вариант",
    "status": "сообщение",
    "switch": "переключатель",
    "tab": "вкладка",
    "text": "текст",
}
NEXT = (
    "Сверьте страницу с инструкцией; если это другой вид страницы, выполните «sigex-runbook "
    "probe»: она покажет, что видно на странице, и запишет файл для --locators, в котором элемент "
    "можно указать."
)


def candidate(expected: str, seen: Seen, box: Box | None) -> Candidate:
    """A control of the page that may be the one that is meant, or stands in its way."""
    return Candidate(seen.as_role, seen.name, likeness(expected, seen.name), box)


def sentence(drift: Drift, *, saved: bool) -> str:
    """A drift for the operator: what is wrong, what is near, what happened, what to do.

    `saved` says whether the run had pressed the save button before; the verdict tells the rest.
    """
    done = "" if saved else "Ничего не сохранено. "
    return f"{_wrong(drift)}. {done}{NEXT}"


def _wrong(drift: Drift) -> str:
    a = "а" if drift.control.partition(" ")[0] in _FEMININE else ""
    match drift.kind:
        case DriftKind.MISSING | DriftKind.RENAMED:
            return f"{drift.control} не найден{a}{_near(drift)}"
        case DriftKind.MOVED:
            where = f": {drift.place}" if drift.place else ""
            return f"{drift.control} стоит не на своём месте{where}"
        case DriftKind.DOUBLED:
            count = len(drift.candidates)
            ought = "должна быть одна" if a else "должен быть один"
            names = list(dict.fromkeys(one.name for one in drift.candidates if one.name))
            told = f" ({', '.join(f'«{name}»' for name in names)})" if len(names) > 1 else ""
            return f"{drift.control}: на странице таких {count}{told}, а {ought}"
        case DriftKind.HIDDEN:
            near = f"{_near(drift)}" if drift.candidates else ""
            return f"{drift.control} есть на странице, но не показан{a}{near}"
        case DriftKind.DISABLED:
            return f"{drift.control} не нажимается: на странице отключен{a}"
        case DriftKind.COVERED:
            cover = f" («{drift.cover}»)" if drift.cover else ""
            return f"{drift.control} закрыт{a} другим элементом{cover}, нажать нельзя"
        case DriftKind.OUT_OF_VIEW:
            return f"{drift.control} не помещается в окно целиком, на снимке не показать"


def _near(drift: Drift) -> str:
    names = list(
        dict.fromkeys(
            f"«{one.name}»"
            + ("" if one.role in drift.roles else f" ({ROLE_WORDS.get(one.role, one.role)})")
            for one in drift.candidates
        )
    )
    if not names:
        return "; похожего на странице нет"
    if drift.alike:
        return f"; похожие: {', '.join(names)}"
    return f"; похожего на странице нет, того же рода есть: {', '.join(names)}"
