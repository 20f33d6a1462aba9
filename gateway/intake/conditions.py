"""How a conditional interaction or reference names a resource: by its identity.

A condition is resolved by the claims in the log, where nothing races it; a search in
the read models could miss what was written a moment ago. Hence one identifier with its
system, or one id, and no other search parameter.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fhir_profiles import references
from fhir_profiles.syntax import ID

_ID = re.compile(ID)
_CHOICE = re.compile(r"(?<!\\)(?:\\\\)*,")
_ESCAPED = re.compile(r"\\([\\,|$])")
_OF_THE_ANSWER = frozenset({"_format", "_pretty"})  # they select nothing


class UnsupportedConditionError(Exception):
    """A condition that is not exactly one identity."""


@dataclass(frozen=True)
class Condition:
    """What names the resource: an identifier as `system|value`, or else an id."""

    identifier: str = ""
    id: str = ""


def is_conditional(text: str) -> bool:
    """Say whether a reference names a resource by a condition."""
    return "?" in text and references.is_conditional(text)


def identifier_of(query: str) -> str:
    """Read the condition of a conditional create or reference.

    Raises:
        UnsupportedConditionError: it is not exactly one `identifier=system|value`.

    """
    found = _identifier(_pairs(query))
    if not found:
        raise UnsupportedConditionError(
            "A condition is resolved by one identifier with its system only: "
            "'identifier=system|value'."
        )
    return found


def condition_of(query: str) -> Condition:
    """Read the condition of a conditional update, patch or delete.

    Raises:
        UnsupportedConditionError: it is neither one `identifier=system|value` nor one
            `_id=id`.

    """
    pairs = _pairs(query)
    identifier = _identifier(pairs)
    if identifier:
        return Condition(identifier=identifier)
    if len(pairs) == 1 and pairs[0][0] == "_id" and _ID.fullmatch(pairs[0][1]):
        return Condition(id=pairs[0][1])
    raise UnsupportedConditionError(
        "A condition is resolved by one identity only: 'identifier=system|value', or "
        "'_id=id'. Search for anything else, and name what you found by its id."
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    """Read a query; what is no UTF-8 would make two identities one.

    Raises:
        UnsupportedConditionError: it is none.

    """
    try:
        pairs = parse_qsl(
            query.partition("?")[2] or query, keep_blank_values=True, errors="strict"
        )
    except UnicodeError:
        raise UnsupportedConditionError("Write a condition in UTF-8.") from None
    return [each for each in pairs if each[0] not in _OF_THE_ANSWER]


def _identifier(pairs: list[tuple[str, str]]) -> str:
    """Return the one identifier that is asked for, "" where it is not exactly one.

    A comma means a choice, unless it is escaped (http://hl7.org/fhir/R4/search.html
    #escaping).
    """
    if len(pairs) != 1 or pairs[0][0] != "identifier" or _CHOICE.search(pairs[0][1]):
        return ""
    text = _ESCAPED.sub(r"\1", pairs[0][1])
    system, _, value = text.partition("|")
    return text if system.strip() and value.strip() else ""
