"""A number that is written as it was read.

72.50 and 72.5 are not the same (http://hl7.org/fhir/R4/datatypes.html#decimal).
"""

from decimal import Decimal
from typing import Final, Self

_NEW: Final = Decimal.__new__
"""Quicker than `super()`; a Bundle has a number for each resource."""


class Lexeme(Decimal):
    """A decimal that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a JSON number with a fraction or an exponent."""
        number = _NEW(cls, text)
        number.text = text
        return number

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)
