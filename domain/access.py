"""What the log says of requests that changed nothing: reads, searches, refusals.

A write needs no such event: what it brought about is in the log by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.values import Reference


@dataclass(frozen=True, kw_only=True)
class AccessRecorded:
    """A request was answered, or refused, without another event that tells of it.

    Who asked, from where, when and in which request is in the circumstances that the
    log keeps with every event.
    """

    topic: ClassVar[str] = "access.recorded.v1"
    quiet: ClassVar[bool] = True  # no reader of resources waits for it
    interaction: str  # http://hl7.org/fhir/restful-interaction, or "token"
    status: int  # of HTTP
    user: str = ""  # literal reference of the person, where the caller acts for one
    display: str = ""  # how that person is called
    purpose: str = ""  # http://terminology.hl7.org/CodeSystem/v3-ActReason
    asked: str = ""  # path and query as sent; of a refusal, a search or an operation
    references: tuple[Reference, ...] = ()  # what was shown, or asked for in vain
    patients: tuple[str, ...] = ()  # whom it is about, as Patient/id


@dataclass(frozen=True, kw_only=True)
class AccessesUnrecorded:
    """Requests were refused and not recorded one by one.

    No more accesses could be, or strangers sent too many. None was shown anything.
    """

    topic: ClassVar[str] = "access.unrecorded.v1"
    quiet: ClassVar[bool] = True
    count: int
    since: datetime


AccessEvent = AccessRecorded | AccessesUnrecorded
