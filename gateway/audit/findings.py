"""What an audit finds, said without the patient's data."""

from dataclasses import dataclass, field, replace
from typing import Final

_MOST: Final = 100  # differences that are listed, and kinds of notes


@dataclass(frozen=True)
class Finding:
    """Something an auditor should know of one event; a note does not fail the audit.

    `expected` and `found` are values, and so perhaps a patient's data: they are shown
    only to an auditor who asks for them at a terminal. `count` is of how many events,
    from `position` on, the same note is to be said.
    """

    position: int
    sentence: str
    note: bool = False
    count: int = 1
    expected: str = field(default="", repr=False)
    found: str = field(default="", repr=False)


class Findings:
    """All that an audit finds: counted to the last, listed up to a limit.

    Notes with the same sentence are one, with a count, and have a limit of their own:
    no number of notes hides a difference.
    """

    def __init__(self) -> None:
        self._notes: dict[str, Finding] = {}
        self._differences: list[Finding] = []
        self.differences = 0
        self.unlisted_notes = 0

    def add(self, finding: Finding) -> None:
        """Take a finding in."""
        if finding.note:
            self._add_note(finding)
            return
        self.differences += 1
        if len(self._differences) < _MOST:
            self._differences.append(finding)

    def listed(self) -> tuple[Finding, ...]:
        """Return the notes, each kind once, and then the first differences."""
        return (*self._notes.values(), *self._differences)

    def _add_note(self, note: Finding) -> None:
        known = self._notes.get(note.sentence)
        if known is not None:
            self._notes[note.sentence] = replace(known, count=known.count + 1)
        elif len(self._notes) < _MOST:
            self._notes[note.sentence] = note
        else:
            self.unlisted_notes += 1
