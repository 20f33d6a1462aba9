"""Looks through every byte of a folder for values that must not be there.

A data key counts as it was stored: whoever copied the log has it, too.
A value counts as it is written in UTF-8 and UTF-16, escaped as JSON and as a URL, and
in base64, wherever it begins. Values of fewer than six bytes are left out: among random
bytes, such as ciphertext, they are found by chance.
"""

import base64
import json
import mmap
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

SHORTEST: Final = 6
"""Bytes of a value that is looked for."""
_PREFIX: Final = 3
_STRIDE: Final = 1 << 24  # bytes that are looked at together
_TRIPLE: Final = 3  # bytes that base64 writes as four characters

Prefixes = dict[int, list[bytes]]


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a search found: in how many files and bytes, and in which files."""

    files: int
    bytes: int
    values: int
    left_out: int
    found: tuple[Path, ...]


def search(folder: Path, values: Iterable[str], keys: Collection[bytes] = ()) -> Traces:
    """Look for values in all files below a folder; values themselves are never told.

    `keys` are wrapped data keys, or other bytes that nobody finds by chance.
    """
    known = set(values)
    wanted = {each for each in known if len(each.encode()) >= SHORTEST}
    forms = (form for each in wanted for form in _forms(each))
    prefixes = _prefixes(chain(forms, keys))
    table: NDArray[np.bool_] = np.zeros(1 << (8 * _PREFIX), dtype=np.bool_)
    table[list(prefixes)] = True
    files = [each for each in sorted(folder.rglob("*")) if each.is_file()]
    return Traces(
        files=len(files),
        bytes=sum(each.stat().st_size for each in files),
        values=len(wanted),
        left_out=len(known) - len(wanted),
        found=tuple(each for each in files if _holds(each, prefixes, table)),
    )


def _forms(value: str) -> Iterator[bytes]:
    content = value.encode()
    yield content
    yield value.encode("utf-16-le")
    yield value.encode("utf-16-be")
    yield json.dumps(value)[1:-1].encode()
    yield quote(value, safe="").encode()
    for before in range(_TRIPLE):
        yield from _base64(content, before)


def _base64(content: bytes, before: int) -> Iterator[bytes]:
    """Give what base64 makes of a value that begins after so many bytes of three."""
    padded = bytes(before) + content
    whole = base64.b64encode(padded[: len(padded) // _TRIPLE * _TRIPLE])
    inner = whole[-(-before * 8 // 6) :]
    if len(inner) >= SHORTEST:
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def _prefixes(forms: Iterable[bytes]) -> Prefixes:
    found: defaultdict[int, set[bytes]] = defaultdict(set)
    for form in forms:
        found[int.from_bytes(form[:_PREFIX], "little")].add(form)
    return {prefix: sorted(each) for prefix, each in found.items()}


def _holds(file: Path, prefixes: Prefixes, table: NDArray[np.bool_]) -> bool:
    if not file.stat().st_size:
        return False
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return any(
            content[place : place + len(form)] == form
            for place, prefix in _candidates(content, table)
            for form in prefixes[prefix]
        )


def _candidates(
    content: mmap.mmap, table: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Give where, and with which three bytes, a value may begin."""
    for start in range(0, len(content), _STRIDE):
        part = np.frombuffer(content[start : start + _STRIDE + _PREFIX - 1], np.uint8)
        if len(part) < _PREFIX:
            return
        wide = part.astype(np.uint32)
        triples = wide[:-2] | wide[1:-1] << 8 | wide[2:] << 16
        for place in np.flatnonzero(table[triples]):
            yield start + int(place), int(triples[place])
