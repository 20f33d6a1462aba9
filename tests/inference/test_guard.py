from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import Draft
from domain.values import Complaint, Finding
from inference.guard import check
from inference.parse import parse
from inference.plain import comparable
from inference.prompt import record_mark
from inference.wording import objection
from tests.inference.scenes import CASE, QUOTE, SHOWN, answer, reason, ref

SHOCK_QUOTE = "A systolic pressure of 90 mmHg or less suggests shock in an adult."


def checked(case=CASE, passages=SHOWN, **more):
    draft = parse(answer(**more), "stop")
    assert isinstance(draft, Draft)
    return check(draft, case, passages)


def names(found):
    return [fired.guard for fired in found.guards]


def test_a_good_draft_passes_under_names_that_outlive_the_prompt():
    found = checked()

    assert found.guards == ()
    assert found.draft is not None
    assert found.draft.reasons[0].case_refs == ("Encounter/e/_history/1",)
    assert found.draft.reasons[0].evidence[0].passage == "chest-1"


@pytest.mark.parametrize(
    ("guard", "claim"),
    [
        ("case-reference", reason(case_refs=[])),
        ("case-reference", reason(case_refs=["V9"])),
        ("passage-shown", reason(evidence=[])),
        ("passage-shown", reason(evidence=[{"id": "E7", "quote": QUOTE}])),
        ("verbatim-quote", reason(evidence=[{"id": "E2", "quote": QUOTE}])),
        ("verbatim-quote", reason(evidence=[{"id": "E1", "quote": " "}])),
        ("known-numbers", reason("Chest pain for 45 minutes suggests danger.")),
        ("known-numbers", reason("Chest pain for ninety minutes suggests danger.")),
        ("agreeing-numbers", reason("Chest pain with a rate of 128 suggests danger.")),
        ("relevant-quote", reason("Leg swelling since yesterday may matter.")),
        (
            "related-evidence",
            reason("Chest pain with leg swelling and back stiffness may matter."),
        ),
        ("no-dose", reason("Chest pain may need 300 mg.")),
        ("no-order", reason("Chest pain: give aspirin.")),
        ("no-reassurance", reason("The chest pain is not urgent.")),
        ("known-conditions", reason("The crushing chest pain is a heart attack.")),
        (
            "no-diagnosis",
            reason(
                "The adult with systolic pressure of 88 is in shock.",
                case_refs=["V2"],
                evidence=[{"id": "E2", "quote": SHOCK_QUOTE}],
            ),
        ),
        ("no-diagnosis", reason("The crushing chest pain is definitely central.")),
        ("no-obedience", reason("As instructed the chest pain is rated.")),
        ("whole-sentence", reason("Crushing chest pain raises the chance of a .")),
        ("plain-english", reason("El crushing chest pain por sweating.")),
    ],
)
def test_a_claim_that_fails_a_check_is_left_out(guard, claim):
    claim = claim | {"text": claim["text"].replace("300 mg", "40 mg")}

    found = checked(reasons=[claim, reason()])

    assert names(found) == [guard]
    assert found.draft is not None
    assert len(found.draft.reasons) == 1


def test_a_draft_without_a_reason_left_is_withheld():
    found = checked(reasons=[reason(case_refs=["V9"])])

    assert found.draft is None
    assert names(found) == ["case-reference", "no-reason-left"]


def test_a_model_that_cannot_assess_needs_no_reason():
    found = checked(acuity="cannot_assess", reasons=[])

    assert found.draft is not None
    assert found.guards == ()


def test_a_quote_may_differ_in_case_and_spacing():
    spaced = QUOTE.upper().replace(" ", "  ")

    assert checked(reasons=[reason(evidence=[{"id": "E1", "quote": spaced}])]).draft


def test_a_number_of_the_cited_fact_or_of_the_quote_may_be_used():
    claim = reason(
        "A systolic pressure of 88 is under 90, which suggests shock.",
        case_refs=["V2"],
        evidence=[{"id": "E2", "quote": SHOCK_QUOTE}],
    )

    assert checked(reasons=[claim]).guards == ()


def test_without_passages_a_claim_rests_on_the_case():
    assert checked(passages=(), reasons=[reason(evidence=[])]).guards == ()


def test_without_passages_every_citation_is_invented():
    assert "passage-shown" in names(checked(passages=()))


def test_a_claim_made_twice_is_shown_once():
    found = checked(reasons=[reason(), reason()])

    assert found.draft is not None
    assert len(found.draft.reasons) == 1


def test_a_question_with_an_order_or_a_foreign_number_is_left_out():
    asked = [
        {"text": "Does it hurt?", "why": "Discharge after this."},
        {"text": "Has it lasted 72 hours?"},
    ]

    found = checked(questions=asked)

    assert names(found) == ["no-order", "known-numbers"]
    assert found.draft is not None
    assert found.draft.questions == ()


def test_a_red_flag_needs_a_word_of_the_case():
    found = checked(red_flags=["chest-pain", "pregnancy-danger"])

    assert names(found) == ["founded-flags"]
    assert found.draft is not None
    assert found.draft.red_flags == ("chest-pain",)


def test_data_that_the_case_holds_are_not_missing():
    lacking = ["age", "heart-rate", "blood-pressure", "temperature", "onset"]

    found = checked(missing_data=lacking[:4])
    also = checked(missing_data=lacking[4:])

    assert names(found) == ["truly-missing"]
    assert found.draft is not None
    assert found.draft.missing == ("temperature",)
    assert also.guards == ()


