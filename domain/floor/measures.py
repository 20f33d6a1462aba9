"""Ages and temperatures that are told in words, put into words of the catalogue.

'16 days old' and '100.7 F' become words that concepts can name. They only ever raise
urgency: an age told in words never takes a patient out of a rule's age band.
"""

import re
from decimal import Decimal

YOUNG = "youngerthan90days"
INFANT = "youngerthan1year"
HOT = "temperaturefrom38"
VERY_HOT = "temperaturefrom40"

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_YOUNG_DAYS, _INFANT_DAYS = 90, 365

FEVER = Decimal("38.0")  # Cel; NICE NG143: fever
HYPERTHERMIA = Decimal("40.0")  # Cel; with an altered state, heat stroke
_FAHRENHEIT_FROM = Decimal(95)  # no human temperature in Celsius is that high

# A pattern that starts with its digit lets the engine skip to digits; what stands
# before that is looked at behind: no other letter or digit.
_PART = r"(?P<part>\.\d+)?"
_AGE = re.compile(
    r"(\d(?<!\w\d)\d{0,2})"
    r"[\s-]*(d|w|m|y)(?:ay|eek|k|onth|o|ear|r)?s?[\s-]*(?:old|o)\b"
)
_CELSIUS = re.compile(
    rf"(?P<whole>[34](?<!\w[34])(?:(?<=3)[5-9]|(?<=4)[0-3])){_PART}\s*"
    r"(?:(?:°|degrees?|deg)\s*(?:c|celsius)?|celsius|c)\b"
)
_FAHRENHEIT = re.compile(
    rf"(?P<whole>[19](?<!\w[19])(?:(?<=9)[5-9]|(?<=1)(?:0\d|10))){_PART}\s*"
    r"(?:(?:°|degrees?|deg)\s*(?:f|fahrenheit)?|fahrenheit|f)\b"
)
_NAMED = re.compile(
    r"(?P<name>temp|fever|rature|tmax)"
    r"[\s,=]*(?:is|was|of|at)?\s*(?:up)?\s*(?:to)?\s*"
    rf"(?P<whole>3[5-9]|4[0-3]|9[5-9]|10\d){_PART}\b"
)


def spelt(text: str) -> str:
    """Return lower-case text in which told ages and temperatures have become words."""
    if not any(map(str.isdigit, text)):
        return text
    text = _AGE.sub(_age, text)
    for pattern in (_CELSIUS, _FAHRENHEIT):
        text = pattern.sub(_degrees, text)
    return _NAMED.sub(_named, text)


def _age(found: re.Match[str]) -> str:
    age = int(found[1]) * _DAYS[found[2]]
    if age < _YOUNG_DAYS:
        return f"{found[0]} {YOUNG}"
    return f"{found[0]} {INFANT}" if age < _INFANT_DAYS else found[0]


def _named(found: re.Match[str]) -> str:
    heat = _heat(found)
    return found["name"] + heat if heat else found[0]


def _degrees(found: re.Match[str]) -> str:
    return _heat(found) or found[0]


def _heat(found: re.Match[str]) -> str:
    """Return the words of a temperature; none where it is no fever."""
    value = Decimal(found["whole"] + (found["part"] or ""))
    if value >= _FAHRENHEIT_FROM:
        value = (value - 32) * 5 / 9
    if value < FEVER:
        return ""
    return f" {VERY_HOT} {HOT} " if value >= HYPERTHERMIA else f" {HOT} "
