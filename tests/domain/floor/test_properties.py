"""What holds for every case: the floor only ever rises with what is known."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_CEILING, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.answers import Draft
from domain.assessment.machine import compose
from domain.floor import quality
from domain.floor.compose import assess
from domain.floor.normal import CHILDREN as CHILD_RANGES
from domain.floor.plausibility import PLAUSIBLE
from domain.floor.readings import Readings
from domain.values import (
    Acuity,
    Age,
    Case,
    Code,
    Complaint,
    Consciousness,
    Finding,
    Pregnancy,
    Quality,
    Reference,
    Sex,
    Vital,
    VitalName,
)
from tests.domain.floor.cases import AT, PATIENT, complaint, ref
from tests.domain.floor.test_red_flags import TABLE

EXAMPLES = settings(max_examples=60, deadline=None)

WORDS = st.sampled_from(
    [
        *[row.said[0] for row in TABLE],
        *["denies", "no", "mother had", "if", "history of", "in 2010", "and", ",", "."],
        *["warfarin", "insulin", "pregnant", "diabetes", "sore toe", "or", "but"],
    ]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=40)
REFERENCES = st.builds(
    Reference,
    type=st.sampled_from(["Observation", "Condition"]),
    id=st.text("abc", min_size=1, max_size=2),
    version=st.integers(0, 2),
)
OFFSETS = st.sampled_from([UTC, timezone(timedelta(hours=14)), None])
TIMES = (
    st.none()
    | st.datetimes(timezones=OFFSETS)
    | st.timedeltas(timedelta(hours=-1), timedelta(hours=30)).map(
        lambda past: AT - past
    )
)
CODES = st.builds(
    Code,
    system=st.sampled_from(
        [
            "http://snomed.info/sct",
            "http://hl7.org/fhir/sid/icd-10-cm",
            "http://www.whocc.no/atc",
            "",
        ]
    ),
    code=st.sampled_from(["29857009", "I63.9", "B01AF02", "R07", ""]) | st.text(),
    display=TEXTS,
)
AGES = st.none() | st.builds(
    Age, least=st.integers(-10, 60_000), most=st.integers(-10, 60_000)
)
ANY_VITAL = st.builds(
    Vital,
    name=st.sampled_from(VitalName),
    source=REFERENCES,
    value=st.none() | st.decimals() | st.integers(-5, 400).map(Decimal),
    consciousness=st.none() | st.sampled_from(Consciousness),
    effective=TIMES,
    quality=st.sampled_from(Quality),
)


def findings(kind):
    codes = st.lists(CODES, max_size=2).map(tuple)
    one = st.builds(kind, text=TEXTS, source=REFERENCES, codes=codes)
    return st.lists(one, max_size=3).map(tuple)


ANY_CASE = st.builds(
    Case,
    patient=st.just(PATIENT),
    at=st.datetimes(timezones=OFFSETS) | st.just(AT),
    age=AGES,
    sex=st.sampled_from(Sex),
    pregnancy=st.sampled_from(Pregnancy),
    complaints=findings(Complaint),
    vitals=st.lists(ANY_VITAL, max_size=10).map(tuple),
    conditions=findings(Finding),
    medications=findings(Finding),
)

NORMAL = {
    VitalName.RESPIRATORY_RATE: 16,
    VitalName.HEART_RATE: 75,
    VitalName.OXYGEN_SATURATION: 98,
    VitalName.SYSTOLIC: 125,
    VitalName.DIASTOLIC: 80,
    VitalName.TEMPERATURE: 37,
    VitalName.GLASGOW_COMA_SCALE: 15,
    VitalName.GLUCOSE: 6,
    VitalName.PAIN: 0,
    VitalName.LACTATE: 1,
    VitalName.CAPILLARY_REFILL: 1,
}
ADULTS = st.integers(18 * 366, 60 * 365).map(lambda day: Age(least=day, most=day))


def reading(name, value):
    return Vital(name=name, value=Decimal(value), source=ref(name.value), effective=AT)


CHILDREN = st.integers(0, 15 * 365).map(lambda day: Age(least=day, most=day))


@st.composite
def _levelled(draw):
    """Make a child, some vital signs at one time each, and what was told."""
    names = draw(st.sets(st.sampled_from(list(NORMAL)), max_size=6))
    vitals = []
    for name in sorted(names):
        least, most = (int(bound) for bound in PLAUSIBLE[name])
        most = min(most, 260)
        vitals.append(reading(name, draw(st.integers(max(least, 2), max(most, 2)))))
    return Case(
        patient=PATIENT,
        at=AT,
        age=draw(CHILDREN),
        complaints=draw(findings(Complaint)),
        vitals=tuple(vitals),
    )


LEVELLED = _levelled()


@st.composite
def measured_adults(draw):
    """Make an adult with one current reading of each vital, anywhere plausible."""
    vitals = []
    for name, normal in NORMAL.items():
        least, most = (int(bound) for bound in PLAUSIBLE[name])
        near = st.integers(max(least + 2, normal - 30), min(most, normal + 40))
        vitals.append(reading(name, draw(st.just(normal) | near)))
    return Case(
        patient=PATIENT,
        at=AT,
        age=draw(ADULTS),
        pregnancy=draw(st.sampled_from(Pregnancy)),
        complaints=draw(findings(Complaint)),
        vitals=tuple(vitals),
        medications=draw(findings(Finding)),
    )


@EXAMPLES
@given(ANY_CASE)
def test_every_case_gets_a_level_with_a_reason(case):
    result = assess(case)

    assert result.fired
    assert result.acuity == min(fired.acuity for fired in result.fired)
    assert all(fired.sentence and fired.citation for fired in result.fired)


@EXAMPLES
@given(ANY_CASE, st.randoms())
def test_the_order_of_what_was_sent_changes_nothing(case, random):
    def mixed(items):
        return tuple(random.sample(items, len(items)))

    other = replace(
        case,
        complaints=mixed(case.complaints),
        vitals=mixed(case.vitals),
        conditions=mixed(case.conditions),
        medications=mixed(case.medications),
    )

    assert assess(other) == assess(case)


@EXAMPLES
@given(ANY_CASE)
def test_sending_everything_twice_changes_nothing(case):
    twice = replace(
        case, complaints=case.complaints * 2, vitals=(*case.vitals, *case.vitals)
    )

    assert assess(twice) == assess(case)


@EXAMPLES
@given(ANY_CASE, TEXTS)
def test_another_complaint_never_lowers_urgency(case, text):
    # Without a first complaint a case is incomplete, and no complaint is not a normal
    # one: what is compared is a second one.
    case = replace(case, complaints=(*case.complaints, complaint("sore toe")))
    told = replace(case, complaints=(*case.complaints, complaint(text, source="2")))

    assert assess(told).acuity <= assess(case).acuity
    assert {f.rule for f in assess(case).fired if "red-flag" in f.rule} <= {
        f.rule for f in assess(told).fired
    }


@EXAMPLES
@given(ANY_CASE, st.sampled_from(TABLE))
def test_a_red_flag_is_never_outvoted(case, row):
    flagged = row.case(row.said[0])
    told = replace(
        flagged,
        complaints=(*case.complaints, *flagged.complaints),
        conditions=(*case.conditions, *flagged.conditions),
        medications=case.medications,
        vitals=flagged.vitals or case.vitals,
        pregnancy=case.pregnancy,
    )

    assert assess(told).acuity <= row.flag.acuity


@EXAMPLES
@given(measured_adults(), st.sampled_from(list(NORMAL)), st.integers(1, 25))
def test_worsening_a_vital_never_lowers_urgency(case, name, by):
    found = next(v for v in case.vitals if v.name is name)
    away = 1 if found.value >= NORMAL[name] else -1
    if name in {VitalName.OXYGEN_SATURATION, VitalName.GLASGOW_COMA_SCALE}:
        away = -1
    least, most = PLAUSIBLE[name]
    worse = reading(name, min(max(found.value + away * by, least), most))
    vitals = tuple(worse if v is found else v for v in case.vitals)

    assert assess(replace(case, vitals=vitals)).acuity <= assess(case).acuity


HIGH = {
    VitalName.RESPIRATORY_RATE: 60,
    VitalName.HEART_RATE: 190,
    VitalName.TEMPERATURE: 38,
    VitalName.CAPILLARY_REFILL: 2,
    VitalName.LACTATE: 1,
    VitalName.PAIN: 0,
}
LOW = {
    VitalName.RESPIRATORY_RATE: 11,
    VitalName.HEART_RATE: 59,
    VitalName.OXYGEN_SATURATION: 95,
    VitalName.SYSTOLIC: 99,
    VitalName.GLASGOW_COMA_SCALE: 15,
    VitalName.TEMPERATURE: 36,
    VitalName.GLUCOSE: 4,
}
"""Bounds beyond which a value is abnormal at every age under 16, on either side."""


@EXAMPLES
@given(LEVELLED, st.sampled_from([*HIGH]), st.integers(0, 60), st.integers(0, 60))
def test_worsening_upwards_never_lowers_a_childs_urgency(case, name, start, by):
    def level(value):
        others = tuple(v for v in case.vitals if v.name is not name)
        vitals = (*others, reading(name, min(value, PLAUSIBLE[name][1])))
        return assess(replace(case, vitals=vitals)).acuity

    assert level(HIGH[name] + start + by) <= level(HIGH[name] + start)


@EXAMPLES
@given(LEVELLED, st.sampled_from([*LOW]), st.integers(0, 40), st.integers(0, 40))
def test_worsening_downwards_never_lowers_a_childs_urgency(case, name, start, by):
    def level(value):
        others = tuple(v for v in case.vitals if v.name is not name)
        least = PLAUSIBLE[name][0].to_integral_value(ROUND_CEILING)
        return assess(
            replace(case, vitals=(*others, reading(name, max(value, least))))
        ).acuity

    assert level(LOW[name] - start - by) <= level(LOW[name] - start)


@EXAMPLES
@given(LEVELLED, st.data())
def test_a_missing_vital_of_a_child_is_never_less_urgent_than_a_normal_one(case, data):
    ranges = next(found for ages, found in CHILD_RANGES if ages.meets(case.age))
    name = data.draw(st.sampled_from(sorted(ranges)))
    middle = int(sum(ranges[name]) / 2)
    others = tuple(v for v in case.vitals if v.name is not name)
    normal = replace(case, vitals=(*others, reading(name, middle)))

    assert assess(replace(case, vitals=others)).acuity <= assess(normal).acuity


@EXAMPLES
@given(LEVELLED)
def test_what_is_missing_is_named(case):
    measured = {vital.name for vital in case.vitals}
    wanted = {VitalName.RESPIRATORY_RATE, VitalName.HEART_RATE, VitalName.TEMPERATURE}

    assert {str(name) for name in wanted - measured} <= set(assess(case).missing)


@EXAMPLES
@given(ANY_CASE)
def test_what_is_missing_or_in_doubt_never_leaves_the_least_urgent_level(case):
    result = assess(case)
    doubted = result.missing or quality.doubts(Readings(case))

    assert result.acuity < Acuity.NON_URGENT or not doubted


@EXAMPLES
@given(ANY_CASE, st.none() | st.sampled_from(Acuity), st.booleans())
def test_whatever_a_model_answers_never_lowers_the_floor(case, answer, shadow):
    floor = assess(case)
    draft = Draft(acuity=answer, confidence="high")

    assert compose(floor.acuity, draft, shadow=shadow) <= floor.acuity


@EXAMPLES
@given(ANY_CASE)
def test_the_same_case_gives_the_same_bytes(case):
    assert repr(assess(case)).encode() == repr(assess(deepcopy(case))).encode()


@EXAMPLES
@given(measured_adults())
def test_the_way_a_number_is_written_changes_nothing(case):
    vitals = tuple(
        replace(v, value=None if v.value is None else v.value.quantize(Decimal("0.00")))
        for v in case.vitals
    )

    assert assess(replace(case, vitals=vitals)) == assess(case)


@EXAMPLES
@given(measured_adults(), st.sampled_from(list(NORMAL)))
def test_a_missing_vital_is_never_less_urgent_than_a_normal_one(case, name):
    others = tuple(v for v in case.vitals if v.name is not name)
    normal = replace(case, vitals=(*others, reading(name, NORMAL[name])))
    without = replace(case, vitals=others)

    assert assess(without).acuity <= assess(normal).acuity


@EXAMPLES
@given(measured_adults())
def test_without_any_vital_sign_a_case_is_never_below_urgent(case):
    assert assess(replace(case, vitals=())).acuity <= Acuity.URGENT


def test_the_same_case_gives_the_same_answer_on_another_day():
    first = Case(patient=PATIENT, at=datetime(2026, 1, 1, tzinfo=UTC))

    assert assess(first) == assess(replace(first))
