"""Vital signs as devices send them (R4, observation-vitalsigns.html; LOINC; UCUM)."""

from datetime import timedelta

from gateway.demo.visit import LOINC, SNOMED, Code, Measurement, Quantity

_NOW = timedelta(minutes=8)


def _measured(
    loinc: str, text: str, value: str, unit: str, printed: str, *more: Code
) -> Measurement:
    return Measurement(
        codes=(Code(LOINC, loinc, text), *more),
        text=text,
        quantity=Quantity(value, unit, printed),
    )


def heart_rate(value: str) -> Measurement:
    """Return a heart rate per minute."""
    return _measured("8867-4", "Heart rate", value, "/min", "beats/minute")


def breathing(value: str) -> Measurement:
    """Return a respiratory rate per minute."""
    return _measured("9279-1", "Respiratory rate", value, "/min", "breaths/minute")


def saturation(value: str) -> Measurement:
    """Return an oxygen saturation in percent, with both codes the profile asks for."""
    arterial = "Oxygen saturation in Arterial blood"
    pulse = Code(LOINC, "59408-5", f"{arterial} by Pulse oximetry")
    return _measured("2708-6", arterial, value, "%", "%", pulse)


def celsius(value: str) -> Measurement:
    """Return a body temperature in degrees Celsius."""
    return _measured("8310-5", "Body temperature", value, "Cel", "°C")


def fahrenheit(value: str) -> Measurement:
    """Return a body temperature in degrees Fahrenheit."""
    return _measured("8310-5", "Body temperature", value, "[degF]", "°F")


def pressure(systolic: str, diastolic: str) -> Measurement:
    """Return a blood pressure panel in millimetres of mercury."""
    unit = ("mm[Hg]", "mmHg")
    return Measurement(
        codes=(Code(LOINC, "85354-9", "Blood pressure panel"),),
        text="Blood pressure",
        parts=(
            _measured("8480-6", "Systolic blood pressure", systolic, *unit),
            _measured("8462-4", "Diastolic blood pressure", diastolic, *unit),
        ),
    )


def alertness(
    snomed: str = "248234008", display: str = "Mentally alert"
) -> Measurement:
    """Return a level of consciousness on the ACVPU scale."""
    return Measurement(
        codes=(Code(LOINC, "67775-7", "Level of responsiveness"),),
        text="Level of consciousness",
        answer=Code(SNOMED, snomed, display),
        category="exam",
    )


def confused() -> Measurement:
    """Return a level of consciousness: new confusion."""
    return alertness("130987000", "Acute confusion")


def pain(value: str) -> Measurement:
    """Return a pain score from 0 to 10."""
    return Measurement(
        codes=(Code(LOINC, "72514-3", "Pain severity 0-10 score - Reported"),),
        text="Pain score",
        quantity=Quantity(value, "{score}", "score"),
        category="survey",
    )


def glucose(value: str) -> Measurement:
    """Return a capillary glucose in millimoles per litre."""
    text = "Glucose in Capillary blood by Glucometer"
    return Measurement(
        codes=(Code(LOINC, "14743-9", text),),
        text="Capillary glucose",
        quantity=Quantity(value, "mmol/L", "mmol/L"),
        category="laboratory",
    )


def pregnant() -> Measurement:
    """Return a pregnancy status: pregnant."""
    return Measurement(
        codes=(Code(LOINC, "82810-3", "Pregnancy status"),),
        text="Pregnancy status",
        answer=Code(LOINC, "LA15173-0", "Pregnant"),
        category="social-history",
        before=timedelta(days=21),
    )


def six(
    heart: str, breaths: str, oxygen: str, blood: str, temperature: Measurement
) -> tuple[Measurement, ...]:
    """Return all six core vital signs of an alert patient; `blood` as "120/80"."""
    systolic, diastolic = blood.split("/")
    return (
        heart_rate(heart),
        breathing(breaths),
        saturation(oxygen),
        pressure(systolic, diastolic),
        temperature,
        alertness(),
    )
