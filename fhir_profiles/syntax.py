"""The text of R4's primitive types as regular expressions, for re.ASCII.

http://hl7.org/fhir/R4/datatypes.html#primitive. A day must exist, an hour is 00 to 23,
and a second may be 60, since the specification allows leap seconds.
"""

from typing import Final

YEAR: Final = r"(?!0000)\d{4}"
COMMON_DAY: Final = (
    r"-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
)
"""A month and a day that every year has; the parenthesis is left open."""
ANY_DAY: Final = rf"{COMMON_DAY}|(?P<leap>02-29))"
YEARLY_DAY: Final = rf"{COMMON_DAY})"
MONTH: Final = r"-(?:0[1-9]|1[0-2])"
CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"

ID: Final = r"[A-Za-z0-9\-.]{1,64}"
OID: Final = r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+"
UUID: Final = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
RUNS: Final = r"\s*(?:javascript|vbscript|data)\s*:"
"""What a browser could run as a program, without regard to case."""
CONTROL: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff"
"""Characters that FHIR's JSON may not hold, as the inside of a class."""


def date(day: str) -> str:
    """Write the pattern of a date, given that of a month and day."""
    return rf"{YEAR}(?:{day}|{MONTH})?"


def date_time(day: str) -> str:
    """Write the pattern of a dateTime, given that of a month and day."""
    return rf"{YEAR}(?:{day}(?:T{CLOCK}{ZONE})?|{MONTH})?"


def instant(day: str) -> str:
    """Write the pattern of an instant, given that of a month and day."""
    return rf"{YEAR}{day}T{CLOCK}{ZONE}"
