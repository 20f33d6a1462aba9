import re
import sqlite3

import pytest

from fhir_profiles.search_parameters import fingerprint
from gateway.projections import planning
from gateway.projections.asking import TooCostlySearchError
from gateway.projections.database import FORM, Database
from tests.projections.shelf import shelf

MRN = "urn:example:mrn"
CODES = ("8867-4", "8480-6", "9279-1")


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    """Forty patients with three Observations and a Task each."""
    with shelf(tmp_path_factory.mktemp("ward")) as one:
        for number in range(40):
            one.put(*resources_of(number))
        yield one


def resources_of(number):
    whom = f"Patient/p{number}"
    yield {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": MRN, "value": str(number)}],
        "name": [{"family": ("Hansen", "Müller", "Hanover")[number % 3]}],
        "gender": "female" if number % 2 else "male",
    }
    for place, code in enumerate(CODES):
        timed = {"effectiveDateTime": f"2026-01-{1 + number % 28:02d}T10:0{place}:00Z"}
        yield {
            "resourceType": "Observation",
            "id": f"o{number}-{place}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": {"reference": whom},
            "valueQuantity": {"value": 60 + number, "code": "/min"},
            **(timed if number % 5 else {}),
        }
    yield {
        "resourceType": "Task",
        "id": f"t{number}",
        "status": "requested" if number % 4 else "completed",
        "code": {"coding": [{"system": "urn:ours", "code": "review"}]},
        "for": {"reference": whom},
        "priority": ("stat", "urgent", "routine")[number % 3],
        "authoredOn": f"2026-02-{1 + number % 28:02d}",
    }


SEARCHES = [
    ("Task", "status=requested&code=review&_sort=priority,authored-on"),
    ("Task", "status=requested&code=review&_sort=-authored-on"),
    ("Task", "status=requested,completed&_count=7"),
    ("Task", "status:not=completed"),
    ("Task", "owner:missing=true&_sort=-_lastUpdated"),
    ("Task", "priority=stat&_sort=_lastUpdated"),
    ("Observation", "patient=p7"),
    ("Observation", "subject=Patient/p7&_sort=-date"),
    ("Observation", "code=8867-4&_sort=date&_count=3"),
    ("Observation", "status=final&_sort=-date&_count=50"),
    ("Observation", "date=ge2026-01-20&code=http://loinc.org|8867-4"),
    ("Observation", "date=2026-01-20"),
    ("Observation", "date=lt2026-01-03"),
    ("Observation", "value-quantity=gt95||/min"),
    ("Observation", "code-value-quantity=8867-4$ge95"),
    ("Observation", "patient.identifier=" + MRN + "|7"),
    ("Observation", "subject:Patient.name=han&code=8867-4"),
    ("Observation", "_lastUpdated=gt2020&_sort=_lastUpdated"),
    ("Patient", f"identifier={MRN}|7"),
    ("Patient", "name=han&gender=female"),
    ("Patient", "family:exact=Müller"),
    ("Patient", "_id=p1,p2"),
    ("Patient", "_has:Task:patient:status=completed"),
    ("Patient", ""),
]


@pytest.fixture
def statements(ward):
    """The statements that a search sends, as they are sent."""
    sent = []
    with ward.database.reader() as connection:
        connection.set_trace_callback(sent.append)
    ward.sent = sent
    yield sent
    with ward.database.reader() as connection:
        connection.set_trace_callback(None)


@pytest.mark.parametrize("few", [0, planning.FEW])
@pytest.mark.parametrize("search", SEARCHES)
def test_no_search_reads_a_table_from_end_to_end(
    ward, statements, monkeypatch, search, few
):
    monkeypatch.setattr(planning, "FEW", few)
    ward.search(*search)
    steps = [step for each in statements for step in plan(ward, each)]

    assert any(step.startswith("SEARCH") for step in steps)
    assert not [step for step in steps if TABLE_READ.match(step)]


TABLE_READ = re.compile(r"SCAN (?!m$|a$|\(subquery)|.*AUTOMATIC")
"""A whole table, unless it is `m` or `a`, a few rows that were found before."""


def plan(ward, statement):
    if not statement.startswith("SELECT") or "MAX(serial)" in statement:
        return []
    with ward.database.reader() as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    return [step for *_, step in rows]


@pytest.mark.parametrize(("kind", "query"), SEARCHES)
def test_gathering_and_walking_find_the_same_in_the_same_order(
    ward, monkeypatch, kind, query
):
    gathered = ward.pages(kind, query)
    monkeypatch.setattr(planning, "FEW", 0)

    assert ward.pages(kind, query) == gathered


@pytest.mark.parametrize(("kind", "query"), SEARCHES)
def test_a_page_may_be_found_otherwise_than_the_one_before(
    ward, monkeypatch, kind, query
):
    whole = [each for page in ward.pages(kind, query) for each in page]
    turns = iter([planning.FEW, 0] * 200)

    def turn():
        monkeypatch.setattr(planning, "FEW", next(turns))

    turn()
    query = re.sub("&?_count=[0-9]+", "", query) + "&_count=2"
    assert [each for page in ward.pages(kind, query, turn) for each in page] == whole


@pytest.mark.parametrize(("kind", "query"), SEARCHES)
def test_a_total_counts_what_the_pages_hold(ward, monkeypatch, kind, query):
    monkeypatch.setattr(planning, "FEW", 0)
    whole = [each for page in ward.pages(kind, query) for each in page]

    found = ward.search(kind, f"{query}&_total=accurate")

    assert found.total == len(whole)
    assert ward.search(kind, f"{query}&_total=none").total is None
    assert ward.search(kind, f"{query}&_total=estimate").total >= len(whole)
    assert ward.search(kind, f"{query}&_summary=count").total == len(whole)


def test_a_total_is_given_where_it_costs_nothing(ward, monkeypatch):
    assert ward.search("Patient", "_count=1").total == 40
    monkeypatch.setattr(planning, "FEW", 3)

    assert ward.search("Patient", "_count=1").total is None


@pytest.mark.parametrize("limit", ["_MOST_LOOKS", "_MOST_SECONDS"])
def test_reading_too_much_is_ended_and_said(ward, monkeypatch, limit):
    monkeypatch.setattr(planning, "_STEPS", 10)
    monkeypatch.setattr(planning, limit, 0)

    with pytest.raises(TooCostlySearchError, match="patient"):
        ward.search("Observation", "status=final")

    monkeypatch.undo()
    assert ward.search("Observation", "status=final").page


def test_another_fault_is_no_costly_search(ward):
    with (
        ward.database.reader() as connection,
        pytest.raises(sqlite3.OperationalError, match="nowhere"),
        planning.bounded(connection),
    ):
        connection.execute("SELECT 1 FROM nowhere")


def test_read_models_of_another_form_are_made_anew(tmp_path):
    with shelf(tmp_path) as one:
        one.put({"resourceType": "Patient", "id": "a"})
        one.database.writer.execute("UPDATE progress SET form = form - 1")
        file = one.database._file

    database = Database(file, b"k" * 32)

    assert database.position() == 0
    found = database.writer.execute("SELECT form FROM progress").fetchone()[0]
    assert found == FORM << 32 | fingerprint()
    database.close()
