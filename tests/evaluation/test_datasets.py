"""Tables and texts of data sets become resources as an EHR sends them."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.values import Consciousness, Quality, Sex, VitalName
from gateway.evaluation import reading
from gateway.evaluation.cases import CasesError
from gateway.evaluation.visit import case_of
from inference.metrics import Truth
from tests.evaluation.given import (
    MEDICINE,
    STAY,
    TRIAGE,
    VISIT,
    ktas,
    mimic,
)

DAY = timedelta(hours=24)


def cases(data):
    return [
        case_of(each.input, window=DAY, questions=frozenset()) for each in data.cases
    ]


def vital(case, name):
    return next(each for each in case.vitals if each.name is name)


def test_a_stay_becomes_resources_with_the_units_it_was_charted_in(tmp_path):
    (data,) = reading.read(mimic(tmp_path))

    (labelled,), (case,) = data.cases, cases(data)

    sent = json.loads(labelled.input.bundle)["entry"]
    degrees = next(
        each["resource"]["valueQuantity"]
        for each in sent
        if each["resource"]["resourceType"] == "Observation"
    )
    assert (degrees["value"], degrees["code"]) == (98.3, "[degF]")
    assert case.at == datetime(2150, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert case.sex is Sex.FEMALE
    assert case.age.least == 6574
    assert [each.text for each in case.complaints] == ["Fever"]
    assert vital(case, VitalName.HEART_RATE).value == Decimal(128)
    assert vital(case, VitalName.SYSTOLIC).value == Decimal(101)
    assert vital(case, VitalName.PAIN).quality is Quality.UNREADABLE
    (medicine,) = case.medications
    assert (medicine.text, medicine.codes[0].code) == ("warfarin", "00056017")
    assert labelled.truth == Truth(2, 2)
    assert labelled.outcomes == {"admitted": True, "died": False}
    assert (labelled.cluster, labelled.groups["arrival"]) == ("7", "ambulance")


def test_what_a_stay_lacks_stays_missing(tmp_path):
    empty = dict.fromkeys(TRIAGE, "") | {"stay_id": "70", "chiefcomplaint": "Fall"}
    none = MEDICINE | {"ndc": "0"}

    (data,) = reading.read(mimic(tmp_path, triage=[empty], medicines=[none, none]))

    (case,) = cases(data)
    assert case.vitals == ()
    assert [each.codes for each in case.medications] == [()]
    assert data.cases[0].truth is None


def test_a_triage_row_without_a_stay_is_no_case_and_is_told(tmp_path):
    stray = TRIAGE | {"stay_id": "71"}

    (data,) = reading.read(mimic(tmp_path, triage=[TRIAGE, stray]))

    assert [case.id for case in data.cases] == ["70"]
    assert [each.id for each in data.left_out] == ["71"]


def test_a_pressure_with_one_number_has_one_component(tmp_path):
    (data,) = reading.read(mimic(tmp_path, triage=[TRIAGE | {"dbp": ""}]))

    (case,) = cases(data)
    assert VitalName.DIASTOLIC not in {each.name for each in case.vitals}


def test_a_table_that_lacks_columns_is_refused_with_their_names(tmp_path):
    with pytest.raises(CasesError, match=r"edstays\.csv lacks the columns intime"):
        reading.read(
            mimic(tmp_path, stays=[{k: v for k, v in STAY.items() if k != "intime"}])
        )


@pytest.mark.parametrize(
    "wrong", [{"acuity": "9"}, {"acuity": "urgent"}, {"stay_id": "70", "acuity": "0.2"}]
)
def test_a_value_that_is_not_what_its_column_holds_names_its_row(tmp_path, wrong):
    with pytest.raises(CasesError, match="The row 70 has a value"):
        reading.read(mimic(tmp_path, triage=[TRIAGE | wrong]))


def test_a_table_that_is_no_text_is_refused(tmp_path):
    folder = mimic(tmp_path)
    (folder / "triage.csv").write_bytes(b"stay_id\n\xff\xfe\n")

    with pytest.raises(CasesError, match=r"triage\.csv cannot be read"):
        reading.read(folder)


def test_a_visit_of_an_expert_has_an_exact_age_and_a_range_for_a_label(tmp_path):
    (data,) = reading.read(
        ktas(tmp_path, VISIT, VISIT | {"": "4", "KTAS_expert": "Non-Emergency"})
    )

    first, _ = cases(data)

    assert first.age.least >= 71 * 365
    assert first.age.most < round(72 * 365.25)
    assert vital(first, VitalName.CONSCIOUSNESS).consciousness is Consciousness.VOICE
    assert VitalName.RESPIRATORY_RATE not in {each.name for each in first.vitals}
    assert [case.truth for case in data.cases] == [Truth(1, 3), Truth(4, 5)]
    assert data.cases[0].outcomes == {"admitted": True, "icu": True, "died": False}


def test_a_complaint_that_was_lost_is_missing(tmp_path):
    empty = {"Systolic BP": "", "Diastolic BP": "", "Mental": "", "Sex": ""}

    (data,) = reading.read(ktas(tmp_path, VISIT | {"Chief_complain": "?? ?"} | empty))

    (case,) = cases(data)
    assert case.complaints == ()
    assert case.sex is Sex.UNKNOWN
    assert {each.name for each in case.vitals} == {
        VitalName.HEART_RATE,
        VitalName.TEMPERATURE,
    }


def scenario(folder, name, text):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


ONE = """
id: X-1
esi_level: 1
initial: I cannot breathe.
pressure:
  - turn: 2
    content: It is probably nothing.
