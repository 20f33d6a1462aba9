"""What is taken, from statements, requests, administrations and dispenses."""

from datetime import UTC, datetime

import pytest

from domain.values import Reference
from fhir_profiles.medication import medication_of, medications

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = Reference(type="MedicationDispense", id="1", version=1)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"


def medicine(kind, status, **more):
    return {
        "resourceType": kind,
        "status": status,
        "medicationCodeableConcept": {"text": "warfarin"},
        **more,
    }


def texts(resource, **more):
    return [each.text for each in medications(resource, SOURCE, at=NOW, **more)]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (medicine("MedicationAdministration", "completed"), True),
        (medicine("MedicationAdministration", "stopped"), True),
        (medicine("MedicationAdministration", "not-done"), False),
        (medicine("MedicationAdministration", "entered-in-error"), False),
        (
            medicine(
                "MedicationAdministration", "completed", effectiveDateTime="2026-11-01"
            ),
            True,
        ),
        (
            medicine(
                "MedicationAdministration", "completed", effectiveDateTime="2026-09-01"
            ),
            False,
        ),
        (medicine("MedicationDispense", "completed"), True),
        (
            medicine("MedicationDispense", "completed", whenHandedOver="2026-10-01"),
            True,
        ),
        (
            medicine("MedicationDispense", "completed", whenHandedOver="2026-01-01"),
            False,
        ),
        (medicine("MedicationDispense", "declined"), False),
    ],
)
def test_what_was_given_or_handed_out_counts_while_it_acts(sent, kept):
    assert texts(sent) == (["warfarin"] if kept else [])


def test_codes_of_rxnorm_and_atc_are_kept_beside_the_words():
    concept = {
        "coding": [
            {"system": RXNORM, "code": "11289"},
            {"system": ATC, "code": "B01AA03"},
        ]
    }

    (found,) = medications(
        medicine("MedicationStatement", "active", medicationCodeableConcept=concept),
        SOURCE,
        at=NOW,
    )

    assert [each.code for each in found.codes] == ["11289", "B01AA03"]


def referring(reference, **more):
    return {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationReference": {"reference": reference, "display": "a tablet"},
        **more,
    }


KNOWN = {
    "Medication/m": {
        "resourceType": "Medication",
        "code": {"text": "combination"},
        "ingredient": [
            {"itemCodeableConcept": {"text": "aspirin"}},
            {"itemCodeableConcept": {"text": "clopidogrel"}},
            {"itemReference": {"reference": "Medication/n"}},
        ],
    }
}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Medication/m", ["combination", "aspirin", "clopidogrel"]),
        ("Medication/m/_history/3", ["combination", "aspirin", "clopidogrel"]),
        ("Medication/other", ["a tablet"]),
    ],
)
def test_a_medicine_is_named_by_the_stored_medication_and_its_ingredients(
    reference, expected
):
    assert texts(referring(reference), named=KNOWN) == expected


def test_a_contained_medication_may_be_known_by_its_ingredients_alone():
    contained = KNOWN["Medication/m"] | {"id": "c", "code": {}}

    assert texts(referring("#c", contained=[contained])) == ["aspirin", "clopidogrel"]


def test_a_medication_is_referred_to_without_its_version():
    assert medication_of(referring("Medication/m/_history/3")) == "Medication/m"
