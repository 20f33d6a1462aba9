"""The National Early Warning Score 2, for adults who are not pregnant."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from domain.floor import quality
from domain.floor.ages import FROM_16
from domain.floor.news2_score import SINGLE, News2, band_points, bands_of, news2
from domain.floor.readings import Reading, Readings, distinct, sources
from domain.floor.rule import Rule
from domain.floor.signs import infection
from domain.floor.understanding import minor
from domain.values import Acuity, Fired, Pregnancy, Reference, VitalName

CITATION = "NEWS2, Royal College of Physicians 2017"
FAMILY = "NEWS2"
HIGH = 7
MEDIUM = 5
RAISED = 3


def applies(readings: Readings) -> bool:
    """Say whether the score is meant for this patient: 16 or older, not pregnant."""
    carrying = readings.case.pregnancy in {Pregnancy.PREGNANT, Pregnancy.POSTPARTUM}
    return FROM_16.meets(readings.age) and not carrying


def scale_2(readings: Readings) -> bool:
    """Say whether the patient's oxygen target is 88-92 %.

    Only a recorded Condition says so: hypercapnic failure, or the prescribed target.
    The words of a complaint or a Flag never do: the scale makes a low saturation score
    less.
    """
    said = readings.recorded.ever("hypercapnic-failure")
    return any(source.type != "Flag" for source in said)


def scored(readings: Readings) -> tuple[News2, tuple[Reference, ...]]:
    """Score the current readings, the most urgent where several are current."""
    on, supply = oxygen(readings)
    scale2 = scale_2(readings)
    bands = bands_of(oxygen=on, scale2=scale2)

    def urgency(reading: Reading) -> tuple[int, Decimal, str]:
        return band_points(reading, bands[reading.name]), *reading.order

    highest = {
        name: max(found, key=urgency)
        for name in bands
        if (found := readings.current(name))
    }
    # What is normal, but old or not final, is not known: no zero is given for it.
    worst = {n: r for n, r in highest.items() if r.reassures or urgency(r)[0]}
    values = {name: reading.value for name, reading in worst.items()}
    coma = readings.current(VitalName.GLASGOW_COMA_SCALE)
    if any(r.reassures or r.value < 15 for r in coma):  # noqa: PLR2004 (the full score)
        # A scale below 15 is 'not alert', whatever else was written.
        reduced = Decimal(int(coma[0].value < 15))  # noqa: PLR2004 (the full score)
        alert = values.get(VitalName.CONSCIOUSNESS, Decimal(0))
        values[VitalName.CONSCIOUSNESS] = max(alert, reduced)
    used = distinct((*sources(worst.values()), *sources(coma[:1]), *supply))
    return news2(values, oxygen=on, scale2=scale2), used


def oxygen(readings: Readings) -> tuple[bool | None, tuple[Reference, ...]]:
    """Say whether supplemental oxygen runs, and by which Observations."""
    limits = {
        VitalName.OXYGEN_FLOW: 0,
        VitalName.INHALED_OXYGEN: 21,
        VitalName.SUPPLEMENTAL_OXYGEN: 0,
    }
    found = [r for name in limits for r in readings.current(name)]
    running = [r for r in found if r.value > limits[r.name]]
    if running:
        return True, sources(running)
    calm = [r for r in found if r.reassures]
    return (False, sources(calm)) if calm else (None, ())


@dataclass(frozen=True, kw_only=True)
class Risk:
    """A clinical risk of the score and the level it floors to."""

    rule: str
    acuity: Acuity
    infected: Acuity
    minor: Acuity
    least: int
    says: str
    why: str


RISKS: tuple[Risk, ...] = (
    Risk(
        rule="news2.high",
        acuity=Acuity.EMERGENT,
        infected=Acuity.EMERGENT,
        minor=Acuity.EMERGENT,
        least=HIGH,
        says="high risk",
        why="The RCP asks for emergency assessment and continuous monitoring.",
    ),
    Risk(
        rule="news2.medium",
        acuity=Acuity.URGENT,
        infected=Acuity.EMERGENT,
        minor=Acuity.URGENT,
        least=MEDIUM,
        says="medium risk",
        why="The RCP asks for assessment within the hour, which is level 3; with "
        "suspected infection it may be sepsis (NICE NG253), which is level 2.",
    ),
    Risk(
        rule="news2.single",
        acuity=Acuity.URGENT,
        infected=Acuity.EMERGENT,
        minor=Acuity.URGENT,
        least=SINGLE,
        says="one parameter alone scores 3",
        why="The RCP asks for urgent review of a single 3, as for a medium score.",
    ),
    Risk(
        rule="news2.raised",
        acuity=Acuity.URGENT,
        infected=Acuity.URGENT,
        minor=Acuity.LESS_URGENT,
        least=RAISED,
        says="raised",
        why="On a ward 3 or 4 is a low risk; in a waiting room nobody watches whether "
        "it rises, so it is 3. With nothing told but a complaint of the minor list, "
        "and nothing missing but the saturation, it is 4 and is measured again.",
    ),
)

CATALOGUE: tuple[Rule, ...] = tuple(
    Rule(
        rule=risk.rule,
        family=FAMILY,
        acuities=tuple(sorted({risk.acuity, risk.infected, risk.minor})),
        says=f"NEWS2: {risk.says}.",
        why=risk.why,
        citation=CITATION,
        ages=(FROM_16,),
        thresholds=(
            "One parameter scores 3"
            if risk.rule == "news2.single"
            else f"Aggregate {risk.least} or more",
            "Not in pregnancy or within 6 weeks of birth",
        ),
    )
    for risk in RISKS
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on the total, or on one parameter that scores three."""
    if not applies(readings):
        return
    score, used = scored(readings)
    risk = _risk(score)
    if risk:
        yield _fired(risk, score, used, _demanded(risk, readings))


def _demanded(risk: Risk, readings: Readings) -> Acuity:
    if infection(readings):
        return risk.infected
    known = set(quality.absent(readings)) <= {VitalName.OXYGEN_SATURATION}
    return risk.minor if known and minor(readings) else risk.acuity


def _risk(score: News2) -> Risk | None:
    high, medium, single, raised = RISKS
    for risk in (high, medium):
        if score.total >= risk.least:
            return risk
    if score.single:
        return single
    return raised if score.total >= raised.least else None


def _fired(
    risk: Risk, score: News2, used: tuple[Reference, ...], acuity: Acuity
) -> Fired:
    context = ", with suspected infection" if acuity < risk.acuity else ""
    partial = f" (not known: {', '.join(score.missing)})" if score.missing else ""
    return Fired(
        rule=risk.rule,
        acuity=acuity,
        sentence=f"NEWS2 is {score.total}{partial}: {risk.says}{context}.",
        citation=CITATION,
        sources=used,
    )
