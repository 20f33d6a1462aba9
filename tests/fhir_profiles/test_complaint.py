import pytest

from domain.values import Code, Complaint, Reference
from fhir_profiles.complaint import complaints

SOURCE = Reference(type="Encounter", id="1", version=2)
SNOMED = "http://snomed.info/sct"
CHEST_PAIN = {
    "coding": [{"system": SNOMED, "code": "29857009", "display": "Chest pain"}],
    "text": "Pain in the chest since 6 am",
}
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"


def texts(resource, **more):
    return [complaint.text for complaint in complaints(resource, SOURCE, **more)]


def diagnosis(**more):
    return {
        "resourceType": "Condition",
        "category": [{"coding": [{"system": CATEGORY, "code": "encounter-diagnosis"}]}],
        "code": CHEST_PAIN,
    } | more


def state(code):
    return {"coding": [{"code": code}]}


def test_an_encounter_gives_its_reasons_with_words_and_codes():
    encounter = {
        "resourceType": "Encounter",
        "status": "arrived",
        "reasonCode": [CHEST_PAIN, {"coding": [{"code": "x"}]}, {}],
    }

    assert complaints(encounter, SOURCE) == [
        Complaint(
            text="Pain in the chest since 6 am",
            source=SOURCE,
            codes=(Code(system=SNOMED, code="29857009", display="Chest pain"),),
        ),
        Complaint(text="x", source=SOURCE, codes=(Code(system="", code="x"),)),
    ]


@pytest.mark.parametrize("code", ["8661-1", "46239-0", "10154-3"])
def test_a_chief_complaint_observation_is_a_complaint(code):
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
    }

    assert texts(observation | {"valueString": "dizzy"}) == ["dizzy"]
    assert texts(observation | {"valueCodeableConcept": CHEST_PAIN}) == [
        "Pain in the chest since 6 am"
    ]
    assert texts(observation | {"valueString": "x", "status": "cancelled"}) == []
    assert texts(observation) == []


def test_another_observation_is_no_complaint():
    weight = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}

    assert (
        texts({"resourceType": "Observation", "code": weight, "valueString": "dizzy"})
        == []
    )


@pytest.mark.parametrize(
    ("condition", "is_complaint"),
    [
        (diagnosis(), True),
        (diagnosis(clinicalStatus=state("active")), True),
        (diagnosis(verificationStatus=state("provisional")), True),
        (diagnosis(clinicalStatus=state("resolved")), False),
        (diagnosis(verificationStatus=state("refuted")), False),
        (diagnosis(verificationStatus=state("entered-in-error")), False),
        (diagnosis(category=[state("problem-list-item")]), False),
    ],
)
def test_an_encounter_diagnosis_is_a_complaint_while_it_is_believed(
    condition, is_complaint
):
    assert bool(texts(condition)) is is_complaint


RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "contained": [
        {
            "resourceType": "Questionnaire",
            "item": [
                {
                    "linkId": "group",
                    "item": [
                        {"linkId": "b", "code": [{"system": "urn:s", "code": "why"}]}
                    ],
                }
            ],
        }
    ],
    "item": [
        {
            "linkId": "group",
            "item": [
                {
                    "linkId": "a",
                    "answer": [
                        {
                            "valueString": "headache",
                            "item": [
                                {
                                    "linkId": "c",
                                    "definition": "http://example.org/q#since",
                                    "answer": [{"valueString": "since noon"}],
                                }
                            ],
                        },
                        {"valueInteger": 3},
                    ],
                },
                {
                    "linkId": "b",
                    "answer": [
                        {"valueCoding": {"system": SNOMED, "code": "25064002"}},
                    ],
                },
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        (set(), []),
        ({"linkId:a"}, ["headache"]),
        ({"linkId:a", "linkId:c"}, ["headache", "since noon"]),
        ({"urn:s|why"}, ["25064002"]),
        ({"http://example.org/q#since"}, ["since noon"]),
        ({"a", "linkId:z"}, []),
    ],
)
def test_only_the_configured_questions_are_answered_by_complaints(questions, expected):
    assert texts(RESPONSE, questions=frozenset(questions)) == expected


def test_a_response_that_was_withdrawn_states_nothing():
    withdrawn = RESPONSE | {"status": "entered-in-error"}

    assert texts(withdrawn, questions=frozenset({"linkId:a"})) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("chest\u200b pain", "chest pain"),
        ("a\u202eb\u2066c", "abc"),
        ("  two\r\n\tlines\x00\x1b[0m ", "two lines [0m"),
        ("tag\U000e0041", "tag"),
        ("\ud800half", "half"),
        ("e\u0301", "é"),
        ("x" * 8001, "x" * 8000),
        (" \u200b\n", None),
    ],
)
def test_only_visible_words_of_bounded_length_reach_the_case(sent, expected):
    encounter = {"resourceType": "Encounter", "reasonCode": [{"text": sent}]}

    assert texts(encounter) == ([] if expected is None else [expected])


def test_other_resources_state_no_complaint():
    assert texts({"resourceType": "Patient", "reasonCode": [CHEST_PAIN]}) == []
