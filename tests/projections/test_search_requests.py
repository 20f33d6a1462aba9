"""Searches of every kind: understood, or refused with a sentence, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_profiles.release import resource_types
from fhir_profiles.search_parameters import parameters
from gateway.projections import planning
from gateway.projections.asking import SearchError
from tests.projections.shelf import shelf

PEOPLE = [
    {"resourceType": "Patient", "id": f"p{n}", "gender": "male", "active": bool(n % 2)}
    for n in range(3)
]
PROBABLE = {
    "resourceType": "RiskAssessment",
    "id": "risk",
    "status": "final",
    "subject": {"reference": "Patient/p1"},
    "prediction": [{"probabilityDecimal": 0.25}],
}
PRICED = {
    "resourceType": "Invoice",
    "id": "bill",
    "status": "issued",
    "totalNet": {"value": 12.5, "currency": "EUR"},
}
LIBRARY = {
    "resourceType": "PlanDefinition",
    "id": "plan",
    "url": "urn:example:plan",
    "library": ["urn:example:library|2"],
    "version": "1",
    "relatedArtifact": [
        {"type": "depends-on", "resource": "urn:example:other"},
        {"type": "predecessor", "resource": "urn:example:before"},
    ],
}
PAIRED = {
    "resourceType": "Observation",
    "id": "pair",
    "status": "final",
    "component": [
        {
            "code": {"coding": [{"system": "urn:c", "code": "a"}]},
            "valueCodeableConcept": {"coding": [{"system": "urn:v", "code": "x"}]},
        },
        {
            "code": {"coding": [{"system": "urn:c", "code": "b"}]},
            "valueCodeableConcept": {"coding": [{"system": "urn:v", "code": "y"}]},
        },
    ],
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    with shelf(tmp_path_factory.mktemp("stored")) as one:
        one.put(*PEOPLE, PROBABLE, PRICED, LIBRARY, PAIRED)
        yield one


@pytest.mark.parametrize(
    ("kind", "query", "expected"),
    [
        ("RiskAssessment", "probability=0.25", ["risk"]),
        ("RiskAssessment", "probability=gt0.3", []),
        ("Invoice", "totalnet=12.5|urn:iso:std:iso:4217|EUR", ["bill"]),
        ("Invoice", "totalnet=gt12||EUR", ["bill"]),
        ("Invoice", "totalnet=12.5||USD", []),
        ("PlanDefinition", "url=urn:example:plan", ["plan"]),
        ("PlanDefinition", "definition=urn:example:library", []),
        ("PlanDefinition", "depends-on=urn:example:other", ["plan"]),
        ("PlanDefinition", "depends-on=urn:example:library", ["plan"]),
        ("PlanDefinition", "depends-on=urn:example:library|2", ["plan"]),
        ("PlanDefinition", "depends-on=urn:example:before", []),
        ("PlanDefinition", "predecessor=urn:example:before", ["plan"]),
        ("Observation", "component-code-value-concept=a$x", ["pair"]),
        ("Observation", "component-code-value-concept=urn:c|a$urn:v|x", ["pair"]),
        ("Observation", "component-code-value-concept=a$urn:v|", ["pair"]),
        ("Observation", "component-code-value-concept=a$y", []),
        ("Observation", "combo-code-value-concept=b$y", ["pair"]),
        ("Patient", "active=true", ["p1"]),
        ("Patient", "gender=female,male&active=false", ["p2", "p0"]),
    ],
)
def test_each_kind_of_parameter_finds_what_it_names(stored, kind, query, expected):
    assert stored.ids(kind, query) == expected


def test_a_narrowed_search_finds_no_more_than_its_part(stored):
    narrowed = (("active", "true"),)

    assert stored.ids("Patient", "", narrowed=narrowed) == ["p1"]
    assert stored.ids("Patient", "_id=p0", narrowed=narrowed) == []
    assert stored.search("Patient", "_summary=count", narrowed=narrowed).total == 1


def test_whoever_may_refuse_is_told_what_a_search_reads(stored):
    told = []

    stored.ids("RiskAssessment", "patient.gender=male", touching=told.append)
    stored.ids("Patient", "_has:RiskAssessment:patient:_id=risk", touching=told.append)

    assert told == ["Patient", "RiskAssessment"]


def test_a_lenient_search_passes_over_what_it_cannot_do(stored):
    query = "_count=many&nickname=a&gender=male&_sort=family&_include=Patient:gender"

    assert len(stored.ids("Patient", query, lenient=True)) == 3


MANY = [
    ("Patient", "_id", [f"p{n}" for n in range(400)]),
    ("Task", "focus", [f"x{n}" for n in range(9)]),
    ("Task", "focus", [f"Patient/x{n}" for n in range(450)]),
    ("Task", "focus:missing", ["true"]),
    ("Task", "authored-on", [f"20{n % 90 + 10}" for n in range(450)]),
    ("Patient", "birthdate", [f"ge19{n % 90 + 10}-05-07" for n in range(60)]),
    ("Patient", "family", [f"a{n}" for n in range(290)]),
    ("Patient", "_has:Observation:patient:code", [f"a{n}" for n in range(290)]),
    ("Observation", "value-quantity", ["ne140.5"] * 60),
    ("Observation", "value-quantity", [f"ne{n}.5||mg" for n in range(60)]),
    ("Observation", "subject.identifier", [f"a{n}" for n in range(290)]),
    ("Observation", "code-value-quantity", [f"a{n}$gt4" for n in range(200)]),
    ("Observation", "combo-code-value-quantity", [f"a{n}$lt4" for n in range(200)]),
    ("Observation", "status:not", [f"a{n}" for n in range(300)]),
]


@pytest.mark.parametrize("few", [0, planning.FEW])
@pytest.mark.parametrize("many", MANY)
def test_many_values_are_searched_or_refused(stored, monkeypatch, many, few):
    monkeypatch.setattr(planning, "FEW", few)
    kind, name, values = many
    once = f"{name}={','.join(values)}"
    often = "&".join([f"{name}={','.join(values[:16])}"] * 29)

    for query in (once, often):
        said = refused(stored, kind, query)
        assert not said or "fewer values" in said or "at most" in said


def refused(stored, kind, query):
    """Return with which words a search is refused, none where it is answered."""
    try:
        stored.search(kind, query)
    except SearchError as error:
        return f"{error.parameter}: {error}"
    return ""


@pytest.mark.parametrize("query", ["_count=1&" * 40, f"_id={'a,' * 600}a"])
def test_a_search_has_a_limited_number_of_parts(stored, query):
    with pytest.raises(SearchError, match="at most"):
        stored.search("Patient", query)


def test_what_comes_along_has_a_limited_number_of_parts(stored):
    with pytest.raises(SearchError, match="at most"):
        stored.search("Patient", "_include=Patient:link&" * 11)


NAMES = st.sampled_from(sorted(parameters("Observation"))) | st.sampled_from(
    [
        *("_id", "_lastUpdated", "_sort", "_count", "_include", "_revinclude"),
        *(
            "_has",
            "_x",
            "_elements",
            "_summary",
            "_total",
            "subject.name",
            "_has:Task:focus:status",
        ),
    ]
)
MODIFIERS = st.sampled_from(
    ["", "", ":missing", ":not", ":exact", ":Patient", ":x", "."]
)
VALUES = st.text(alphabet="a1$|,\\.:-/ge ", max_size=9) | st.sampled_from(
    ["2026", "ge2026-01", "5.4|s|c", "Patient/a", "a$5", "true", "-date", "x:y:z"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, MODIFIERS, VALUES), max_size=3), st.booleans())
def test_any_search_is_answered_or_refused(stored, asked, walking):
    pairs = [f"{name}{modifier}={value}" for name, modifier, value in asked]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planning, "FEW", 0 if walking else planning.FEW)
        said = refused(stored, "Observation", "&".join(pairs))

    assert not said.startswith(":")


@pytest.mark.parametrize("kind", sorted(resource_types()))
def test_every_parameter_of_every_type_is_searched(stored, kind):
    examples = {
        "number": "5",
        "quantity": "5",
        "date": "2026",
        "reference": "Patient/a",
    }
    for name, each in parameters(kind).items():
        value = "a$2026" if name == "code-value-date" else examples.get(each.kind, "a")
        value = "a$5" if each.kind == "composite" and value == "a" else value

        assert isinstance(stored.ids(kind, f"{name}={value}"), list)
