"""How the patient came, and how long ago it began, as far as that decides."""

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType
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

_PRIORITY = (
    "HL7 FHIR request-priority and v3 ActPriority, as defined there; ESI handbook v5 "
    "(ENA 2023), point B: judgement of a clinician who saw the patient"
)
ASKED_AT_ONCE = Rule(
    rule="arrival.asked-at-once",
    family=FAMILY,
    acuities=(Acuity.EMERGENT,),
    says="The encounter or a referral asks for it at once: stat, or as soon as "
    "possible.",
    why="Who sent the patient has seen more than is written; for 1 the patient's own "
    "signs decide.",
    citation=_PRIORITY,
    thresholds=("request-priority stat, asap", "v3 ActPriority S, A"),
)
ASKED_SOON = Rule(
    rule="arrival.asked-soon",
    family=FAMILY,
    acuities=(Acuity.URGENT,),
    says="The encounter or a referral is marked as urgent.",
    why="Somebody judged that it cannot wait. EM is no such mark: many systems send it "
    "with every visit to an emergency department.",
    citation=_PRIORITY,
    thresholds=("request-priority urgent", "v3 ActPriority UR, T"),
)
_ASKED: Final = MappingProxyType(
    dict.fromkeys(("stat", "asap", "S", "A"), ASKED_AT_ONCE)
    | dict.fromkeys(("urgent", "UR", "T"), ASKED_SOON)
)

CATALOGUE: tuple[Rule, ...] = (TRANSFERRED, STROKE_WINDOW, ASKED_AT_ONCE, ASKED_SOON)


def rules(readings: Readings) -> Iterator[Fired]:
    """Fire for a transfer, for an urgent referral, and for a stroke still young."""
    case = readings.case
    if case.transferred:
        yield _fired(TRANSFERRED, _of(readings, "Encounter"))
    if case.priority in _ASKED:
        came = _of(readings, "Encounter", "ServiceRequest")
        yield _fired(_ASKED[case.priority], came)
    stroke = readings.told.now("stroke")
    if stroke and any(_is_young(each, readings) for each in _onsets(readings, stroke)):
        yield _fired(STROKE_WINDOW, stroke)


def _of(readings: Readings, *kinds: str) -> tuple[Reference, ...]:
    return tuple(each for each in readings.case.inputs if each.type in kinds)


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
