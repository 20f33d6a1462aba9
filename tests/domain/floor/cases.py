"""Cases as short as a sentence: an adult, some numbers, some words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.floor.compose import assess
from domain.values import (
    Age,
    Case,
    Code,
    Complaint,
    Consciousness,
    Finding,
    Floor,
    Pregnancy,
    Reference,
    Sex,
    Vital,
    VitalName,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
PATIENT = Reference(type="Patient", id="p")

SHORT = {
    "rr": VitalName.RESPIRATORY_RATE,
    "hr": VitalName.HEART_RATE,
    "spo2": VitalName.OXYGEN_SATURATION,
    "sbp": VitalName.SYSTOLIC,
    "dbp": VitalName.DIASTOLIC,
    "t": VitalName.TEMPERATURE,
    "gcs": VitalName.GLASGOW_COMA_SCALE,
    "flow": VitalName.OXYGEN_FLOW,
    "fio2": VitalName.INHALED_OXYGEN,
    "pain": VitalName.PAIN,
    "glucose": VitalName.GLUCOSE,
    "lactate": VitalName.LACTATE,
    "ketones": VitalName.KETONES,
    "oxygen": VitalName.SUPPLEMENTAL_OXYGEN,
    "refill": VitalName.CAPILLARY_REFILL,
}
NORMAL = {"rr": 16, "hr": 75, "spo2": 98, "sbp": 125, "t": "36.8"}
NORMAL_CHILD = {"rr": 26, "hr": 110, "spo2": 98, "t": "36.8"}
NORMAL_INFANT = {"rr": 40, "hr": 140, "spo2": 98, "t": "36.8"}


def ref(identity, kind="Observation"):
    return Reference(type=kind, id=identity)


def years(number, days=40):
    """Return an exact age some days after a birthday."""
    total = int(number * 365.25) + days
    return Age(least=total, most=total)


def days(number):
    return Age(least=number, most=number)


def vital(name, value, *, minutes=0, source=None, **more):
    return Vital(
        name=SHORT.get(name, name),
        value=None if value is None else Decimal(str(value)),
        source=ref(source or f"{name}-{value}-{minutes}"),
        effective=None if minutes is None else AT - timedelta(minutes=minutes),
        **more,
    )


def awake(grade=Consciousness.ALERT, minutes=0):
    return Vital(
        name=VitalName.CONSCIOUSNESS,
        consciousness=grade,
        source=ref(f"acvpu-{grade}-{minutes}"),
        effective=AT - timedelta(minutes=minutes),
    )


def vitals(**numbers):
    return tuple(vital(name, value) for name, value in numbers.items())


def complaint(text="", *codes, source="complaint"):
    return Complaint(text=text, codes=codes, source=ref(source))


def finding(text, *codes, source="finding"):
    return Finding(text=text, codes=codes, source=ref(source, "Condition"))


def code(system, value, display=""):
    return Code(system=system, code=value, display=display)


def case(
    *texts,
    age=None,
    measured=(),
    conditions=(),
    medications=(),
    sex=Sex.UNKNOWN,
    pregnancy=Pregnancy.UNKNOWN,
    **more,
):
    told = [
        t if isinstance(t, Complaint) else complaint(t, source=f"complaint-{i}")
        for i, t in enumerate(texts)
    ]
    return Case(
        patient=PATIENT,
        at=AT,
        age=age or years(40),
        sex=sex,
        pregnancy=pregnancy,
        complaints=tuple(told),
        vitals=tuple(measured),
        conditions=tuple(finding(t, source=f"condition-{t}") for t in conditions),
        medications=tuple(finding(t, source=f"medication-{t}") for t in medications),
        **more,
    )


def healthy(**changes):
    """Return a full set of an adult's normal vital signs, with changes."""
    numbers = {k: v for k, v in (NORMAL | changes).items() if v is not None}
    return (*vitals(**numbers), awake())


def adult(text="sore toe", **changes):
    return case(text, measured=healthy(**changes))


def floor(given) -> Floor:
    return assess(given)


def rules(given):
    return {fired.rule for fired in assess(given).fired}


def levels(given):
    """Return the fired rules with their levels; of one rule the most urgent."""
    return {fired.rule: int(fired.acuity) for fired in reversed(assess(given).fired)}
