"""Pregnancy and the six weeks after birth, where NEWS2 must not be used."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from operator import ge, gt, lt

from domain.floor import signs
from domain.floor.ages import years
from domain.floor.limits import Comparison, Limit, broken, catalogued
from domain.floor.pressure import shock_index_from
from domain.floor.readings import Readings, distinct, sources
from domain.floor.rule import Rule
from domain.values import Acuity, Fired, Pregnancy, Reference, Sex, VitalName

WARNING_CRITERIA = "Maternal Early Warning Criteria (Mhyre, Obstet Gynecol 2014)"
ESI = "ESI handbook v5 (ENA 2023), pregnant and postpartum patients"
HYPERTENSION = "ACOG Committee Opinion 767 (2019), severe hypertension"
SEPSIS = "NICE suspected sepsis (NG51 2024), pregnant or recently pregnant"
SHOCK = "Obstetric shock index, Nathan, BJOG 2015;122:268"
FAMILY = "Pregnancy and six weeks after birth"

FERTILE = years(12, 56)
SIX_WEEKS = 42  # days
TWENTY_WEEKS = 140  # days; a high pressure before is older than the pregnancy
V = VitalName
ONE, TWO, THREE = Acuity.RESUSCITATION, Acuity.EMERGENT, Acuity.URGENT
Found = tuple[Reference, ...]

WARNING = (
    *("maternal warning", WARNING_CRITERIA),
    "The criteria ask for a clinician at the bedside: deaths follow missed signs.",
)
TREAT = (
    *("treat within 30-60 min", HYPERTENSION),
    "Stroke threatens: treatment within 30 to 60 minutes, so level 2.",
)
SUSPECT = "ESI demands 2, even without symptoms: pre-eclampsia or bleeding may be near."


def _limit(
    rule: str,
    vital: VitalName,
    compare: Comparison,
    limit: str,
    *reason: str,
) -> Limit:
    meaning, citation, why = reason
    return Limit(
        rule=f"maternal.{rule}",
        vital=vital,
        compare=compare,
        limit=Decimal(limit),
        acuity=TWO,
        citation=citation,
        meaning=meaning,
        why=why,
    )


LIMITS: tuple[Limit, ...] = (
    _limit("low-systolic", V.SYSTOLIC, lt, "90", "shock", ESI, SUSPECT),
    _limit(
        *("high-systolic", V.SYSTOLIC, gt, "150"),
        *("pre-eclampsia possible", ESI, SUSPECT),
    ),
    _limit("severe-systolic", V.SYSTOLIC, ge, "160", *TREAT),
    _limit("high-diastolic", V.DIASTOLIC, gt, "100", *WARNING),
    _limit("severe-diastolic", V.DIASTOLIC, ge, "110", *TREAT),
    _limit("slow-heart", V.HEART_RATE, lt, "50", *WARNING),
    _limit("fast-heart", V.HEART_RATE, gt, "120", *WARNING),
    _limit("slow-breathing", V.RESPIRATORY_RATE, lt, "10", *WARNING),
    _limit("fast-breathing", V.RESPIRATORY_RATE, gt, "30", *WARNING),
    _limit("low-oxygen", V.OXYGEN_SATURATION, lt, "95", *WARNING),
)

WARNING_COMPLAINTS = (
    *("chest-pain", "dyspnoea", "abdominal-pain", "headache", "bleeding"),
    *("vaginal-bleeding", "visual-disturbance", "visual-loss", "seizure"),
)
BLEEDS = ("bleeding", "vaginal-bleeding", "major-bleeding")


def _rule(rule: str, acuity: Acuity, says: str, why: str, citation: str = ESI) -> Rule:
    return Rule(
        rule=f"maternal.{rule}",
        family=FAMILY,
        acuities=(acuity,),
        says=says,
        why=why,
        citation=citation,
    )


COMPLAINTS: dict[str, Rule] = {
    name: _rule(
        *(name, TWO, f"Pregnant or postpartum with {name.replace('-', ' ')}."),
        "A warning complaint of pregnancy: ESI demands 2.",
    )
    for name in WARNING_COMPLAINTS
}
ALTERED = _rule(
    *("altered-state", TWO, "Pregnant or postpartum and not fully alert."),
    *("Agitation, confusion or worse is a criterion of its own.", WARNING_CRITERIA),
)
ECLAMPSIA = _rule(
    *("eclampsia", ONE, "Pregnant or postpartum, a seizure and a high pressure."),
    *("Eclampsia: magnesium at once.", HYPERTENSION),
)
SHOCKED = _rule(
    *("bleeding-and-shock", ONE, "Pregnant or postpartum, bleeding, and unstable."),
    "An obstetric bleed with a pulse above 0.9 of the systolic pressure, or below 90: "
    "ESI point A.",
    SHOCK,
)
FEVER = _rule(
    *("fever", THREE, "Pregnant or postpartum with a fever."),
    *("Sepsis of mother and child begins with it; high-risk signs make it 2.", SEPSIS),
)
FAST_FEVER = _rule(
    *("fever-and-fast-heart", TWO, "Pregnant or postpartum, fever, pulse above 100."),
    *("Two signs of sepsis at a time when it is quick.", SEPSIS),
)
RAISED = _rule(
    *("raised-pressure", THREE),
    "Pregnant from 20 weeks or for a time unknown, or postpartum, and a systolic "
    "pressure from 140 or a diastolic from 90.",
    "New from 20 weeks it is gestational hypertension until the urine says whether it "
    "is pre-eclampsia: assessment on the same day.",
    "NICE NG133 (2023) hypertension in pregnancy; ACOG Practice Bulletin 222 (2020)",
)
ECTOPIC = _rule(
    *("possible-ectopic", TWO),
    "Two of abdominal pain, bleeding, and a missed period or fainting, "
    "where pregnancy is not excluded.",
    "A pregnancy that nobody knows of may be bleeding inside.",
)

CATALOGUE: tuple[Rule, ...] = (
    *catalogued(FAMILY, LIMITS),
    *COMPLAINTS.values(),
    *(ALTERED, ECLAMPSIA, SHOCKED, FEVER, FAST_FEVER, RAISED, ECTOPIC),
)


def rules(readings: Readings) -> Iterable[Fired]:
    """Fire on maternal limits and complaints, and on a possible ectopic pregnancy."""
    carrying, told = maternal(readings)
    if carrying:
        yield from broken(LIMITS, readings)
        for rule, found in _signs(readings):
            if found:
                yield _fired(rule, (*found, *told))
    yield from _ectopic(readings)


def maternal(readings: Readings) -> tuple[bool, Found]:
    """Say whether the patient is pregnant or postpartum, coded or in words."""
    case = readings.case
    told = readings.told.now("pregnancy", "postpartum")
    recent = case.postpartum is not None and case.postpartum <= SIX_WEEKS
    if recent or case.pregnancy in {Pregnancy.PREGNANT, Pregnancy.POSTPARTUM}:
        return True, told
    if case.pregnancy is Pregnancy.NOT_PREGNANT:
        return False, ()
    return bool(told), told


def _signs(readings: Readings) -> Iterator[tuple[Rule, Found]]:
    """Yield each rule with what shows it, which may be nothing."""
    told = readings.told
    for name, rule in COMPLAINTS.items():
        yield rule, told.now(name)
    yield ALTERED, signs.altered(readings)
    high = (*_from(readings, V.SYSTOLIC, 140), *_from(readings, V.DIASTOLIC, 90))
    yield ECLAMPSIA, _both(told.now("seizure", "active-seizure"), high)
    early = readings.case.gestation is not None and (
        readings.case.gestation < TWENTY_WEEKS
    )
    yield RAISED, () if early else high
    low = [r for r in readings.current(V.SYSTOLIC) if r.value < 90]  # noqa: PLR2004 (ESI)
    shock = (*sources(low), *shock_index_from(readings, Decimal("0.9")))
    yield SHOCKED, _both(told.now(*BLEEDS), shock)
    hot = signs.fever(readings)
    yield FEVER, hot
    yield FAST_FEVER, _both(hot, _from(readings, V.HEART_RATE, 101))


def _from(readings: Readings, vital: VitalName, least: int) -> Found:
    return sources(r for r in readings.current(vital) if r.value >= least)


def _both(one: Found, other: Found) -> Found:
    return (*one, *other) if one and other else ()


def _ectopic(readings: Readings) -> Iterator[Fired]:
    """Fire where a pregnancy nobody knows of may be bleeding."""
    case = readings.case
    capable = case.sex is not Sex.MALE and FERTILE.meets(readings.age)
    if not capable or case.pregnancy is Pregnancy.NOT_PREGNANT:
        return
    told = readings.told
    shown = [
        told.now("abdominal-pain"),
        told.now("vaginal-bleeding"),
        told.now("missed-period", "syncope"),
    ]
    if sum(map(bool, shown)) > 1:
        yield _fired(ECTOPIC, chain.from_iterable(shown))


def _fired(rule: Rule, found: Iterable[Reference]) -> Fired:
    return Fired(
        rule=rule.rule,
        acuity=rule.acuities[0],
        sentence=rule.says,
        citation=rule.citation,
        sources=distinct(found),
    )