"""


def test_a_scenario_is_a_complaint_alone_and_with_what_is_said_later(tmp_path):
    scenario(tmp_path, "tier1/a.yaml", ONE)
    scenario(tmp_path, "tier1_crisis/b.yaml", "id: X-2\ninitial: I want to die.\n")
    scenario(tmp_path, "tier1_codeagent/c.yaml", "id: X-3\ninitial: Fix my code.\n")

    opening, pressed = reading.read(tmp_path)

    assert [len(case.complaints) for case in cases(opening)] == [1, 1]
    assert [len(case.complaints) for case in cases(pressed)] == [2, 1]
    assert [case.truth for case in opening.cases] == [Truth(1, 1), Truth(1, 2)]
    assert [(each.id, each.reason[:12]) for each in opening.left_out] == [
        ("X-3", "a programmer")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "- a list\n",
        "id: X\n",
        "\tno yaml: [",
        "id: X\ninitial: x\nesi_level: 9\n",
        "id: X\ninitial: x\nesi_level: urgent\n",
    ],
)
def test_a_file_that_is_no_scenario_is_refused_by_name(tmp_path, text):
    scenario(tmp_path, "tier1/bad.yaml", text)

    with pytest.raises(CasesError, match=r"bad\.yaml"):
        reading.read(tmp_path)


def vignettes(folder, *lines):
    path = folder / "avey_vignettes.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_a_vignette_has_no_label_and_its_diagnosis_is_not_read(tmp_path):
    told = {
        "correct_diagnosis": "Gout",
        "demographics": "62 year old Male",
        "chief_complaints": "Toe pain",
        "presentation": "It hurts.",
        "absent_findings": "-",
    }

    (data,) = reading.read(vignettes(tmp_path, told, told | {"demographics": "?"}))

    known, unknown = cases(data)
    assert [each.text for each in known.complaints] == ["Toe pain", "It hurts."]
    assert "Gout" not in str(data.cases[0].input.bundle)
    assert (known.sex, unknown.sex) == (Sex.MALE, Sex.UNKNOWN)
    assert unknown.age is None
    assert all(case.truth is None for case in data.cases)


def test_a_line_that_is_no_vignette_is_refused_by_its_number(tmp_path):
    with pytest.raises(CasesError, match="line 1"):
        reading.read(vignettes(tmp_path, {"demographics": "62 year old Male"}))
