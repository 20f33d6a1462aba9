"""The catalogue of complaints that need no subtle reading, and their levels."""

from collections.abc import Iterable

from domain.floor import (
    belly_flags,
    bleeding_flags,
    brain_flags,
    child_flags,
    harm_flags,
    heart_flags,
    life_flags,
    limb_flags,
    referral_flags,
)
from domain.floor.flag import RedFlag
from domain.floor.readings import Readings
from domain.floor.rule import Rule
from domain.values import Fired

FAMILIES: dict[str, tuple[RedFlag, ...]] = {
    "Red flags: airway, breathing, allergy": life_flags.FLAGS,
    "Red flags: heart, lungs, vessels": heart_flags.FLAGS,
    "Red flags: brain, senses": brain_flags.FLAGS,
    "Red flags: bleeding": bleeding_flags.FLAGS,
    "Red flags: belly, infection, metabolism": belly_flags.FLAGS,
    "Red flags: limbs, spine, skin": limb_flags.FLAGS,
    "Red flags: injury, poison, mind": harm_flags.FLAGS,
    "Red flags: infants, children, birth": child_flags.FLAGS,
    "Red flags: found by others": referral_flags.FLAGS,
}

FLAGS: tuple[RedFlag, ...] = tuple(
    flag for flags in FAMILIES.values() for flag in flags
)

CATALOGUE: tuple[Rule, ...] = tuple(
    flag.entry(family) for family, flags in FAMILIES.items() for flag in flags
)


_LEADING: tuple[tuple[frozenset[str], RedFlag], ...] = tuple(
    (frozenset(flag.all_of[0] if flag.all_of else ()), flag) for flag in FLAGS
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire for every flag that the complaints raise."""
    told = readings.told.present.keys()
    for names, flag in _LEADING:
        # Most flags are not even mentioned: those need no closer look.
        fired = None if names and names.isdisjoint(told) else flag.fired(readings)
        if fired:
            yield fired
