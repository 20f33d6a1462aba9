"""How the patient came, and how long ago it began, as far as that decides."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from domain.floor.readings import Readings
from domain.floor.rule import Rule
from domain.particulars import Onset
from domain.values import Acuity, Fired, Reference

FAMILY: Final = "How the patient came"
WINDOW: Final = timedelta(hours=24)

TRANSFERRED = Rule(
    rule="arrival.transferred",
    family=FAMILY,
    acuities=(Acuity.URGENT,),
    says="The encounter says that another hospital sent the patient.",
    why="Somebody has already decided that more is needed than was there.",
    citation="HL7 admit-source hosp-trans; ESI handbook v5 (ENA 2023), point C",
)
STROKE_WINDOW = Rule(
    rule="arrival.stroke-window",
    family=FAMILY,
    acuities=(Acuity.EMERGENT,),
    says="Stroke signs, and last known well at most 24 hours ago.",
    why="Within this time a clot may still be dissolved or taken out.",
    citation="AHA/ASA guideline for ischaemic stroke (2019): thrombectomy to 24 h",
)

CATALOGUE: tuple[Rule, ...] = (TRANSFERRED, STROKE_WINDOW)


def rules(readings: Readings) -> Iterator[Fired]:
    """Fire for a transfer between hospitals, and for a stroke that is still young."""
    case = readings.case
    if case.transferred:
        came = tuple(each for each in case.inputs if each.type == "Encounter")
        yield _fired(TRANSFERRED, came)
    stroke = readings.told.now("stroke")
    if stroke and any(_is_young(each, readings) for each in _onsets(readings, stroke)):
        yield _fired(STROKE_WINDOW, stroke)


def _onsets(readings: Readings, sources: tuple[Reference, ...]) -> Iterator[Onset]:
    case = readings.case
    if case.last_known_well is not None:
        yield case.last_known_well
    for said in case.complaints:
        if said.source in sources and said.onset is not None:
            yield said.onset


def _is_young(onset: Onset, readings: Readings) -> bool:
    """Say whether it may have begun within the window; an open end may be now."""
    known = onset.earliest is not None or onset.latest is not None
    return known and (
        onset.latest is None or readings.case.now - onset.latest <= WINDOW
    )


def _fired(rule: Rule, sources: tuple[Reference, ...]) -> Fired:
    return Fired(
        rule=rule.rule,
        acuity=rule.acuities[0],
        sentence=rule.says,
        citation=rule.citation,
        sources=sources,
    )
