"""Whether anything in a clinic's case could lead back to a person. Fails closed.

The export says again in the catalogue's words what somebody said
(`triage-gateway export training`). This looks at the result as a stranger would: every
word must be the catalogue's, every time must be relative, every id a number within the
line. A word that is not known is taken for a name.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec

from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import assess
from domain.values import Case, Complaint, Finding, Floor, Reference, Vital

_WORD: Final = re.compile(r"\w+")
_ID: Final = re.compile(r"r\d{1,4}")
_SAID: Final = frozenset(
    {"history", "of", "food", "medication", "environment", "biologic"}
)
_PRIORITY: Final = re.compile(r"[A-Z]{0,3}|routine|urgent|asap|stat")
_YEARS: Final = range(1999, 2001)  # every case opens on 2000-01-01
_OLDEST: Final = 91 * 366  # days: all above 89 years are one group


class IdentifiableError(Exception):
    """A case of an export holds what may lead to a person; it repeats none of it."""


def require_anonymous(case: Case, floor: Floor, where: str) -> None:
    """Refuse a case that holds anything beyond the catalogue's words and numbers.

    Args:
        case: the case as exported.
        floor: the rules' word on it, which the prompt shows.
        where: the line, for the message.

    Raises:
        IdentifiableError: a word, a code, a time, an age or an id is not as it should
            be. The export must be looked at before anything of it is used.

    """
    for what, holds in (
        ("words that the catalogue does not have", not _foreign_words(case)),
        ("codes or reactions as they were sent", not _sent(case)),
        ("a time of its own", _is_relative(case)),
        ("an age above 90", case.age is None or case.age.most <= _OLDEST),
        ("an id that is no number within the line", _is_numbered(case)),
        ("a judgement that the rules do not make of it", assess(case) == floor),
    ):
        if not holds:
            raise IdentifiableError(
                f"{where} holds {what}. Nothing of this export is used: export again"
                " with the program of this version, and report it."
            )


def _foreign_words(case: Case) -> bool:
    return any(
        word not in _catalogued() | _SAID
        for text in _texts(case)
        for word in _WORD.findall(text.casefold())
    )


@cache
def _catalogued() -> frozenset[str]:
    """Return every word of the catalogue's names and phrases."""
    texts = (text for each in CONCEPTS for text in (each.name, *each.phrases))
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()))


def _texts(case: Case) -> Iterator[str]:
    for complaint in case.complaints:
        yield complaint.text
        yield complaint.onset.words if complaint.onset else ""
    yield case.last_known_well.words if case.last_known_well else ""
    for finding in _findings(case):
        yield finding.text
        yield from finding.categories


def _findings(case: Case) -> tuple[Finding, ...]:
    return (*case.conditions, *case.medications, *case.allergies, *case.history)


def _sent(case: Case) -> bool:
    coded: list[Complaint | Finding] = [*case.complaints, *_findings(case)]
    told = any(each.codes for each in coded) or any(
        f.reactions for f in _findings(case)
    )
    return told or not _PRIORITY.fullmatch(case.priority) or bool(case.inputs)


def _is_relative(case: Case) -> bool:
    return all(each.year in _YEARS for each in _moments(msgspec.to_builtins(
        case, builtin_types=(datetime,)
    )))  # fmt: skip


def _moments(value: Any) -> Iterator[datetime]:  # noqa: ANN401 (any JSON and times)
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _moments(each)


def _is_numbered(case: Case) -> bool:
    stated: list[Complaint | Finding | Vital] = [*case.complaints, *case.vitals]
    stated += _findings(case)
    parts = (part for vital in case.vitals for part in vital.also)
    sources: list[Reference] = [
        case.patient,
        *(each.source for each in stated),
        *parts,
    ]
    return all(_ID.fullmatch(each.id) and not each.version for each in sources)
