"""Which codes mean which vital sign, and what a living patient or a probe can give.

LOINC for most (https://hl7.org/fhir/R4/observation-vitalsigns.html); SNOMED CT where
senders use it alone (UK Core, IPS, National Early Warning Score 2).
"""

from decimal import Decimal
from types import MappingProxyType

from domain.values import VitalName
from fhir_profiles.elements import LOINC, SNOMED, Resource, codes, element

V = VitalName

_LOINC = MappingProxyType(
    dict.fromkeys(("9279-1", "76270-8"), V.RESPIRATORY_RATE)
    # Heart rate; by oximeter, by palpation; lying, sitting, standing.
    | dict.fromkeys(("8867-4", "8889-8", "8893-0"), V.HEART_RATE)
    | dict.fromkeys(("68999-2", "69000-8", "69001-6"), V.HEART_RATE)
    | dict.fromkeys(("2708-6", "59408-5"), V.OXYGEN_SATURATION)
    # Pressure; sitting, standing, lying; by cuff.
    | dict.fromkeys(("8480-6", "8459-0", "8460-8", "8461-6", "76534-7"), V.SYSTOLIC)
    | dict.fromkeys(("8462-4", "8453-3", "8454-1", "8455-8", "76535-4"), V.DIASTOLIC)
    # Temperature: unspecified, axillary, core, oral, rectal, tympanic, bladder,
    # oesophageal, nasopharyngeal, temporal artery, nasal, ear.
    | dict.fromkeys(("8310-5", "8328-7", "8329-5", "8331-1"), V.TEMPERATURE)
    | dict.fromkeys(("8332-9", "8333-7", "8334-5", "60836-4"), V.TEMPERATURE)
    | dict.fromkeys(("60838-0", "75539-7", "76010-8", "76011-6"), V.TEMPERATURE)
    | dict.fromkeys(("67775-7", "80288-4", "11454-5"), V.CONSCIOUSNESS)
    | {"9269-2": V.GLASGOW_COMA_SCALE}
    | {"3151-8": V.OXYGEN_FLOW, "3150-6": V.INHALED_OXYGEN}
    # Pain: numeric scale, reported, FLACC, visual analogue scale, Wong-Baker faces.
    | dict.fromkeys(("72514-3", "38208-5", "38213-5"), V.PAIN)
    | dict.fromkeys(("38214-3", "38221-8"), V.PAIN)
    # Glucose: the unit decides, not the code; mg/dL is seen under codes of mmol/L.
    | dict.fromkeys(("2339-0", "2340-8", "2345-7", "32016-8"), V.GLUCOSE)
    | dict.fromkeys(("41653-7", "14743-9", "14749-6", "15074-8"), V.GLUCOSE)
    | dict.fromkeys(("41651-1", "41652-9", "74774-1"), V.GLUCOSE)
    | dict.fromkeys(("2524-7", "32693-4"), V.LACTATE)
    | {"44963-7": V.CAPILLARY_REFILL}
    | dict.fromkeys(("29463-7", "3141-9"), V.WEIGHT)
    | dict.fromkeys(("53060-9", "6873-4"), V.KETONES)  # beta-hydroxybutyrate
)
_SNOMED = MappingProxyType(
    {"86290005": V.RESPIRATORY_RATE, "431314004": V.OXYGEN_SATURATION}
    | dict.fromkeys(("364075005", "78564009"), V.HEART_RATE)
    | dict.fromkeys(("271649006", "72313002"), V.SYSTOLIC)
    | dict.fromkeys(("271650006", "1091811000000102"), V.DIASTOLIC)
    | dict.fromkeys(("386725007", "276885007"), V.TEMPERATURE)
    | {"1104441000000107": V.CONSCIOUSNESS, "248241002": V.GLASGOW_COMA_SCALE}
    | {"225908003": V.PAIN, "27113001": V.WEIGHT}
)
_NAMES = MappingProxyType({LOINC: _LOINC, SNOMED: _SNOMED})

PRESSURES = frozenset({"85354-9", "55284-4", "35094-2"})
"""LOINC of both pressures together; some senders give them as the text 120/80."""

LIMITS = MappingProxyType(
    {
        # Least and most, both plausible. Oxygen below 15 % and saturation up to 1 % are
        # fractions of one, or a probe that fell off.
        V.RESPIRATORY_RATE: (Decimal(0), Decimal(300)),
        V.HEART_RATE: (Decimal(0), Decimal(350)),
        V.OXYGEN_SATURATION: (Decimal("1.000001"), Decimal(100)),
        V.SYSTOLIC: (Decimal(0), Decimal(375)),
        V.DIASTOLIC: (Decimal(0), Decimal(375)),
        V.TEMPERATURE: (Decimal(26), Decimal(45)),
        V.GLASGOW_COMA_SCALE: (Decimal(3), Decimal(15)),
        V.OXYGEN_FLOW: (Decimal(0), Decimal(100)),
        V.INHALED_OXYGEN: (Decimal(15), Decimal(100)),
        V.PAIN: (Decimal(0), Decimal(10)),
        V.GLUCOSE: (Decimal(0), Decimal(150)),
        V.LACTATE: (Decimal(0), Decimal(50)),
        V.CAPILLARY_REFILL: (Decimal(0), Decimal(60)),
        V.WEIGHT: (Decimal("0.2"), Decimal(700)),
        V.KETONES: (Decimal(0), Decimal(50)),
    }
)
"""In canonical units; MIMIC-IV-ED benchmark outlier limits (Xie 2022), narrowed."""


def vital_name(part: Resource) -> VitalName | None:
    """Return what an Observation or a component measures, by its first known code."""
    names = (
        _NAMES[code.system].get(code.code)
        for code in codes(element(part, "code"))
        if code.system in _NAMES
    )
    return next((name for name in names if name is not None), None)
