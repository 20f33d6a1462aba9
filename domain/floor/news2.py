"""The National Early Warning Score 2, for adults who are not pregnant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from domain.floor.ages import FROM_16
from domain.floor.readings import Reading, Readings, distinct, sources
from domain.floor.signs import infection
from domain.values import Acuity, Fired, Pregnancy, Reference, VitalName

CITATION = "NEWS2, Royal College of Physicians 2017"

HIGH = 7
MEDIUM = 5
SINGLE = 3

Bands = tuple[tuple[str, int], ...]
"""Points up to and including each limit, lowest first; the last band is open."""

BANDS: Mapping[VitalName, Bands] = {
    VitalName.RESPIRATORY_RATE: (("8", 3), ("11", 1), ("20", 0), ("24", 2), ("Inf", 3)),
    VitalName.OXYGEN_SATURATION: (("91", 3), ("93", 2), ("95", 1), ("Inf", 0)),
    VitalName.SYSTOLIC: (("90", 3), ("100", 2), ("110", 1), ("219", 0), ("Inf", 3)),
    VitalName.HEART_RATE: (
        *(("40", 3), ("50", 1), ("90", 0)),
        *(("110", 1), ("130", 2), ("Inf", 3)),
    ),
    # Rank on ACVPU: all but alert score three.
    VitalName.CONSCIOUSNESS: (("0", 0), ("Inf", 3)),
    VitalName.TEMPERATURE: (
        *(("35.0", 3), ("36.0", 1), ("38.0", 0)),
        *(("39.0", 1), ("Inf", 2)),
    ),
}
SCALE_2_ON_AIR: Bands = (("83", 3), ("85", 2), ("87", 1), ("Inf", 0))
SCALE_2_ON_OXYGEN: Bands = (
    *(("83", 3), ("85", 2), ("87", 1), ("92", 0)),
    *(("94", 1), ("96", 2), ("Inf", 3)),
)
OXYGEN_POINTS = 2
_STEPS = {VitalName.TEMPERATURE: Decimal("0.1")}


@dataclass(frozen=True, kw_only=True)
class News2:
    """Points by parameter; a parameter that was not measured is not in `points`."""

    points: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return the sum of what was measured, a lower bound while some is missing."""
        return sum(self.points.values())

    @property
    def single(self) -> bool:
        """Say whether one parameter alone scores three."""
        return SINGLE in self.points.values()


def news2(
    values: Mapping[VitalName, Decimal],
    *,
    oxygen: bool | None,
    scale2: bool = False,
) -> News2:
    """Score what was measured.

    Args:
        values: canonical units; consciousness as its ACVPU rank, 0 alert.
        oxygen: whether the patient breathes supplemental oxygen; None if not known.
        scale2: only where a clinician prescribed a target of 88-92 %.

    """
    bands = dict(BANDS)
    if scale2:
        on = SCALE_2_ON_OXYGEN if oxygen else SCALE_2_ON_AIR
        bands[VitalName.OXYGEN_SATURATION] = on
    points = {
        str(name): points_of(values[name], bands[name], _STEPS.get(name, Decimal(1)))
        for name in bands
        if name in values
    }
    missing = [str(name) for name in bands if name not in values]
    if oxygen is None:
        missing.append("oxygen")
    else:
        points["oxygen"] = OXYGEN_POINTS if oxygen else 0
    return News2(points=points, missing=tuple(missing))


def points_of(value: Decimal, bands: Bands, step: Decimal = Decimal(1)) -> int:
    """Return the points of a value; between two printed bands the higher count."""
    return max(
        _points(value.quantize(step, rounding=way), bands)
        for way in (ROUND_FLOOR, ROUND_CEILING)
    )


def _points(value: Decimal, bands: Bands) -> int:
    return next(points for limit, points in bands if value <= Decimal(limit))


def applies(readings: Readings) -> bool:
    """Say whether the score is meant for this patient: 16 or older, not pregnant."""
    carrying = readings.case.pregnancy in {Pregnancy.PREGNANT, Pregnancy.POSTPARTUM}
    return FROM_16.meets(readings.age) and not carrying


def scored(readings: Readings) -> tuple[News2, tuple[Reference, ...]]:
    """Score the current readings, the most urgent where several are current."""
    worst = {
        name: max(found, key=_urgency)
        for name in BANDS
        if (found := readings.current(name))
    }
    values = {name: reading.value for name, reading in worst.items()}
    coma = readings.current(VitalName.GLASGOW_COMA_SCALE)
    if coma:
        # A scale below 15 is 'not alert', whatever else was written.
        reduced = Decimal(int(coma[0].value < 15))  # noqa: PLR2004 (the full score)
        alert = values.get(VitalName.CONSCIOUSNESS, Decimal(0))
        values[VitalName.CONSCIOUSNESS] = max(alert, reduced)
    on, supply = oxygen(readings)
    used = distinct((*sources(worst.values()), *sources(coma[:1]), *supply))
    return news2(values, oxygen=on), used


def _urgency(reading: Reading) -> tuple[int, Decimal, str]:
    step = _STEPS.get(reading.name, Decimal(1))
    return points_of(reading.value, BANDS[reading.name], step), *reading.order


def oxygen(readings: Readings) -> tuple[bool | None, tuple[Reference, ...]]:
    """Say whether supplemental oxygen runs, and by which Observations."""
    limits = {VitalName.OXYGEN_FLOW: 0, VitalName.INHALED_OXYGEN: 21}
    found = [r for name in limits for r in readings.current(name)]
    running = [r for r in found if r.value > limits[r.name]]
    if running:
        return True, sources(running)
    return (False, sources(found)) if found else (None, ())


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on a high or medium total, or on one parameter that scores three."""
    if not applies(readings):
        return
    score, used = scored(readings)
    yield from _fired(score, used, infected=bool(infection(readings)))


def _fired(
    score: News2, used: tuple[Reference, ...], *, infected: bool
) -> Iterator[Fired]:
    urgent = Acuity.EMERGENT if infected else Acuity.URGENT
    context = ", with suspected infection" if infected else ""
    if score.total >= HIGH:
        rule, acuity, risk = "news2.high", Acuity.EMERGENT, "high risk"
    elif score.total >= MEDIUM:
        rule, acuity, risk = "news2.medium", urgent, f"medium risk{context}"
    elif score.single:
        rule, acuity = "news2.single", urgent
        risk = f"one parameter alone scores 3{context}"
    else:
        return
    partial = f" (not measured: {', '.join(score.missing)})" if score.missing else ""
    yield Fired(
        rule=rule,
        acuity=acuity,
        sentence=f"NEWS2 is {score.total}{partial}: {risk}.",
        citation=CITATION,
        sources=used,
    )
