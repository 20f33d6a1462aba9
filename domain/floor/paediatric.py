"""Children: NICE sepsis bands, and blood pressure too low for the age."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.floor import signs
from domain.floor.ages import UNDER_16, Band, years
from domain.floor.limits import broken, catalogued
from domain.floor.paediatric_limits import ALWAYS, CITATION, HIGH, INFECTED
from domain.floor.readings import Readings, distinct, sources
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Reference, VitalName

CONCERN = "ESI handbook v5 (ENA 2023) and NICE NG254, concern of a parent or carer"
FAMILY = "Children"

V = VitalName
TWO, THREE = Acuity.EMERGENT, Acuity.URGENT
Found = tuple[Reference, ...]


def _slow_refill(readings: Readings) -> Found:
    refill = readings.current(V.CAPILLARY_REFILL)
    return sources(r for r in refill if r.value >= signs.SLOW_REFILL)


def _ill(readings: Readings) -> Found:
    told = readings.told.now("hypoperfusion", "altered-state")
    return distinct((*told, *signs.altered(readings)))


def _cold(readings: Readings) -> Found:
    cold = [r for r in readings.current(V.TEMPERATURE) if r.value < signs.COLD]
    told = readings.told.now("infection", "fever", "urinary-infection", "sepsis")
    return distinct((*sources(cold), *told)) if cold and told else ()


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """A look of an infected child that makes it an emergency."""

    rule: str
    shows: Callable[[Readings], Found]
    sentence: str
    ages: Band = UNDER_16


APPEARANCES: tuple[Appearance, ...] = (
    Appearance(
        rule="paediatric.ill-appearance",
        shows=_ill,
        sentence="A child with signs of infection is mottled, ashen or not alert.",
    ),
    Appearance(
        rule="paediatric.poor-perfusion",
        shows=_slow_refill,
        sentence="A child with signs of infection has a slow capillary refill.",
    ),
    Appearance(
        rule="paediatric.cold-and-infected",
        shows=_cold,
        sentence="A child under 5 with an infection is below 36.0.",
        ages=years(0, 5),
    ),
)
CARER = Rule(
    rule="paediatric.carer-concern",
    family=FAMILY,
    acuities=(THREE,),
    says="A carer says that the child is not as usual.",
    why="Carers see first that a child is different; NICE asks to take it as a sign.",
    citation=CONCERN,
    ages=(UNDER_16,),
)

CATALOGUE: tuple[Rule, ...] = (
    *catalogued(FAMILY, (*ALWAYS, *INFECTED)),
    *(
        Rule(
            rule=appearance.rule,
            family=FAMILY,
            acuities=(TWO,),
            says=appearance.sentence,
            why=HIGH,
            citation=CITATION,
            ages=(appearance.ages,),
        )
        for appearance in APPEARANCES
    ),
    CARER,
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on the signs of children and on low blood pressure."""
    if not UNDER_16.meets(readings.age):
        return
    yield from broken(ALWAYS, readings)
    infected = signs.infection(readings)
    if infected:
        yield from broken(INFECTED, readings)
        yield from _appearance(readings, infected)
    concern = readings.told.now("carer-concern")
    if concern:
        yield Fired(
            rule=CARER.rule,
            acuity=THREE,
            sentence=CARER.says,
            citation=CARER.citation,
            sources=concern,
        )


def _appearance(readings: Readings, infected: Found) -> Iterator[Fired]:
    for look in APPEARANCES:
        found = look.shows(readings) if look.ages.meets(readings.age) else ()
        if found:
            yield Fired(
                rule=look.rule,
                acuity=TWO,
                sentence=look.sentence,
                citation=CITATION,
                sources=distinct((*infected, *found)),
            )
