"""Which model may answer: read from the log, and as units of work."""

from typing import Final

from domain import serving
from domain.served import ServingEvent
from domain.serving import Serving
from domain.switching import ServingCommand
from gateway.intake.matter import Matter, MatterUnit
from gateway.intake.streams import SERVING

MODEL: Final = Matter(
    stream=SERVING,
    initial=serving.UNSERVED,
    decide=serving.decide,
    evolve=serving.evolve,
    events=ServingEvent,
)
told = MODEL.told


class ServingUnit(MatterUnit[Serving, ServingCommand]):
    """Lets the model's registry decide; refused is who does not say who, or why."""

    matter = MODEL
