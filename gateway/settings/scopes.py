"""SMART scopes, version 2 (SMART App Launch 2.2, scopes-and-launch-context.html).

`system/Patient.cruds`, `system/Observation.rs?category=…|vital-signs`, `user/Task.ru`.
Version 1 is mapped: `.read` is `.rs`, `.write` is `.cud`, `.*` is `.cruds`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, cast
from urllib.parse import parse_qsl, urlencode

EVERY_TYPE = "*"
AUDIT_EVENT = "AuditEvent"
"""Named or not granted: `*` never means the trail of who did what."""

RECALL = "$recall"
"""No type of FHIR's: who may let assessments be reviewed again, `system/$recall.c`."""

SIGN_RULES = "$sign-rules"
"""Likewise: who may record a clinician's signature, `system/$sign-rules.c`."""

SWITCH_MODEL = "$switch-model"
"""Likewise: who may switch the language model, `system/$switch-model.c`."""

RELEASE_MODEL = "$release-model"
"""Likewise: who may register, activate and roll back releases of models."""

LOAD_KNOWLEDGE = "$load-knowledge"
"""Likewise: who may change what the gateway quotes, `system/$load-knowledge.c`."""

SIGN_KNOWLEDGE = "$sign-knowledge"
"""Likewise: who may record a signature of it, `system/$sign-knowledge.c`."""

_OPERATIONS = (
    *(RECALL, SIGN_RULES, SWITCH_MODEL, RELEASE_MODEL),
    *(LOAD_KNOWLEDGE, SIGN_KNOWLEDGE),
)
_NAMED_ONLY = (AUDIT_EVENT, *_OPERATIONS)
RESTRICTING = ("category", "code", "status", "clinical-status", "_tag", "_security")
"""Token search parameters by which a scope may be narrowed."""

Context = Literal["system", "user"]
_FORM = re.compile(
    r"(?P<context>system|user)/"
    r"(?P<type>\*|[A-Z][A-Za-z]{1,63}|\$recall|\$sign-rules|\$switch-model"
    r"|\$release-model|\$load-knowledge|\$sign-knowledge)\."
    r"(?P<letters>read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(?P<query>[^\s]{1,512}))?"
)
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
_ORDER = "cruds"
_READING = frozenset("rs")


class ScopeError(ValueError):
    """A text is no scope that this gateway can grant; the message says why."""


@dataclass(frozen=True, kw_only=True, order=True)
class Scope:
    """What may be done with one resource type, and with which of its resources."""

    context: Context
    type: str
    letters: str  # in the order of "cruds"
    restrictions: tuple[tuple[str, str], ...] = ()  # name and value, all of them hold

    def __str__(self) -> str:
        """Return the scope as SMART writes it."""
        query = f"?{urlencode(self.restrictions, safe='|:/,')}"
        text = f"{self.context}/{self.type}.{self.letters}"
        return text + query if self.restrictions else text

    def covers(self, kind: str | None) -> bool:
        """Say whether a type, or the whole system (None), is meant."""
        if kind in _NAMED_ONLY:
            return self.type == kind
        return self.type in (EVERY_TYPE, kind)

    @property
    def whole(self) -> bool:
        """Say whether it grants every resource of its type."""
        return not self.restrictions


@lru_cache(maxsize=1024)  # every request asks for the same few
def scope(text: str) -> Scope:
    """Read one scope.

    Raises:
        ScopeError: not of the form that SMART gives, or not to be granted here.

    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ScopeError(
            "write a scope as system/Patient.rs or user/Task.ru: context system or "
            "user, a resource type or *, letters in the order c, r, u, d, s, and "
            "perhaps ?category=system|code."
        )
    named = found["letters"]
    made = Scope(
        context=cast("Context", found["context"]),
        type=found["type"],
        letters=_VERSION_1.get(named, named),
        restrictions=_restrictions(found["query"]),
    )
    _require_grantable(made)
    return made


def granted(asked: Iterable[Scope], registered: Iterable[Scope]) -> tuple[Scope, ...]:
    """Return what is both asked for and registered, in a stable order."""
    known = tuple(registered)
    found = {each for one in asked for each in _of_registered(one, known)}
    return tuple(sorted(one for one in found if not _is_spare(one, found)))


def _of_registered(one: Scope, known: tuple[Scope, ...]) -> Iterable[Scope]:
    if any(_is_within(one, other) for other in known):
        return (one,)
    return filter(None, (_both(one, other) for other in known))


def _is_spare(one: Scope, among: Iterable[Scope]) -> bool:
    """Say whether another scope grants all that this one grants."""
    return any(_is_within(one, other) for other in among if other != one)


def _is_within(one: Scope, other: Scope) -> bool:
    return (
        one.context == other.context
        and other.covers(one.type)
        and set(one.letters) <= set(other.letters)
        and set(other.restrictions) <= set(one.restrictions)
    )


def _both(one: Scope, other: Scope) -> Scope | None:
    letters = "".join(
        letter for letter in _ORDER if letter in one.letters and letter in other.letters
    )
    kind = _narrower(one, other)
    if one.context != other.context or kind is None or not letters:
        return None
    pairs = tuple(sorted({*one.restrictions, *other.restrictions}))
    return replace(one, type=kind, letters=letters, restrictions=pairs)


def _narrower(one: Scope, other: Scope) -> str | None:
    if one.covers(other.type):
        return other.type
    return one.type if other.covers(one.type) else None


def _restrictions(query: str | None) -> tuple[tuple[str, str], ...]:
    if query is None:
        return ()
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs or not all(name in RESTRICTING and value for name, value in pairs):
        raise ScopeError(
            f"a scope is narrowed by {', '.join(RESTRICTING)}, each with a value."
        )
    return tuple(sorted(set(pairs)))


def _require_grantable(made: Scope) -> None:
    writes = set(made.letters) - _READING
    if made.restrictions and (writes or made.type == EVERY_TYPE):
        raise ScopeError(
            "only reading (r, s) of a named type can be narrowed by a search parameter."
        )
    if made.type == AUDIT_EVENT and writes:
        raise ScopeError("AuditEvents come from the log alone: nobody writes them.")
    if made.type in _OPERATIONS and (made.context, made.letters) != ("system", "c"):
        raise ScopeError(f"operators ask for this: write system/{made.type}.c.")
    if made.context == "user" and not writes <= _written_by_people(made.type):
        raise ScopeError(
            "people write nothing but the Tasks they review: user/Task.u, beside "
            "user/….rs."
        )


def _written_by_people(kind: str) -> frozenset[str]:
    return frozenset("u") if kind == "Task" else frozenset()
