"""A safetensors file: which tensors it holds, and whether all of them are numbers.

https://github.com/huggingface/safetensors#format
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, BinaryIO, Final

import msgspec

_LONGEST_HEADER: Final = 64 << 20  # bytes; that of a large adapter has some 200 KiB
_LENGTH: Final = struct.Struct("<Q")
_FLOATS: Final = MappingProxyType({"F16": "<f2", "F32": "<f4", "F64": "<f8"})
_BYTES: Final = MappingProxyType({"BF16": 2, "F16": 2, "F32": 4, "F64": 8})
_EXPONENT: Final = 0x7F80  # of a BF16, which is the upper half of a float
_CHUNK: Final = 1 << 20
_Size = Annotated[int, msgspec.Meta(ge=0)]


class UnreadableTensorsError(Exception):
    """The file is no safetensors file; the message says why."""


class _Row(msgspec.Struct):
    dtype: str
    shape: list[_Size]
    data_offsets: tuple[_Size, _Size]


@dataclass(frozen=True)
class Tensors:
    """The tensors of a file: their shapes by name, read from its header alone."""

    file: Path
    rows: Mapping[str, _Row]
    start: int  # where the numbers begin

    @classmethod
    def read(cls, file: Path) -> "Tensors":
        """Read the header of a file.

        Raises:
            UnreadableTensorsError: there is none.

        """
        try:
            with file.open("rb") as content:
                (length,) = _LENGTH.unpack(content.read(_LENGTH.size))
                if length > _LONGEST_HEADER:
                    raise UnreadableTensorsError("its header has no end.")
                rows = json.loads(content.read(length))
                rows.pop("__metadata__", None)
            known = msgspec.convert(rows, dict[str, _Row])
        except (OSError, ValueError, AttributeError, TypeError, struct.error) as error:
            raise UnreadableTensorsError(
                f"there is no header of tensors ({type(error).__name__}): save them as "
                "safetensors."
            ) from error
        return cls(file, known, _LENGTH.size + length)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each tensor."""
        return {name: tuple(row.shape) for name, row in self.rows.items()}

    def cut(self) -> int:
        """Return how many tensors the file ends before."""
        size = self.file.stat().st_size - self.start
        return sum(1 for row in self.rows.values() if row.data_offsets[1] > size)

    def not_finite(self) -> int:
        """Return how many tensors hold infinity, or what is no number."""
        with self.file.open("rb") as content:
            return sum(
                1
                for row in self.rows.values()
                if not all(_finite(row.dtype, each) for each in self._of(row, content))
            )

    def _of(self, row: _Row, content: BinaryIO) -> Iterator[bytes]:
        begin, end = row.data_offsets
        content.seek(self.start + begin)
        left = end - begin
        while left > 0:
            yield content.read(min(_CHUNK, left))
            left -= _CHUNK


def _finite(dtype: str, chunk: bytes) -> bool:
    import numpy as np  # noqa: PLC0415 (a tenth of a second, for one command alone)

    if len(chunk) % _BYTES.get(dtype, 1):
        return False
    if dtype == "BF16":
        exponents = np.frombuffer(chunk, "<u2") & _EXPONENT
        return bool(np.all(exponents != _EXPONENT))
    known = _FLOATS.get(dtype)
    return known is None or bool(np.all(np.isfinite(np.frombuffer(chunk, known))))
