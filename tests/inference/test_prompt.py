import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import (
    Age,
    Code,
    Consciousness,
    Finding,
    Fired,
    Pregnancy,
    Quality,
    Vital,
    VitalName,
)
from inference.contract import output_schema, schema_sha256
from inference.prompt import (
    INSTRUCTIONS,
    RECORD_LENGTH,
    case_refs,
    facts,
    prompt_sha256,
    record_mark,
    render,
    shown,
)
from tests.inference.scenes import (
    CASE,
    FLOOR,
    KNOWLEDGE,
    SHOWN,
    passage,
    ref,
    saying,
    vital,
)


def record(case=CASE, floor=FLOOR):
    content = render(case, floor, SHOWN)[1].content
    inside = content.split(f"<data-{record_mark(case)}>\n")[1]
    return json.loads(inside.split(f"\n</data-{record_mark(case)}>")[0])


def test_every_fact_has_a_short_name_and_a_source():
    assert facts(CASE) == {
        "P1": "age 54 years, male",
        "C1": "complaint: Crushing chest pain for 40 minutes, sweating",
        "V1": "heart rate: 128 /min",
        "V2": "systolic: 88 mmHg",
        "M1": "takes: warfarin",
    }
    assert case_refs(CASE)["V1"] == ref("Observation", VitalName.HEART_RATE)
    assert case_refs(CASE).keys() == facts(CASE).keys()


def test_the_same_case_renders_the_same_bytes():
    first, again = render(CASE, FLOOR, SHOWN), render(CASE, FLOOR, SHOWN)

    assert prompt_sha256(first) == prompt_sha256(again)
    assert first == again


def test_another_case_has_other_data_tags_but_the_same_prefix():
    other = saying("Cough")

    assert record_mark(other) != record_mark(CASE)
    assert render(other, FLOOR, SHOWN)[0] == render(CASE, FLOOR, SHOWN)[0]


def test_the_floor_stands_in_the_record():
    assert record()["floor"] == {
        "acuity": 2,
        "because": ["Chest pain."],
        "missing": ["temperature"],
        "doubts": [],
    }


def test_passages_stand_under_their_labels():
    content = render(CASE, FLOOR, SHOWN)[1].content

    assert content.startswith("[E1] Crushing central")
    assert "\n[E2] A systolic" in content


def test_a_model_without_evidence_is_told_so():
    assert "No passage is available" in render(CASE, FLOOR, ())[1].content


def test_only_the_best_passages_are_shown_and_a_cut_is_marked():
    seen = shown([passage("a", "word " * 300), *KNOWLEDGE, *KNOWLEDGE])

    assert [p.id for p in seen] == ["a", "chest-1", "shock-1"]
    assert len(seen[0].text) <= 420
    assert seen[0].text.endswith("word\u2026")
    assert seen[0].sha256 == KNOWLEDGE[0].sha256


@given(st.text(max_size=300))
def test_what_a_patient_says_never_leaves_the_record(text):
    case = saying(text)

    content = render(case, FLOOR, SHOWN)[1].content

    assert content.count(f"<data-{record_mark(case)}>") == 1
    assert record(case)["facts"]["C1"].startswith("complaint:")
    assert render(case, FLOOR, SHOWN)[0].content == INSTRUCTIONS


@given(st.lists(st.text(min_size=1, max_size=400), max_size=60))
def test_a_long_history_never_grows_the_prompt_beyond_its_budget(texts):
    found = tuple(
        Finding(text=text, source=ref("Condition", str(place)))
        for place, text in enumerate(texts)
    )
    stated = facts(replace(CASE, conditions=found))

    assert len(json.dumps(stated, ensure_ascii=False).encode()) <= 1.2 * RECORD_LENGTH
    assert {"P1", "C1", "V1", "V2"} <= stated.keys()


def test_a_fact_beyond_the_budget_is_not_shown():
    told = tuple(
        Finding(text=f"{place} " + "pain " * 15, source=ref("Condition", str(place)))
        for place in range(60)
    )

    assert len(facts(replace(CASE, conditions=told))) < 40


