"""The plan: what the settings are, what they shall be, and which ticks lead there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .access import UNREADABLE, AccessBlock, AccessSettings, Difference, differences
from .errors import RunFailed
from .given.letters import folded, unlike
from .guide import load_guide
from .order import Wish
from .organisation import Bin
from .record import Act

_SAVING = 8
"""The section that saves: it presses nothing when no section before it did."""


class WantedOrganisation(Protocol):
    """Whose settings are meant."""

    @property
    def bin(self) -> Bin:
        """Its BIN."""


class WantedSystem(Protocol):
    """An information system by what identifies it."""

    @property
    def description(self) -> str:
        """As the screen shows it."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its public key, hex."""


class Wanted(Protocol):
    """What a plan needs of an order: of the file, or of the record of one in a pack."""

    @property
    def organisation(self) -> WantedOrganisation:
        """Whose settings are changed."""

    @property
    def information_system(self) -> WantedSystem:
        """Who gets access, or loses it."""

    @property
    def control_system(self) -> WantedSystem | None:
        """Who must stay refused."""

    @property
    def access(self) -> Mapping[AccessBlock, Wish]:
        """The wish for each block."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Before, expected, and the place of the information system in the organisation's list."""

    before: AccessSettings
    expected: AccessSettings
    index: int
    control_index: int | None

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What will move."""
        return differences(self.before, self.expected)

    @property
    def nothing_to_do(self) -> bool:
        """Whether the ordered state already holds: a valid outcome."""
        return not self.changes

    @property
    def acts(self) -> dict[int, Act]:
        """What is to be done in the guide's sections 4 to 8; the others know one way only."""
        found = {_section(block): self._act(block) for block in AccessBlock}
        return {**found, _SAVING: Act.KEEP if self.nothing_to_do else Act.GRANT}

    def _act(self, block: AccessBlock) -> Act:
        if self.before.granted(block, self.index) == self.wanted(block):
            return Act.KEEP
        return Act.GRANT if self.wanted(block) else Act.REVOKE

    def wanted(self, block: AccessBlock) -> bool:
        """Whether the tick of that block shall be set in the end."""
        return self.expected.granted(block, self.index)


def ordered_acts(access: Mapping[AccessBlock, Wish]) -> dict[int, Act]:
    """What the order alone lets expect, before anybody has read the settings; see `Plan.acts`."""
    wished = {Wish.GRANTED: Act.GRANT, Wish.REVOKED: Act.REVOKE, Wish.LEAVE: Act.KEEP}
    found = {_section(block): wished[access[block]] for block in AccessBlock}
    idle = set(found.values()) == {Act.KEEP}
    return {**found, _SAVING: Act.KEEP if idle else Act.GRANT}


def _section(block: AccessBlock) -> int:
    return load_guide().section_for(block).number


def make_plan(before: AccessSettings, order: Wanted) -> Plan:
    """Compute `expected` from the settings as they are and the order.

    Raises RunFailed when these are another organisation's settings, and when the ordered
    information system is not in the organisation's list, is there twice, is switched off, or
    carries another description than ordered.
    """
    ordered = order.organisation.bin.subject_id
    if before.business_id is not None and before.business_id != ordered:
        raise RunFailed(
            f"Сервис показал настройки организации {before.business_id}, а заказ — для {ordered}. "
            "Ничего не изменено; проверьте, чей сертификат использован."
        )
    index = find_system(before, order.information_system)
    if before.disabled(index) and Wish.GRANTED in order.access.values():
        raise RunFailed(
            f"Сертификат информационной системы «{order.information_system.description}» отключён "
            "в настройках организации: доступ не подействует. Включите сертификат и повторите."
        )
    expected = before
    for block, wish in order.access.items():
        if wish is not Wish.LEAVE:
            expected = expected.with_grant(block, index, wish is Wish.GRANTED)
    control = order.control_system
    return Plan(before, expected, index, find_system(before, control) if control else None)


def find_system(settings: AccessSettings, ordered: WantedSystem) -> int:
    """The one place where description AND public key are the ordered ones.

    The screen shows descriptions only, so a description that two entries share could lead the tick
    to the wrong information system: the run stops instead. Raises RunFailed.
    """
    name = ordered.description
    same_name = [i for i, s in enumerate(settings.systems) if folded(s.description) == folded(name)]
    same_key = settings.indices_of(ordered.fingerprint)
    if not same_name and not same_key:
        listed = ", ".join(f"«{s.description}»" for s in settings.systems) or "ни одной"
        raise RunFailed(
            f"Информационная система «{name}» не найдена в настройках организации "
            f"(есть: {listed}). {_twin(settings, name)}Добавьте её сертификат там или исправьте "
            "заказ."
        )
    if len(same_name) > 1:
        raise RunFailed(
            f"Описание «{folded(name)}» носят {len(same_name)} информационные системы: на экране "
            "их не отличить. Дайте им разные описания в настройках организации и повторите."
        )
    if len(same_key) > 1:
        raise RunFailed(
            f"Ключ информационной системы «{name}» записан в настройках {len(same_key)} раза. "
            "Уберите лишнюю запись и повторите."
        )
    if list(same_key) != same_name:
        raise RunFailed(
            f"Информационная система «{name}»: описание и сертификат заказа не сходятся с "
            f"настройками организации ({_found(settings, same_key, same_name)}). "
            f"{_twin(settings, name)}Проверьте сертификат и описание в заказе."
        )
    return same_name[0]


def _found(settings: AccessSettings, same_key: Sequence[int], same_name: Sequence[int]) -> str:
    if same_key:
        return f"этот ключ записан под описанием «{settings.systems[same_key[0]].description}»"
    if settings.systems[same_name[0]].fingerprint == UNREADABLE:
        return "сертификат, записанный под ним, не читается"
    return "под ним записан другой ключ"


def _twin(settings: AccessSettings, name: str) -> str:
    """The description that a reader takes for the ordered one, and how it differs."""
    for system in settings.systems:
        if letters := unlike(name, system.description):
            return f"Буквы похожи, но не те же: {letters[0]} в заказе, {letters[1]} в настройках. "
    return ""