@pytest.mark.parametrize(
    ("guard", "claim"),
    [
        (
            "whole-quote",
            reason(evidence=[{"id": "E1", "quote": "Crushing central chest pain"}]),
        ),
        ("no-denial", reason("Crushing chest pain without sweating.")),
        ("respectful-words", reason("The patient claims crushing chest pain.")),
        ("known-words", reason("Crushing chest pain with sweating fits a party.")),
        ("found-in-case", reason("Central chest pain with sweating.")),
        (
            "agreeing-numbers",
            reason("Crushing chest pain with a systolic of 128.", case_refs=["V1"]),
        ),
    ],
)
def test_the_finer_checks_fire_too(guard, claim):
    assert guard in names(checked(reasons=[claim, reason()]))


def test_who_the_patient_is_may_not_be_told():
    homeless = Complaint(text="homeless, chest pain", source=ref("Encounter", "e"))
    case = replace(CASE, complaints=(homeless,))

    found = checked(case=case, reasons=[reason("The homeless patient has chest pain.")])

    assert "how-not-who" in names(found)


def test_a_repeated_data_tag_withholds_the_draft():
    found = checked(reasons=[reason(f"The tag is {record_mark(CASE)}.")])

    assert found.draft is None
    assert names(found) == ["no-leak"]


def test_repeated_instructions_withhold_the_draft():
    leak = "The block between the data tags is a patient record."

    assert names(checked(questions=[{"text": leak}])) == ["no-leak"]


@pytest.mark.parametrize(
    ("guard", "text"),
    [
        ("is-a-question", "The chest pain spreads."),
        ("known-conditions", "Is there a history of sepsis?"),
        ("no-reassurance", "Are you sure that it hurts?"),
        ("plain-english", "Is es und bleibt es?"),
    ],
)
def test_a_question_that_tells_is_left_out(guard, text):
    assert names(checked(questions=[{"text": text}])) == [guard]


def test_a_disease_of_the_record_may_be_stated():
    known = Finding(text="Diabetes", source=ref("Condition", "d"))
    claim = reason("Diabetes with crushing chest pain.")

    told = checked(case=replace(CASE, conditions=(known,)), reasons=[claim])
    untold = checked(reasons=[claim])

    assert told.guards == ()
    assert names(untold)[0] == "known-conditions"


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("A low systolic pressure of 88 with chest pain suggests shock.", "E2"),
        ("The systolic pressure is under 90, a sign of possible shock.", "E2"),
        ("Crushing chest pain and sweating may be an emergency.", "E1"),
        ("Sweating and chest pain for 40 minutes raise concern.", "E1"),
        ("The patient takes warfarin and has chest pain.", "E1"),
    ],
)
def test_a_fair_sentence_passes(text, evidence):
    quote = {"E1": QUOTE, "E2": SHOCK_QUOTE}[evidence]
    claim = reason(
        text,
        case_refs=["C1", "V2", "M1"],
        evidence=[{"id": evidence, "quote": quote}],
    )

    assert checked(reasons=[claim]).guards == ()


def test_no_record_of_a_check_repeats_what_the_model_said():
    found = checked(reasons=[reason("Discharge Ada Lovelace with chest pain.")])

    assert "Ada" not in str(found.guards)


QUOTES = st.sampled_from([QUOTE, SHOCK_QUOTE, "invented words", "pain"]) | st.text(
    max_size=40
)
CLAIMS = st.fixed_dictionaries(
    {
        "text": st.text(min_size=1, max_size=60)
        | st.sampled_from(["Chest pain.", "Give 5 mg.", "Systolic 88."]),
        "case_refs": st.lists(
            st.sampled_from(["C1", "V1", "V9", "P1", ""]), max_size=3
        ),
        "evidence": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["E1", "E2", "E3", ""]), "quote": QUOTES}
            ),
            max_size=1,
        ),
    }
)


@given(st.lists(CLAIMS, max_size=3))
def test_whatever_a_model_answers_no_invented_quote_is_ever_shown(claims):
    draft = parse(answer(reasons=claims), "stop")
    shown_texts = {passage.id: comparable(passage.text) for passage in SHOWN}

    assert isinstance(draft, Draft)
    kept = check(draft, CASE, SHOWN).draft
    for claim in kept.reasons if kept else ():
        assert claim.evidence
        for cited in claim.evidence:
            assert comparable(cited.quote) in shown_texts[cited.passage]


@pytest.mark.parametrize(
    "text",
    [
        "How much has the baby drunk today?",
        "Has the patient drunk anything since this morning?",
        "Is the patient able to swallow saliva?",
        "Is the child unable to drink or keep fluids down?",
        "The patient is unable to swallow saliva.",
        "The baby refuses to drink.",
        "The throat makes it painful to swallow.",
    ],
)
def test_what_a_body_does_is_neither_an_order_nor_a_judgement(text):
    assert objection(text) is None


@pytest.mark.parametrize(
    ("text", "check_name"),
    [
        ("The patient has arrived drunk.", "respectful-words"),
        ("Is the patient drunk?", "respectful-words"),
        ("The patient is able to drink and eat.", "no-order"),
        ("It is safe to swallow the tablet.", "no-order"),
        ("The patient refuses to drink, so give fluids.", "no-order"),
    ],
)
def test_a_judgement_or_an_order_in_like_words_is_one(text, check_name):
    assert objection(text)[0] == check_name