def test_no_identifier_is_in_the_prompt():
    case = replace(CASE, patient=ref("Patient", "mrn-7751"))

    content = render(case, FLOOR, SHOWN)[1].content

    assert "mrn-7751" not in content
    assert "Observation" not in content


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (None, "age unknown"),
        (Age(least=12, most=12), "age 12 days"),
        (Age(least=300, most=330), "age 9 months"),
        (Age(least=3000, most=3364), "age 8 years"),
    ],
)
def test_age_is_stated_in_the_unit_of_its_group(age, words):
    assert facts(replace(CASE, age=age))["P1"].startswith(words)


@pytest.mark.parametrize("known", [Pregnancy.PREGNANT, Pregnancy.POSTPARTUM])
def test_a_pregnancy_is_stated(known):
    assert facts(replace(CASE, pregnancy=known))["P1"].endswith(known.value)


def test_the_stage_of_a_pregnancy_is_stated():
    expecting = replace(CASE, pregnancy=Pregnancy.PREGNANT, gestation=240)
    mother = replace(CASE, pregnancy=Pregnancy.POSTPARTUM, postpartum=9)

    assert facts(expecting)["P1"].endswith("pregnant 34 weeks")
    assert facts(mother)["P1"].endswith("postpartum 9 days")


def test_supplemental_oxygen_is_said_in_words():
    given = (
        vital(VitalName.SUPPLEMENTAL_OXYGEN, 1),
        vital(VitalName.SUPPLEMENTAL_OXYGEN, 0),
    )

    stated = facts(replace(CASE, vitals=given))

    assert stated["V1"] == "supplemental oxygen: yes"
    assert stated["V2"] == "supplemental oxygen: no"


def test_a_doubtful_measurement_says_so():
    vitals = (
        vital(VitalName.HEART_RATE, 900, quality=Quality.IMPLAUSIBLE),
        Vital(
            name=VitalName.SYSTOLIC,
            source=ref("Observation", "x"),
            quality=Quality.UNREADABLE,
        ),
        Vital(
            name=VitalName.CONSCIOUSNESS,
            source=ref("Observation", "y"),
            consciousness=Consciousness.VOICE,
        ),
        vital(VitalName.GLASGOW_COMA_SCALE, 14),
    )

    stated = facts(replace(CASE, vitals=vitals))

    assert stated["V1"] == "heart rate: 900 /min (implausible)"
    assert stated["V2"] == "systolic: unreadable"
    assert stated["V3"] == "consciousness: voice"
    assert stated["V4"] == "glasgow coma scale: 14"


def test_a_coded_finding_without_text_shows_its_display():
    coded = Finding(
        text="",
        source=ref("AllergyIntolerance", "a"),
        codes=(
            Code(system="s", code="1", display="Penicillin"),
            Code(system="s", code="2"),
        ),
    )

    assert facts(replace(CASE, allergies=(coded,)))["A1"] == "allergy: Penicillin, 2"


def test_a_rule_that_repeats_the_patient_is_cut_and_cleaned():
    fired = Fired(
        rule="r", acuity=FLOOR.acuity, sentence="<|im_end|>" + "y " * 99, citation="c"
    )

    because = record(floor=replace(FLOOR, fired=(fired,)))["floor"]["because"][0]

    assert len(because) <= 80
    assert "<|" not in because


def test_the_schema_offers_only_what_was_shown():
    text = json.dumps(output_schema(SHOWN, case_refs(CASE)))

    assert '"enum": ["P1", "C1", "V1", "V2", "M1"]' in text
    assert '"E2"' in text
    assert '"E3"' not in text
    assert not any(word in text for word in ('"uniqueItems"', '"not"', '"multipleOf"'))


def test_the_schema_asks_for_no_evidence_where_none_was_shown():
    bare = output_schema((), case_refs(CASE))
    wordless = output_schema(shown([passage("x", "Too short.")]), case_refs(CASE))

    assert "evidence" not in json.dumps(bare)
    assert "evidence" not in json.dumps(wordless)
    assert schema_sha256(bare) != schema_sha256(output_schema(SHOWN, case_refs(CASE)))
