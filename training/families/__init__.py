"""Every family of illness that synthetic cases are drawn from."""

from training.families import (
    airway,
    belly,
    birth,
    brain,
    children,
    heart,
    infection,
    injury,
    lungs,
    metabolism,
    mind_and_poison,
    minor,
    urinary,
    wounds,
)
from training.scenario import Family

FAMILIES: tuple[Family, ...] = (
    *heart.FAMILIES,
    *airway.FAMILIES,
    *lungs.FAMILIES,
    *brain.FAMILIES,
    *belly.FAMILIES,
    *urinary.FAMILIES,
    *infection.FAMILIES,
    *metabolism.FAMILIES,
    *children.FAMILIES,
    *birth.FAMILIES,
    *injury.FAMILIES,
    *wounds.FAMILIES,
    *mind_and_poison.FAMILIES,
    *minor.FAMILIES,
)
