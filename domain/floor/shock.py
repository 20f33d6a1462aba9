"""Pulse and pressure together, where blood may be lost or infection is suspected."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.floor import signs
from domain.floor.ages import FROM_16, Band, years
from domain.floor.pressure import shock_index_from
from domain.floor.readings import Readings, distinct
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Reference

ADULT = "Shock index, Allgower and Burri 1967; Cannon, J Trauma 2009;67:1426"
CHILD = "SIPA, Acker, J Pediatr Surg 2015;50:331"
FAMILY = "Shock index"

BLEEDS = (
    *("bleeding", "major-bleeding", "haematemesis", "melaena", "rectal-bleeding"),
    *("vaginal-bleeding", "haemoptysis", "epistaxis", "ectopic", "dissection"),
)
INJURIES = (
    *("penetrating-trauma", "major-mechanism", "head-injury", "amputation", "fall"),
    *("abdominal-injury", "chest-injury", "injury"),
)


@dataclass(frozen=True, kw_only=True)
class Index:
    """A ratio of pulse to systolic pressure from which an age may be in shock."""

    rule: str
    least: str
    acuity: Acuity
    ages: Band
    causes: tuple[str, ...] = ()
    infection: bool = False


INDICES: tuple[Index, ...] = (
    Index(
        rule="shock-index.with-cause",
        least="1.0",
        acuity=Acuity.EMERGENT,
        ages=FROM_16,
        causes=(*BLEEDS, *INJURIES, "syncope"),
        infection=True,
    ),
    Index(
        rule="shock-index.alone",
        least="1.0",
        acuity=Acuity.URGENT,
        ages=FROM_16,
    ),
    Index(
        rule="shock-index.raised-bleeding",
        least="0.8",
        acuity=Acuity.URGENT,
        ages=FROM_16,
        causes=(*BLEEDS, *INJURIES),
    ),
    *(
        Index(
            rule="shock-index.child",
            least=least,
            acuity=Acuity.EMERGENT,
            ages=ages,
            causes=(*BLEEDS, *INJURIES),
        )
        for least, ages in (
            ("1.22", years(4, 7)),
            ("1.0", years(7, 13)),
            ("0.9", years(13, 16)),
        )
    ),
)

SAYS = {
    "shock-index.with-cause": (
        "Pulse not below systolic pressure, and bleeding, injury, infection, fainting.",
        "A cause of shock and a circulation that answers to it: ESI point B.",
    ),
    "shock-index.alone": (
        "Pulse not below the systolic pressure.",
        "Pain, fever and fear do it too: without a cause of shock it floors to 3.",
    ),
    "shock-index.raised-bleeding": (
        "Pulse from 0.8 of the systolic pressure, with bleeding or injury.",
        "Bleeding raises the pulse before the pressure falls; 0.8 alone is common.",
    ),
    "shock-index.child": (
        "Pulse too fast for the systolic pressure of an injured or bleeding child.",
        "Children hold their pressure until they collapse: ESI point B.",
    ),
}


def _rule(name: str) -> Rule:
    indices = [index for index in INDICES if index.rule == name]
    says, why = SAYS[name]
    return Rule(
        rule=name,
        family=FAMILY,
        acuities=(indices[0].acuity,),
        says=says,
        why=why,
        citation=_citation(indices[0]),
        ages=tuple(index.ages for index in indices),
        thresholds=tuple(
            f"Heart rate / systolic pressure {index.least} or more, {index.ages.words}"
            for index in indices
        ),
    )


def _citation(index: Index) -> str:
    return ADULT if index.ages == FROM_16 else CHILD


CATALOGUE: tuple[Rule, ...] = tuple(map(_rule, SAYS))


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire where pulse and pressure fit shock, and with what is told of its cause."""
    for index in INDICES:
        if not index.ages.meets(readings.age):
            continue
        found = shock_index_from(readings, Decimal(index.least))
        causes = _causes(index, readings) if found else ()
        if found and (causes or not index.causes):
            yield Fired(
                rule=index.rule,
                acuity=index.acuity,
                sentence=SAYS[index.rule][0],
                citation=_citation(index),
                sources=distinct((*found, *causes)),
            )


def _causes(index: Index, readings: Readings) -> tuple[Reference, ...]:
    infected = signs.infection(readings) if index.infection else ()
    return (*readings.told.now(*index.causes), *infected)
