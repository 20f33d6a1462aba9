"""How the patient came, and when she was last known well."""

from datetime import UTC, datetime

import pytest

from domain.particulars import Onset
from fhir_profiles.arrival import (
    is_transfer,
    last_known_well,
    most_urgent,
    priority,
    told_onset,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(("code", "expected"), [("hosp-trans", True), ("gp", False)])
def test_a_transfer_from_another_hospital_is_one_by_its_admit_source(code, expected):
    system = "http://terminology.hl7.org/CodeSystem/admit-source"
    sent = {"hospitalization": {"admitSource": coded(system, code)}}

    assert is_transfer(sent) is expected


@pytest.mark.parametrize(
    ("system", "expected"),
    [("http://terminology.hl7.org/CodeSystem/v3-ActPriority", "EM"), ("urn:x", "")],
)
def test_the_priority_is_a_code_of_act_priority_and_no_other(system, expected):
    assert priority({"priority": coded(system, "EM")}) == expected


def told(text="Last known well", **value):
    return {"status": "final", "code": {"text": text}, **value}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], None),
        (
            [told(valueDateTime="2026-11-22T12:00:00Z")],
            Onset(earliest=NOON, latest=NOON),
        ),
        (
            [told("Time last seen normal", valueString="2026-11-22T12:00:00Z")],
            Onset(earliest=NOON, latest=NOON),
        ),
        ([told(valueString="before breakfast")], Onset(words="before breakfast")),
        (
            [
                told(valueString="unclear"),
                told(valueDateTime="2026-11-22T12:00:00Z"),
                told(valueDateTime="2026-11-22T08:00:00Z"),
            ],
            Onset(earliest=NOON, latest=NOON),
        ),
        ([told() | {"status": "entered-in-error", "valueString": "x"}], None),
        ([told()], None),
        ([told("Weight", valueString="before breakfast")], None),
    ],
)
def test_the_latest_time_at_which_she_was_known_well_counts(seen, expected):
    assert last_known_well(seen) == expected


def test_an_onset_may_be_an_observation_of_its_own():
    code = coded("http://loinc.org", "11368-8")
    sent = {"status": "final", "code": code, "valueDateTime": "2026-11-22T12:00:00Z"}

    assert told_onset([sent]) == Onset(earliest=NOON, latest=NOON)


SNOMED = "http://snomed.info/sct"
REFERRAL = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "priority": "urgent",
    "category": [coded(SNOMED, "3457005")],
}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "urgent"),
        ({"category": [], "code": coded(SNOMED, "306206005")}, "urgent"),
        ({"category": [{"text": "Referral to ED"}]}, "urgent"),
        ({"priority": "stat"}, "stat"),
        ({"category": [], "code": {"text": "troponin"}, "priority": "stat"}, ""),
        ({"category": []}, ""),
        ({"status": "revoked"}, ""),
        ({"status": "draft"}, ""),
        ({"status": "completed"}, ""),
        ({"intent": "proposal"}, ""),
    ],
)
def test_of_requests_only_a_referral_that_stands_tells_how_soon(more, expected):
    assert priority(REFERRAL | more) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], ""),
        (["", ""], ""),
        (["R", "UR", "asap", ""], "asap"),
        (["urgent", "stat"], "stat"),
        (["routine", "R"], "R"),
        (["PRN", "EM"], "EM"),
    ],
)
def test_the_most_urgent_wish_counts_in_whatever_order(told, expected):
    assert most_urgent(told) == most_urgent(reversed(told)) == expected
