from pathlib import Path

import pytest

from fhir_profiles import search_parameters, tables
from fhir_profiles.release import resource_types
from fhir_profiles.search_parameters import mandatory, parameters, summary
from fhir_profiles.tables import generate_search
from fhir_profiles.tables.search_paths import UnreadableError, simple_paths

DEFINITIONS = (
    Path(__file__).resolve().parents[2].parent / "shared/data/fhir/r4-definitions"
)
FOLDER = Path(tables.__file__).parent
TOKEN = ["CodeableConcept", "ContactPoint", "boolean"]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("Patient", "identifier name family given birthdate gender phone address link"),
        ("Observation", "code date value-quantity combo-code code-value-quantity"),
        ("Task", "status code owner focus patient priority authored-on modified"),
        ("Encounter", "status class date reason-code participant practitioner"),
        ("AuditEvent", "agent entity action outcome date patient"),
        ("Provenance", "target agent entity recorded patient"),
        ("Bundle", "identifier type timestamp"),
    ],
)
def test_the_parameters_of_r4_are_known(kind, names):
    assert set(names.split()) <= parameters(kind).keys()


def test_every_type_has_the_parameters_of_all():
    for kind in resource_types():
        assert {"_tag", "_profile", "_security", "_source"} <= parameters(kind).keys()
    assert parameters("Robot") == {}


def test_what_stands_on_others_names_parameters_that_are_there():
    for kind in resource_types():
        known = parameters(kind)
        for each in known.values():
            assert {*each.among, *each.both} <= known.keys()
            assert each.paths or each.pair or each.among or each.both


def test_numbers_tell_parameters_apart():
    found = [
        each.number for kind in resource_types() for each in parameters(kind).values()
    ]

    assert len(found) == len(set(found))


def test_the_patient_of_a_resource_is_its_subject_where_that_is_a_patient():
    patient = parameters("Observation")["patient"]

    assert patient.among == ("subject",)
    assert patient.targets == ("Patient",)


def test_a_reference_to_anything_names_no_targets():
    assert parameters("Task")["focus"].targets == ()


def test_what_a_summary_shows_and_what_must_be_there():
    assert {"name", "birthDate", "deceased"} <= summary("Patient")
    assert "photo" not in summary("Patient")
    assert mandatory("Observation") == {"status", "code"}
    assert summary("Robot") == mandatory("Robot") == frozenset()


@pytest.mark.parametrize(
    ("kind", "part", "paths"),
    [
        ("Observation", "Observation.code", ["code:CodeableConcept"]),
        (
            "Observation",
            "(Observation.value as CodeableConcept)",
            ["valueCodeableConcept:CodeableConcept"],
        ),
        (
            "Patient",
            "Patient.telecom.where(system='email')",
            ["telecom[system=email]:ContactPoint"],
        ),
        ("Patient", "Patient.active", ["active:boolean"]),
        (
            "Patient",
            "Patient.deceased.exists() and Patient.deceased != false",
            ["deceasedBoolean:boolean", "deceasedDateTime:present"],
        ),
    ],
)
def test_an_expression_becomes_simple_paths(kind, part, paths):
    assert [path for path, _ in simple_paths(kind, part, TOKEN)] == paths


def test_a_resolved_reference_says_to_what():
    part = "Task.for.where(resolve() is Patient)"

    assert list(simple_paths("Task", part, ["Reference"])) == [
        ("for:Reference", ["Patient"])
    ]


def test_what_follows_a_choice_is_read_from_the_chosen():
    part = "(Observation.value as CodeableConcept).text"

    assert list(simple_paths("Observation", part, ["string"])) == [
        ("valueCodeableConcept.text:string", [])
    ]


@pytest.mark.parametrize(
    "part",
    [
        "Bundle.entry[0].resource",
        "Patient.extension('http://example.org')",
        "Patient.name.where(use.exists())",
    ],
)
def test_what_is_no_simple_path_is_said_to_be_none(part):
    with pytest.raises(UnreadableError):
        list(simple_paths(part.partition(".")[0], part, TOKEN))


@pytest.mark.skipif(not DEFINITIONS.exists(), reason="the R4 definitions are not here")
def test_the_table_is_what_the_generator_writes(tmp_path, capsys):
    generate_search.main(DEFINITIONS, tmp_path)

    written = (tmp_path / "search.json").read_bytes()
    assert written == (FOLDER / "search.json").read_bytes()
    assert "Location.near is left out" in capsys.readouterr().out


def test_a_changed_table_is_noticed(monkeypatch):
    before = search_parameters.fingerprint()
    monkeypatch.setattr(search_parameters, "_bytes", lambda: b"{}")

    assert search_parameters.fingerprint() != before
