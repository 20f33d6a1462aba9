"""Values that their sender marked as critically abnormal, whatever they are."""

from collections.abc import Iterable

from domain.floor.extremes import FAMILY
from domain.floor.readings import Readings, distinct
from domain.floor.rule import Rule
from domain.values import Acuity, Fired

MARKED = Rule(
    rule="extreme.marked-critical",
    family=FAMILY,
    acuities=(Acuity.EMERGENT,),
    says="The sender marked a value as critically abnormal.",
    why="A laboratory telephones such a value; it need not be readable to count.",
    citation="HL7 ObservationInterpretation AA, HH, LL; ISO 15189 critical results",
)

CATALOGUE: tuple[Rule, ...] = (MARKED,)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where a value is marked, readable or not."""
    marked = {vital.source for vital in readings.case.vitals if vital.critical}
    if marked:
        yield Fired(
            rule=MARKED.rule,
            acuity=Acuity.EMERGENT,
            sentence=MARKED.says,
            citation=MARKED.citation,
            sources=distinct(marked),
        )
