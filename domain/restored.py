"""That a log continues from a backup, in the past tense."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class LogRestored:
    """The log continues from a backup; what had come after it is not here any more.

    Positions beyond `size` were given before, to events that are lost, if `known` is
    greater: a checkpoint of that size was known to whoever restored.
    """

    topic: ClassVar[str] = "log.restored.v1"
    size: int  # events that the backup held
    root: bytes  # of the log's tree at that size
    made: str  # when the backup was made, ISO 8601
    known: int  # the greatest size that a checkpoint of the lost log stated; or `size`
    known_root: bytes  # of the lost log at that size; empty where none was known
    erasures: int  # newer than the backup; they follow, in the same transaction
    at: datetime
