"""What a living patient and a working probe can give; the rest is not judged."""

from decimal import Decimal

from domain.values import VitalName

CITATION = "Plausible ranges: MIMIC-IV-ED benchmark outlier limits (Xie 2022), narrowed"

PLAUSIBLE: dict[VitalName, tuple[Decimal, Decimal]] = {
    VitalName.RESPIRATORY_RATE: (Decimal(0), Decimal(120)),
    VitalName.HEART_RATE: (Decimal(0), Decimal(350)),
    # One or less is a fraction or a probe that is off, not a dying patient.
    VitalName.OXYGEN_SATURATION: (Decimal("1.1"), Decimal(100)),
    VitalName.SYSTOLIC: (Decimal(0), Decimal(375)),
    VitalName.DIASTOLIC: (Decimal(0), Decimal(375)),
    VitalName.TEMPERATURE: (Decimal(26), Decimal(45)),
    VitalName.CONSCIOUSNESS: (Decimal(0), Decimal(4)),
    VitalName.GLASGOW_COMA_SCALE: (Decimal(3), Decimal(15)),
    VitalName.OXYGEN_FLOW: (Decimal(0), Decimal(100)),
    VitalName.INHALED_OXYGEN: (Decimal(1), Decimal(100)),
    VitalName.PAIN: (Decimal(0), Decimal(10)),
    VitalName.GLUCOSE: (Decimal("0.1"), Decimal(150)),
    VitalName.LACTATE: (Decimal(0), Decimal(50)),
    VitalName.CAPILLARY_REFILL: (Decimal(0), Decimal(60)),
    VitalName.WEIGHT: (Decimal("0.2"), Decimal(650)),
    VitalName.KETONES: (Decimal(0), Decimal(50)),
    VitalName.SUPPLEMENTAL_OXYGEN: (Decimal(0), Decimal(1)),
}


def plausible(name: VitalName, value: Decimal) -> bool:
    """Say whether a value in the vital's canonical unit may be judged by rules."""
    least, most = PLAUSIBLE[name]
    return value.is_finite() and least <= value <= most
