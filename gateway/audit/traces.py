"""Looks through every byte of a folder for values that must not be there.

Names of files and folders count like what is in them. A data key counts as it was
stored and as it is: whoever copied either has it, too. `gateway.audit.writings` tells
how a value may be written.
"""

import mmap
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from gateway.audit.strangers import hidden, is_own
from gateway.audit.writings import SHORTEST, of_key, of_value

_PREFIX: Final = 3
_STRIDE: Final = 1 << 24  # bytes that are looked at together


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a search found: in how many files and bytes, and in which files.

    `named` are the folders where a file's or folder's name tells a value: such a name
    is not to be shown, and what bears it is in no other list. `closed` are files that
    cannot be looked into.
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
) -> Traces:
    """Look for values and keys below a folder; values themselves are never told.

    A copy of a log is found by `key_ids`, too, if it still has one of these keys.
    `among` are the files and folders to look at, all if it is None. Of the gateway's
    own files the names say nothing.
    """
    known = set(values)
    wanted = {each for each in known if len(each.encode()) >= SHORTEST}
    sought = _Sought(chain(*map(of_value, wanted), *map(of_key, keys)))
    entries = sorted(folder.rglob("*") if among is None else among)
    told = {each: _telling(folder, each, sought) for each in entries}
    unnamed = [each for each in entries if told[each] is None]
    others = (each for each in unnamed if not is_own(each.relative_to(folder)))
    opened = hidden(others, key_ids)
    files = [each for each in entries if each.is_file()]
    return Traces(
        files=len(files),
        bytes=sum(each.stat().st_size for each in files),
        values=len(wanted),
        left_out=len(known) - len(wanted),
        found=tuple(
            each for each in unnamed if each in opened.copies or _holds(each, sought)
        ),
        named=tuple(sorted({each for each in told.values() if each is not None})),
        closed=opened.closed,
    )


class _Sought:
    """The byte strings that are looked for all at once."""

    def __init__(self, forms: Iterable[bytes]) -> None:
        self._forms = set(forms)
        self._lengths: defaultdict[int, set[int]] = defaultdict(set)
        for form in self._forms:
            prefix = int.from_bytes(form[:_PREFIX], "little")
            self._lengths[prefix].add(len(form))
        self._begins = np.zeros(1 << (8 * _PREFIX), dtype=np.bool_)
        self._begins[list(self._lengths)] = True

    def within(self, content: bytes | mmap.mmap) -> bool:
        """Say whether one of them is there."""
        return any(
            content[place : place + length] in self._forms
            for place, prefix in self._candidates(content)
            for length in self._lengths[prefix]
        )

    def _candidates(self, content: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
        """Give where, and with which three bytes, one may begin."""
        for start in range(0, len(content), _STRIDE):
            end = start + _STRIDE + _PREFIX - 1
            part = np.frombuffer(content[start:end], np.uint8)
            if len(part) < _PREFIX:
                return
            wide = part.astype(np.uint32)
            triples = wide[:-2] | wide[1:-1] << 8 | wide[2:] << 16
            for place in np.flatnonzero(self._begins[triples]):
                yield start + int(place), int(triples[place])


def _telling(folder: Path, path: Path, sought: _Sought) -> Path | None:
    """Return the folder of the first name on the way that tells, None if none does."""
    relative = path.relative_to(folder)
    if is_own(relative) or not sought.within(os.fsencode(relative)):
        return None
    way = (*reversed(relative.parents), relative)
    telling = (each for each in way if sought.within(os.fsencode(each)))
    return folder / next(telling).parent


def _holds(file: Path, sought: _Sought) -> bool:
    if not file.is_file() or not file.stat().st_size:
        return False
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return sought.within(content)
