"""The site's rules and their signature: read from the log, and as units of work."""

from typing import Final

from domain import rulebook
from domain.commands import RulesCommand
from domain.rulebook import Rulebook
from domain.ruled import RulesEvent
from gateway.intake.matter import Matter, MatterUnit
from gateway.intake.streams import RULES

RULEBOOK: Final = Matter(
    stream=RULES,
    initial=rulebook.UNSIGNED,
    decide=rulebook.decide,
    evolve=rulebook.evolve,
    events=RulesEvent,
)
told = RULEBOOK.told


class RulesUnit(MatterUnit[Rulebook, RulesCommand]):
    """Lets the rulebook decide; refused is what is laxer or cannot be signed."""

    matter = RULEBOOK
