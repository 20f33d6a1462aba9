"""Numbers as a text states them, with unit and name: pure, for the checks of claims."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from inference.plain import comparable

Measure = tuple[Decimal, str]

_LABEL = re.compile(r"\b[PCVHMAE]\d{1,2}\b")
_NUMBER = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?")
_NAMED = (
    ("two three four five six seven eight nine ten", range(2, 11)),
    ("eleven twelve thirteen fourteen fifteen sixteen", range(11, 17)),
    ("seventeen eighteen nineteen twenty", range(17, 21)),
    ("thirty forty fifty sixty seventy eighty ninety", range(30, 100, 10)),
    ("hundred thousand million dozen", (100, 1000, 1_000_000, 12)),
    ("half halved third thirds quarter quarters", (".5", ".5", ".3", ".3", ".2", ".2")),
    ("twice thrice", (2, 3)),
)
_WORDS = {
    word: Decimal(str(number))
    for words, numerals in _NAMED
    for word, number in zip(words.split(), numerals, strict=True)
}
# Units by the name under which they are compared.
_UNITS = {
    "min": r"minutes?|mins?",
    "h": r"hours?|hrs?|h",
    "d": r"days?",
    "wk": r"weeks?|wks?",
    "mo": r"months?",
    "y": r"years?|yrs?|y/?o",
    "s": r"seconds?|secs?|s",
    "%": r"%|per ?cent",
    "mmhg": r"mm ?hg",
    "/min": r"/ ?min|per minute|bpm|beats?|breaths?|heartbeats?",
    "c": r"cel|celsius|(?:\u00b0 ?|degrees? )?c(?:elsius)?",
    "f": r"fahrenheit|(?:\u00b0 ?|degrees? )?f(?:ahrenheit)?",
    "kg": r"kg|kilograms?|kilos?",
    "lb": r"lbs?|pounds?",
    "mmol/l": r"mmol(?:/ ?l)?",
    "mg/dl": r"mg/ ?dl",
    "l/min": r"l/ ?min|lit(?:er|re)s?(?: per minute)?",
    "cm": r"cm|centimet(?:er|re)s?",
    "m": r"met(?:er|re)s?",
}
_MEASURE = re.compile(
    r"(\d+(?:[.,]\d+)?|\b(?:one|"
    + "|".join(_WORDS)
    + r")\b)[\s-]*(?:"
    + "|".join(f"(?P<u{place}>{unit})" for place, unit in enumerate(_UNITS.values()))
    + r")(?![a-z])"
)

_DIGITS = r"(\d+(?:[.,]\d+)?)"
_FILLER = r"(?:rate|pressure|saturation|is|was|of|at|only|now|about|a|an|the|measured)"
_GAP = rf"(?:\s*[:=])?\s*(?:{_FILLER}\s+){{0,4}}"
_SPACE = r"(?: the| a| an| limit| of| value){0,3}\s+"
_MORE = r"above|over|more than|greater than|higher than"
_MORE += r"|older than|longer than|exceed(?:s|ing)|beyond"
_LESS = r"(?:below|under|less than|lower than|fewer than"
_LESS += r"|younger than|shorter than|beneath)"
_UNITED = r"\s*(?:%|/ ?min|per minute|mm ?hg|cel|mmol/l|s)?\s*(?:is|was|,)?\s*"


def numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers that a text states; `V1` and its like are labels, not numbers.

    A comma before digits is read as a decimal point. Of numbers in words each part
    counts; "one" does not, since it is most often no number.
    """
    bare = _LABEL.sub(" ", unicodedata.normalize("NFKC", text))
    digits = (_decimal(found) for found in _NUMBER.findall(bare))
    words = re.findall(r"[a-z]+", comparable(bare))
    return frozenset(digits) | {_WORDS[word] for word in words if word in _WORDS}


def measures(text: str) -> frozenset[Measure]:
    """Return the numbers that stand before a unit, each with the unit's name."""
    return frozenset(_measures(comparable(_LABEL.sub(" ", text))))


def _measures(text: str) -> Iterator[Measure]:
    names = list(_UNITS)
    for found in _MEASURE.finditer(text):
        unit = next(n for place, n in enumerate(names) if found[f"u{place}"])
        yield _decimal(found[1]), unit


def _decimal(found: str) -> Decimal:
    if found == "one":
        return Decimal(1)
    return _WORDS.get(found) or Decimal(found.replace(",", "."))


def valued(text: str, names: str) -> frozenset[Decimal]:
    """Return the first number after each place where one of `names` (a pattern) stands.

    Only few words that say no more may lie between: "a heart rate of 128".
    """
    return frozenset(
        _decimal(found)
        for found in re.findall(rf"\b(?:{names}){_GAP}{_DIGITS}", comparable(text))
    )


def bounded(text: str, names: str) -> frozenset[tuple[bool, Decimal]]:
    """Return what a text says that one of `names` is above (True) or below."""
    pattern = rf"\b(?:{names}){_GAP}(?:({_MORE})|{_LESS}){_SPACE}{_DIGITS}"
    found = re.findall(pattern, comparable(text))
    return frozenset((bool(more), _decimal(number)) for more, number in found)


def limited(text: str) -> frozenset[Decimal]:
    """Return the numbers that something is said to be above or below."""
    pattern = rf"(?:{_MORE}|{_LESS}){_SPACE}{_DIGITS}"
    return frozenset(map(_decimal, re.findall(pattern, comparable(text))))


def contradictions(text: str) -> bool:
    """Say whether a text calls one number above or below another that it is not."""
    pattern = rf"{_DIGITS}{_UNITED}(?:({_MORE})|{_LESS}){_SPACE}{_DIGITS}"
    found = re.findall(pattern, comparable(text))
    return any(
        (_decimal(first) <= _decimal(second))
        if more
        else (_decimal(first) >= _decimal(second))
        for first, more, second in found
    )
