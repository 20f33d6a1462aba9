"""Looks through every byte of a folder for values that must not be there.

Names of files and folders count like what is in them. A data key counts as it was
stored and as it is: whoever copied either has it, too. `gateway.audit.writings` tells
how a value may be written.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from gateway.audit.strangers import below, hidden, is_knowledge, is_own, is_shut
from gateway.audit.writings import SHORTEST, of_key, of_value

_PREFIX: Final = 3
_STRIDE: Final = 1 << 20
"""Bytes that are looked at together: a search takes some dozen times as many."""
_TOGETHER: Final = 50_000
"""Values and keys that are looked for together: each takes several thousand bytes."""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a search found: in how many files and bytes, and in which files.

    `named` are the folders where a file's or folder's name tells a value: such a name
    is not to be shown, and what bears it is in no other list. `closed` are files that
    cannot be looked into, and folders whose files cannot even be listed.
    """

    files: int
    bytes: int
    values: int
    left_out: int
    found: tuple[Path, ...]
    named: tuple[Path, ...]
    closed: tuple[Path, ...]


def search(
    folder: Path,
    values: Iterable[str],
    keys: Iterable[bytes] = (),
    *,
    key_ids: Collection[bytes] = (),
    among: Collection[Path] | None = None,
    stated: Collection[str] = (),
) -> Traces:
    """Look for values and keys below a folder; values themselves are never told.

    A copy of a log is found by `key_ids`, too, if it still has one of these keys.
    `among` are the files and folders to look at, all if it is None. Of the gateway's
    own files the names say nothing, and those of the knowledge base may hold what it
    has `stated`.
    """
    known = set(values)
    wanted = {each for each in known if len(each.encode()) >= SHORTEST}
    looked = _Looked(folder, sorted(below(folder) if among is None else among))
    for some in _portions([*wanted, *keys]):
        looked.look(some, stated)
    unnamed = [each for each in looked.entries if each not in looked.telling]
    others = (each for each in unnamed if not is_own(each.relative_to(folder)))
    opened = hidden(others, key_ids)
    found, closed = looked.found | {*opened.copies}, looked.closed | {*opened.closed}
    return Traces(
        files=len(looked.sizes),
        bytes=sum(looked.sizes.values()),
        values=len(wanted),
        left_out=len(known) - len(wanted),
        found=tuple(each for each in unnamed if each in found),
        named=tuple(sorted(set(looked.telling.values()))),
        closed=tuple(each for each in unnamed if each in closed),
    )


def _portions(sought: Sequence[str | bytes]) -> Iterator[Sequence[str | bytes]]:
    """Give what is looked for together: one portion at least, so that files count."""
    for start in range(0, max(1, len(sought)), _TOGETHER):
        yield sought[start : start + _TOGETHER]


class _Looked:
    """What was looked for by now, portion by portion, and what was found."""

    def __init__(self, folder: Path, entries: Sequence[Path]) -> None:
        self.entries = entries
        self.telling: dict[Path, Path] = {}  # the folder of the first name that tells
        self.found: set[Path] = set()
        self.closed: set[Path] = set()
        self.sizes: dict[Path, int] = {}
        self._folder = folder

    def look(self, some: Collection[str | bytes], stated: Collection[str]) -> None:
        """Look for values and keys in all names and files."""
        anywhere = _sought(some)
        unstated = [each for each in some if each not in stated]
        elsewhere = anywhere if len(unstated) == len(some) else _sought(unstated)
        for each in self.entries:
            if (place := _telling(self._folder, each, anywhere)) is not None:
                self.telling[each] = min(place, self.telling.get(each, place))
            base = is_knowledge(each.relative_to(self._folder))
            self._open(each, elsewhere if base else anywhere)

    def _open(self, path: Path, sought: "_Sought") -> None:
        if is_shut(path):
            self.closed.add(path)
        elif path.is_file():
            try:
                self._read(path, sought)
            except OSError:
                self.closed.add(path)

    def _read(self, file: Path, sought: "_Sought") -> None:
        with file.open("rb") as opened:
            self.sizes[file] = os.fstat(opened.fileno()).st_size
            end = b""
            while file not in self.found and (part := opened.read(_STRIDE)):
                content = end + part
                if sought.within(content):
                    self.found.add(file)
                end = content[max(0, len(content) - sought.longest) :]


class _Sought:
    """The byte strings that are looked for all at once."""

    def __init__(self, forms: Iterable[bytes]) -> None:
        self._forms = set(forms)
        self.longest = max(map(len, self._forms), default=0)
        self._lengths: defaultdict[int, set[int]] = defaultdict(set)
        for form in self._forms:
            prefix = int.from_bytes(form[:_PREFIX], "little")
            self._lengths[prefix].add(len(form))
        self._begins = np.zeros(1 << (8 * _PREFIX), dtype=np.bool_)
        self._begins[list(self._lengths)] = True

    def within(self, content: bytes) -> bool:
        """Say whether one of them is there."""
        return any(
            content[place : place + length] in self._forms
            for place, prefix in self._candidates(content)
            for length in self._lengths[prefix]
        )

    def _candidates(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Give where, and with which three bytes, one may begin."""
        if len(content) < _PREFIX:
            return
        wide = np.frombuffer(content, np.uint8).astype(np.uint32)
        triples = wide[:-2] | wide[1:-1] << 8 | wide[2:] << 16
        for place in np.flatnonzero(self._begins[triples]):
            yield int(place), int(triples[place])


def _sought(some: Iterable[str | bytes]) -> _Sought:
    """Return in which writings values, and keys, are looked for."""
    writings = (of_value(x) if isinstance(x, str) else of_key(x) for x in some)
    return _Sought(chain.from_iterable(writings))


def _telling(folder: Path, path: Path, sought: _Sought) -> Path | None:
    """Return the folder of the first name on the way that tells, None if none does."""
    relative = path.relative_to(folder)
    if is_own(relative) or not sought.within(os.fsencode(relative)):
        return None
    way = (*reversed(relative.parents), relative)
    telling = (each for each in way if sought.within(os.fsencode(each)))
    return folder / next(telling).parent
