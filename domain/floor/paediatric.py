"""Children: NICE sepsis bands, and blood pressure too low for the age."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.floor import signs
from domain.floor.ages import UNDER_16, Band, months, years
from domain.floor.beside import carer_concern, unvaccinated
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
    says="A carer says that the child is not as usual, or tells of worry.",
    why="Carers see first that a child is different; NICE asks to take it as a sign.",
    citation=CONCERN,
    ages=(UNDER_16,),
)

FEVERISH = months(3, 36)
UNVACCINATED = Rule(
    rule="paediatric.fever-and-unvaccinated",
    family=FAMILY,
    acuities=(THREE,),
    says="A fever in a child of 3 to 36 months who is not, or not fully, vaccinated.",
    why="Without vaccines a fever is more often from bacteria in the blood: the "
    "handbook asks for 2 or 3, and high-risk signs make it 2.",
    citation="ESI handbook v5 (ENA 2023), paediatric fever: incomplete immunisation",
    ages=(FEVERISH,),
    thresholds=("Temperature at or above 38.0 Cel, or a fever that is told",),
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
    UNVACCINATED,
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
    yield from _fired(CARER, carer_concern(readings))
    if FEVERISH.meets(readings.age):
        yield from _fired(UNVACCINATED, _hot_and_unvaccinated(readings))


def _fired(rule: Rule, found: Found) -> Iterator[Fired]:
    if found:
        yield Fired(
            rule=rule.rule,
            acuity=THREE,
            sentence=rule.says,
            citation=rule.citation,
            sources=found,
        )


def _hot_and_unvaccinated(readings: Readings) -> Found:
    hot = distinct((*signs.fever(readings), *readings.told.now("fever")))
    lacking = unvaccinated(readings) if hot else ()
    return distinct((*hot, *lacking)) if lacking else ()


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
