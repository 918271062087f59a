"""The population of a campaign beside its ledger and its packs: nobody twice, nobody left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sigex_runbook.evidence.attest.findings import Code, Finding, Note, Telling
from sigex_runbook.evidence.attest.ledger import BEGINNING, LEDGER, LOCK, EntryKind, Ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN, SET_ASIDE, holds
from sigex_runbook.evidence.attest.statement import ATTESTATION, CampaignStatement, State
from sigex_runbook.evidence.pack.disk import NEW
from sigex_runbook.evidence.pack.files import made_by_system
from sigex_runbook.evidence.pack.layout import PARTIAL
from sigex_runbook.evidence.pack.place import named_like_a_bin

from .many_packs import Run

_SEALS = (CAMPAIGN, CAMPAIGN_TOKEN)


def last_runs(ledger: Ledger, length: int | None = None) -> dict[str, tuple[str, str]]:
    """Each organisation's last run and its attestation, within the first `length` lines."""
    return {
        entry.organisation: (entry.run, entry.attestation)
        for entry in ledger.entries[:length]
        if entry.entry is EntryKind.RUN and entry.organisation and entry.run
    }


def on_disk(folder: Path, ledger: Ledger, packs: list[Run]) -> Telling[None]:
    """Packs that the ledger does not know, and its lines without a pack."""
    written = Counter(
        (e.organisation or "", e.run or "") for e in ledger.entries if e.entry is EntryKind.RUN
    )
    there = frozenset(packs)
    for (organisation, run), count in written.items():
        if count > 1:
            what = f"запуск {organisation}/{run} записан несколько раз: {count}"
            yield Finding(Code.LEDGER, LEDGER, what)
        if (organisation, run) not in there:
            if _promised(folder, ledger, organisation, run):
                yield Note(
                    f"Запуск {organisation}/{run} записан, но прерван до завершения: его "
                    "завершит следующий запуск или sigex-runbook stamp."
                )
            else:
                yield _wrong(organisation, f"пакета {run} из реестра нет на месте")
    for line in ledger.asides():
        yield Note(
            f"Запуск {line.organisation}/{line.run} окончен, но пакет его не заверен и отложен "
            f"({line.run}{PARTIAL}): доказательством он не служит. Почему, сказано при запуске."
        )
    for organisation, run in packs:
        if (folder / organisation / run).is_symlink():
            yield Finding(Code.PATH, f"{organisation}/{run}", "вместо папки запуска — ссылка")
        if (organisation, run) not in written:
            yield _wrong(organisation, f"пакета {run} нет в реестре")


def _promised(folder: Path, ledger: Ledger, organisation: str, run: str) -> bool:
    """Whether a killed process left this run under its other name: the last line alone can be of
    such a run, since whoever writes the next finishes it first."""
    last = ledger.entries[-1]
    partial = folder / organisation / f"{run}{PARTIAL}"
    return (last.organisation, last.run) == (organisation, run) and holds(
        partial / ATTESTATION, last.attestation
    )


def beside(folder: Path, packs: list[Run]) -> Iterator[Note]:
    """What lies in the folder without being sealed: no fault, but nobody checked it."""
    ours = {LEDGER, LOCK, *(f"{name}{end}" for name in _SEALS for end in ("", NEW))}
    there = frozenset(packs)
    homes = {child.name for child in folder.iterdir() if _is_home(child)}
    strange = {child.name for child in folder.iterdir()} - ours - homes
    strange |= {
        f"{home}/{child.name}{left_over(child)}"
        for home in homes
        for child in (folder / home).iterdir()
        if (home, child.name) not in there
    }
    system = {name for name in strange if made_by_system(name) and (folder / name).is_file()}
    strange -= system
    if system:
        yield Note(f"Файлы, которые сделала система: {', '.join(sorted(system))}.")
    if strange:
        yield Note(f"Рядом лежит не заверенное, оно не проверялось: {', '.join(sorted(strange))}.")


def left_over(draft: Path) -> str:
    """What a draft in a campaign is, in words in brackets; nothing for what is no draft."""
    if not (draft.name.endswith(PARTIAL) and draft.is_dir()):
        return ""
    if (draft / SET_ASIDE).is_file():
        return " (отложен)"
    if (draft / ATTESTATION).is_file():
        return " (прерван при заверении)"
    return " (идёт или оборван)"


def _is_home(folder: Path) -> bool:
    return named_like_a_bin(folder.name) and folder.is_dir() and not folder.is_symlink()


def members(statement: CampaignStatement, ledger: Ledger) -> Telling[bool]:
    """Whether the population is still whole: nothing ran after it was sealed. Every organisation
    must be in it once, with the last pack that the ledger had then."""
    named = Counter(member.organisation_bin for member in statement.population)
    for organisation, count in named.items():
        if count > 1:
            yield _wrong(organisation, f"в списке несколько раз: {count}")
    if list(named) != sorted(named):
        yield _wrong(CAMPAIGN, "список не по порядку номеров")
    if statement.length == 0:
        place = -1 if statement.head == BEGINNING else None
    else:
        place = ledger.place_of(statement.head)
    if place is None or place + 1 != statement.length:
        what = "строки, на которой кончался список, в реестре нет"
        yield Finding(Code.LEDGER_TRUNCATED, LEDGER, what)
        return True
    ran = last_runs(ledger, statement.length)
    population = {member.organisation_bin: member for member in statement.population}
    for organisation, packed in ran.items():
        member = population.get(organisation)
        if member is None:
            yield _wrong(organisation, "запуск был, а в списке её нет")
        elif (member.state, member.run_id, member.attestation) != (State.PACK, *packed):
            yield _wrong(organisation, "в списке не последний её пакет")
    for line in ledger.asides(statement.length):
        if line.organisation not in population:
            yield _wrong(line.organisation or "", "запуск был и отложен, а в списке её нет")
    for organisation, member in population.items():
        if member.state is State.PACK and organisation not in ran:
            yield _wrong(organisation, "в списке пакет, которого нет в реестре")
    ended = (EntryKind.RUN, EntryKind.ASIDE)
    if any(e.entry in ended for e in ledger.entries[statement.length :]):
        yield Note("После заверения списка были новые запуски: список неполон.")
        return False
    return True


def _wrong(organisation: str, what: str) -> Finding:
    return Finding(Code.POPULATION, organisation, what)
