"""What an audit finds, said without the patient's data."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """Something an auditor should know of one event; a note does not fail the audit.

    `expected` and `found` are values, and so perhaps a patient's data: they are shown
    only to an auditor who asks for them at a terminal.
    """

    position: int
    sentence: str
    note: bool = False
    expected: str = field(default="", repr=False)
    found: str = field(default="", repr=False)
