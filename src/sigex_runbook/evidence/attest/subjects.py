"""The files under `evidence/`, found again and compared with what was sealed."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.files import Subject, looked_at, made_by_system, walk
from sigex_runbook.evidence.pack.layout import EVIDENCE

from .findings import Code, Fault, Finding

CRLF = (
    "CRLF вместо LF. Так делает git в Windows (core.autocrlf) и пересылка текстом: передавайте "
    "папку архивом"
)


def left_by_system(pack: Path, listed: Iterable[Subject]) -> tuple[str, ...]:
    """What Finder, Explorer and JupyterLab left where somebody looked: files of theirs that nobody
    sealed, in the pack's folder or in one that holds what was sealed."""
    names = {subject.name for subject in listed}
    folders = {EVIDENCE, *(name.rpartition("/")[0] for name in names)}
    beside = {
        child.name: child.is_file() and not child.is_symlink() for child in sorted(pack.iterdir())
    }
    inside = {
        name: regular
        for name, regular in walk(pack)
        if name not in names and looked_at(name) in folders
    }
    there = (beside | inside).items()
    return tuple(name for name, regular in there if regular and made_by_system(name))


def compare(
    pack: Path, listed: Iterable[Subject], system: Collection[str]
) -> tuple[list[Finding], dict[str, bytes]]:
    """Every difference between the sealed list and the folder, but the `system`'s own files; and
    the files that are as sealed.

    A file of another size is not read at all, so that nothing swollen is loaded, unless other line
    ends could account for it.
    """
    subjects = list(listed)
    findings = list(_bad_names(subjects))
    found = {n: r for n, r in walk(pack, empty_folders=True) if n not in system}
    findings += _twins(found, "на диске")
    sealed: dict[str, bytes] = {}
    names = {subject.name for subject in subjects}
    for subject in subjects:
        if subject.name not in found:
            lost = "файла нет" if subject.size else "файла нет; он пуст: так теряют их архиваторы"
            findings.append(Finding(Code.MISSING, subject.name, lost))
        elif not found[subject.name]:
            findings.append(
                Finding(Code.PATH, subject.name, "вместо файла — ссылка, папка или устройство")
            )
        else:
            try:
                sealed[subject.name] = _read(pack / subject.name, subject)
            except Fault as fault:
                findings.append(fault.at(subject.name))
    for name, regular in found.items():
        if name not in names:
            code = Code.EXTRA if regular or (pack / name).is_dir() else Code.PATH
            if (pack / name).is_symlink():
                code = Code.PATH
            findings.append(Finding(code, name, "этого в заверенном списке нет"))
    return findings, sealed


def _read(path: Path, subject: Subject) -> bytes:
    """The file as it was sealed. Raises Fault."""
    size = path.stat(follow_symlinks=False).st_size
    if size == subject.size:
        data = path.read_bytes()
        if sha256_hex(data) == subject.sha256:
            return data
    elif subject.size < size <= 2 * subject.size and (
        sha256_hex(with_unix_line_ends(path.read_bytes())) == subject.sha256
    ):
        raise Fault(Code.DIGEST, f"изменены одни концы строк: {CRLF}")
    raise Fault(Code.DIGEST, "содержимое не то")


def with_unix_line_ends(data: bytes) -> bytes:
    """The bytes with the line ends that everything is sealed with."""
    return data.replace(b"\r\n", b"\n")


def _bad_names(subjects: list[Subject]) -> Iterator[Finding]:
    """Names that would lead out of the folder, or mean another file elsewhere."""
    for subject in subjects:
        parts = subject.name.split("/")
        if (
            parts[0] != EVIDENCE
            or len(parts) == 1
            or any(part in ("", ".", "..") for part in parts)
            or any(c in subject.name for c in "\\:\0")
        ):
            yield Finding(Code.PATH, subject.name, "такой путь ведёт из папки evidence")
        elif unicodedata.normalize("NFC", subject.name) != subject.name:
            yield Finding(Code.PATH, subject.name, "имя записано не в форме NFC")
    names = [subject.name for subject in subjects]
    if names != sorted(names):
        yield Finding(Code.PATH, EVIDENCE, "заверенный список не по порядку")
    yield from _twins(names, "в заверенном списке")


def _twins(names: Iterable[str], where: str) -> Iterator[Finding]:
    counted = Counter(unicodedata.normalize("NFC", name).casefold() for name in names)
    for name, count in counted.items():
        if count > 1:
            yield Finding(Code.PATH, name, f"{where} это имя есть {count} раза в разном написании")
