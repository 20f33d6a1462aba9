"""What is known only afterwards changes no byte of what is said of a case."""

from datetime import timedelta

import pytest

from gateway.evaluation import reading
from gateway.evaluation.assessors import Reading, digest, predict, serialised
from tests.evaluation.given import (
    GRAVE,
    STAY,
    TRIAGE,
    VISIT,
    bundle,
    ktas,
    line,
    mimic,
    written,
)

HOW = Reading(window=timedelta(hours=24))


def said(path):
    """Return every byte that is said of the cases at a path, and their digest."""
    (data,) = reading.read(path)
    inputs = {case.id: case.input for case in data.cases}
    found = predict(inputs, HOW, progress=lambda _done, _total: None)
    return serialised(found), digest(inputs)


@pytest.mark.parametrize(
    "known",
    [
        {"label": {"level": 1}},
        {"label": {"most_urgent": 4}},
        {"outcomes": {"admitted": True, "icu": True, "died": True}},
        {"groups": {"sex": "male", "age": "80 or more"}, "cluster": "x"},
        {"provenance": "an expert said: cardiac arrest", "split": "held-out"},
        {"gold": ["chest-pain#pain-that-points-to-the-aorta"]},
    ],
    ids=lambda known: next(iter(known)),
)
def test_of_a_line_of_json(tmp_path, known):
    grave = bundle("chest pain", GRAVE)

    without = said(written(tmp_path / "a.jsonl", [line("1", grave)]))
    having = said(written(tmp_path / "b.jsonl", [line("1", grave, **known)]))

    assert having == without


@pytest.mark.parametrize("disposition", ["HOME", "EXPIRED", "TRANSFER"])
@pytest.mark.parametrize("acuity", ["1", "5", ""])
def test_of_an_emergency_stay(tmp_path, disposition, acuity):
    first = said(mimic(tmp_path / "a"))
    other = mimic(
        tmp_path / "b",
        triage=[TRIAGE | {"acuity": acuity}],
        stays=[
            STAY
            | {"disposition": disposition, "outtime": "2150-02-02 09:00:00"}
            | {"hadm_id": "9", "race": "other", "arrival_transport": "WALK IN"}
        ],
    )
    (other / "diagnosis.csv").write_text("stay_id,icd_title\n70,CARDIAC ARREST\n")

    assert said(other) == first


@pytest.mark.parametrize(
    "column",
    [
        *("KTAS_expert", "KTAS_Nurse", "Diagnosis in ED", "Disposition", "status"),
        *("Error_group", "Length of stay_min", "Mistriage Category", "Group"),
    ],
)
def test_of_a_visit_with_an_experts_label(tmp_path, column):
    first = said(ktas(tmp_path / "a"))

    assert said(ktas(tmp_path / "b", VISIT | {column: "Death"})) == first


def test_a_level_that_a_bundle_states_is_its_label_and_is_not_seen(tmp_path):
    level = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "75636-1"}]},
        "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
        "effectiveDateTime": "2026-03-01T12:00:00Z",
        "valueCodeableConcept": {
            "coding": [{"system": "http://loinc.org", "code": "LA21567-5"}]
        },
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x.json").write_bytes(bundle("chest pain"))
    (tmp_path / "b" / "x.json").write_bytes(bundle("chest pain", more=[level]))

    (unlabelled,) = reading.read(tmp_path / "a")
    (labelled,) = reading.read(tmp_path / "b")

    assert unlabelled.cases[0].truth is None
    assert labelled.cases[0].truth.exact == 1
    assert said(tmp_path / "a")[0] == said(tmp_path / "b")[0]
