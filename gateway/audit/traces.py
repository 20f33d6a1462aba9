"""Looks through every byte of a folder for values that must not be there.

Names of files and folders count like what is in them. A data key counts as it was
stored and as it is: whoever copied either has it, too. `gateway.audit.writings` tells
how a value may be written.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from gateway.audit.strangers import below, hidden, is_knowledge, is_own, is_shut
from gateway.audit.writings import SHORTEST, of_key, of_value

_PREFIX: Final = 3
_STRIDE: Final = 1 << 20
"""Bytes that are looked at together: a search takes some dozen times as many."""


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
    known, keys = set(values), tuple(keys)
    wanted = {each for each in known if len(each.encode()) >= SHORTEST}
    sought = _sought(wanted, keys)
    unstated = _sought(wanted - set(stated), keys) if wanted & set(stated) else sought
    entries = sorted(below(folder) if among is None else among)
    told = {each: _telling(folder, each, sought) for each in entries}
    unnamed = [each for each in entries if told[each] is None]
    others = (each for each in unnamed if not is_own(each.relative_to(folder)))
    opened = hidden(others, key_ids)
    looked = _Looked(found=set(opened.copies), closed=set(opened.closed))
    for each in entries:
        base = is_knowledge(each.relative_to(folder))
        looked.look(each, unstated if base else sought)
    return Traces(
        files=looked.files,
        bytes=looked.bytes,
        values=len(wanted),
        left_out=len(known) - len(wanted),
        found=tuple(each for each in unnamed if each in looked.found),
        named=tuple(sorted({each for each in told.values() if each is not None})),
        closed=tuple(each for each in unnamed if each in looked.closed),
    )


@dataclass(kw_only=True)
class _Looked:
    """What was looked at by now."""

    found: set[Path] = field(default_factory=set)
    closed: set[Path] = field(default_factory=set)
    files: int = 0
    bytes: int = 0

    def look(self, path: Path, sought: "_Sought") -> None:
        if is_shut(path):
            self.closed.add(path)
        elif path.is_file():
            try:
                self._read(path, sought)
            except OSError:
                self.closed.add(path)

    def _read(self, file: Path, sought: "_Sought") -> None:
        with file.open("rb") as opened:
            self.files += 1
            self.bytes += os.fstat(opened.fileno()).st_size
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


def _sought(values: Iterable[str], keys: Iterable[bytes]) -> _Sought:
    return _Sought(chain(*map(of_value, values), *map(of_key, keys)))


def _telling(folder: Path, path: Path, sought: _Sought) -> Path | None:
    """Return the folder of the first name on the way that tells, None if none does."""
    relative = path.relative_to(folder)
    if is_own(relative) or not sought.within(os.fsencode(relative)):
        return None
    way = (*reversed(relative.parents), relative)
    telling = (each for each in way if sought.within(os.fsencode(each)))
    return folder / next(telling).parent
