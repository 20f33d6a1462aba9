"""Whether the catalogue knows what a complaint says, and whether that is minor."""

from domain.floor.minor import MINOR
from domain.floor.readings import Readings

INJURY = frozenset({"minor-limb", "minor-wound", "minor-mouth"})
"""Concepts of a painful place that needs one resource or none (ESI, point C)."""


LISTED = frozenset(concept.name for concept in MINOR) - {"minor-ear-and-nose"}
"""Complaints that are usually minor; a cough is one, but it may be of the lungs."""


def minor_injury(readings: Readings) -> bool:
    """Say whether each complaint is known to be minor, and none tells anything else."""
    return _only(INJURY, readings)


def minor(readings: Readings) -> bool:
    """Say whether each complaint is on the closed list of usually minor ones."""
    return _only(LISTED, readings)


def _only(known: frozenset[str], readings: Readings) -> bool:
    heard = [set(each.present) for each in readings.each_told]
    return bool(heard) and all(names and names <= known for names in heard)


def understood(readings: Readings) -> bool:
    """Say whether something of the catalogue was heard in every complaint."""
    return all(each.present or each.past for each in readings.each_told)
