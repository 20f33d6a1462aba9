"""Releases of models: read from the log, and as units of work."""

from typing import Final

from domain import registry
from domain.registered import RegistryEvent
from domain.registering import RegistryCommand
from domain.registry import Registry
from gateway.intake.matter import Matter, MatterUnit
from gateway.intake.streams import REGISTRY

RELEASES: Final = Matter(
    stream=REGISTRY,
    initial=registry.EMPTY,
    decide=registry.decide,
    evolve=registry.evolve,
    events=RegistryEvent,
)
known, told = RELEASES.known, RELEASES.told


class RegistryUnit(MatterUnit[Registry, RegistryCommand]):
    """Lets the registry of releases decide; doing it again changes nothing.

    A rollback that does not name what it leaves is the exception. Refused is a release
    that cannot be registered or may not count, and where nobody says who decides, or
    why.
    """

    matter = RELEASES
