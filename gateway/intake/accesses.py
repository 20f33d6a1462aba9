"""One access as it will be recorded, and the unit that appends some of them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from domain.access import AccessesUnrecorded, AccessRecorded
from gateway.intake.subjects import concerns_somebody
from gateway.store.foresight import Derive, Reads
from gateway.store.records import Context
from gateway.store.session import Session
from gateway.store.subjects import NOBODY, alone, joint

ACTOR: Final = "gateway-audit"
# Of a query that nothing personal can stand in, only types and these parameters.
_HARMLESS: Final = (
    r"(?:status|intent|priority|category|_count|_sort|_summary|_elements|_format"
    r"|_include|_revinclude|_type|_since|_lastUpdated|_total)=[^&#]*"
)
_IMPERSONAL: Final = re.compile(
    r"|(?:/t/[a-z0-9-]+)?/(?:fhir|auth)(?:/[A-Za-z_-]+)*"
    rf"(?:\?{_HARMLESS}(?:&{_HARMLESS})*)?(?:#Bundle\.entry\[[0-9,]*\])?"
)


@dataclass(frozen=True, kw_only=True)
class Access:
    """One request as it will be recorded."""

    event: AccessRecorded
    context: Context

    @property
    def subject(self) -> str:
        """Return whose data key protects it.

        It is that of the patients whom it concerns. What was asked in vain may hold a
        person's name, too, and nobody knows whose: it has a key of its own.
        """
        if self.event.patients:
            return joint(self.event.patients)
        return alone(self.context.request) if _tells(self.event) else NOBODY


@dataclass(frozen=True, kw_only=True)
class AccessUnit:
    """Accesses that share a commit, and the count of those that were refused."""

    accesses: tuple[Access, ...]
    unrecorded: AccessesUnrecorded | None
    at: datetime

    def __call__(self, session: Session) -> None:
        """Append them, each under the key of the patient whom it concerns."""
        for each in self.accesses:
            session.append(
                _stream(each.context.at),
                [each.event],
                subject=each.subject,
                context=each.context,
            )
        if self.unrecorded is not None:
            context = Context(at=self.at, actor=ACTOR, request=str(uuid4()))
            session.append(
                _stream(self.at), [self.unrecorded], subject=NOBODY, context=context
            )

    def reads(self, _derive: Derive) -> Reads:
        """Foretell the keys; of the stream only the length matters, not its events."""
        return Reads(subjects={each.subject for each in self.accesses})


def _tells(event: AccessRecorded) -> bool:
    """Say whether an access may name somebody who is no known patient."""
    named = any(concerns_somebody(each.type) for each in event.references)
    return named or not _IMPERSONAL.fullmatch(event.asked)


def _stream(at: datetime) -> str:
    """Return the stream of a day's accesses; a stream's name is never changed."""
    return f"access/{at:%Y-%m-%d}"
