"""Lines and files become labelled cases, or a sentence says which one is wrong."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import Sex, VitalName
from gateway.evaluation import reading
from gateway.evaluation.cases import CasesError
from inference.metrics import Truth
from tests.evaluation.given import bundle, line, written

CASE = {
    "patient": {"type": "Patient", "id": "p"},
    "at": "2026-03-01T12:00:00Z",
    "age": {"least": 20000, "most": 20364},
    "sex": "male",
    "complaints": [
        {"text": "cough", "source": {"type": "Encounter", "id": "e", "version": 1}}
    ],
    "vitals": [
        {
            "name": "heart-rate",
            "value": 128,
            "source": {"type": "Observation", "id": "o"},
        }
    ],
}


NAMES = {*CASE, "id", "bundle", "case", "at", "label", "level", "outcomes", "split"}


def read(tmp_path, *lines):
    (data,) = reading.read(written(tmp_path / "cases.jsonl", lines))
    return data


def test_a_line_says_everything_that_is_compared_afterwards(tmp_path):
    data = read(
        tmp_path,
        line(
            "1",
            label={"level": 2},
            outcomes={"died": True},
            cluster="patient 7",
            groups={"language": "fr"},
            split="held-out",
            provenance="two physicians",
            youngest_years=16,
        ),
        line("2", label={"most_urgent": 4}),
    )

    first, second = data.cases
    assert data.name == "cases.jsonl"
    assert (first.truth, second.truth) == (Truth(2, 2), Truth(4, 5))
    assert first.outcomes == {"died": True}
    assert (first.cluster, first.groups) == ("patient 7", {"language": "fr"})
    assert (first.held_out, second.held_out) == (True, None)
    assert first.input.at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert first.input.youngest_years == 16


def test_a_case_of_the_domain_is_taken_as_it_is(tmp_path):
    data = read(tmp_path, {"id": "1", "case": CASE})

    case = data.cases[0].input.case
    assert case.sex is Sex.MALE
    assert case.vitals[0].name is VitalName.HEART_RATE
    assert case.vitals[0].value == 128


def test_blank_lines_are_nothing(tmp_path):
    path = tmp_path / "cases.ndjson"
    path.write_text("\n" + json.dumps(line("1")) + "\n\n")

    (data,) = reading.read(path)

    assert len(data.cases) == 1


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"bundle": {}}, "missing required field `id`"),
        ({"id": "x"}, "either `bundle` or `case`"),
        ({"id": "x", "bundle": {}, "case": CASE}, "either `bundle` or `case`"),
        (line("x", acuity=2), "unknown field `acuity`"),
        (line("x", label={"level": 6}), "Levels go from 1 to 5"),
        (line("x", label={"most_urgent": 3, "least_urgent": 2}), "Levels go"),
        (line("x", outcomes={"discharged": True}), "`outcomes` knows admitted"),
        (line("x", split="test"), "Invalid enum value"),
        (line("x") | {"at": "2026-03-01T12:00:00"}, "`at` needs an offset"),
        (line("1"), "its id was used before"),
        ({"id": "x", "case": CASE | {"colour": "red"}}, "unknown field: colour"),
        (
            {"id": "x", "case": CASE | {"vitals": [CASE["vitals"][0] | {"v": 1}]}},
            "`case.vitals` has an unknown field: v",
        ),
        (
            {"id": "x", "case": CASE | {"at": "2026-03-01T12:00:00"}},
            "`case.at` needs an offset",
        ),
        ({"id": "x", "case": CASE | {"sex": "m"}}, "Invalid enum value"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path, bad, sentence):
    with pytest.raises(CasesError, match=rf"cases\.jsonl, line 2: .*{sentence}"):
        read(tmp_path, line("1"), bad)


def test_a_line_that_is_no_json_is_named_by_its_number(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(line("1")) + "\n{no json\n")

    with pytest.raises(CasesError, match="line 2"):
        reading.read(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(NAMES)), inner, max_size=4)
    ),
    max_leaves=8,
)


def refusal(path):
    """Return why a file is refused; nothing where its cases can be used."""
    try:
        (data,) = reading.read(path)
    except CasesError as error:
        return str(error)
    return "" if data.cases else "no case, and no refusal"


@given(st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode))
def test_any_line_is_a_case_or_is_refused_with_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(content)

    told = refusal(path)

    assert told == "" or told.startswith(str(path))


def test_a_line_that_is_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "deep.jsonl"
    path.write_text('{"id": "x", "bundle": ' + "[" * 100_000 + "]" * 100_000 + "}")

    with pytest.raises(CasesError, match="line 1"):
        reading.read(path)


def test_a_file_without_a_case_is_refused(tmp_path):
    with pytest.raises(CasesError, match="holds no case"):
        read(tmp_path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    for name in ("none.jsonl", "none.json"):
        with pytest.raises(CasesError, match=r"none\.json.* cannot be read"):
            reading.read(tmp_path / name)


@pytest.mark.parametrize("name", ["cases.txt", "empty"])
def test_what_holds_no_cases_is_refused_with_what_would_do(tmp_path, name):
    path = tmp_path / name
    path.mkdir() if name == "empty" else path.write_text("x")

    with pytest.raises(CasesError, match="data set"):
        reading.read(path)


def level(value):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "75636-1"}]},
        "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
        **value,
    }


def test_a_bundle_is_a_case_named_after_its_file(tmp_path):
    path = tmp_path / "anna.json"
    path.write_bytes(bundle(more=[level({"valueInteger": 3})]))

    (data,) = reading.read(path)

    assert [(case.id, case.truth) for case in data.cases] == [("anna", Truth(3, 3))]


def test_a_bundle_that_contradicts_itself_has_no_label(tmp_path):
    path = tmp_path / "anna.json"
    levels = [level({"valueInteger": 3}), level({"valueInteger": 4})]
    path.write_bytes(bundle(more=levels))

    with pytest.raises(CasesError, match=r"anna\.json: It states several"):
        reading.read(path)


def test_another_table_named_triage_is_no_data_set(tmp_path):
    (tmp_path / "triage.csv").write_text("a,b\n1,2\n")

    with pytest.raises(CasesError, match="no known data set"):
        reading.read(tmp_path)


@pytest.mark.parametrize(
    ("held_out", "kept", "reason"),
    [(False, ["dev", "any"], "held out: --held-out"), (True, ["held", "any"], "not")],
)
def test_one_split_is_assessed_and_the_other_is_counted(
    tmp_path, held_out, kept, reason
):
    data = read(
        tmp_path,
        line("dev", split="dev"),
        line("held", split="held-out"),
        line("any"),
    )

    found = reading.chosen(data, held_out=held_out)

    assert [case.id for case in found.cases] == kept
    (other,) = found.left_out
    assert other.reason.startswith(reason)
