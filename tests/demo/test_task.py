from dataclasses import replace

from domain.answers import Draft
from domain.assessment import Assessment
from domain.values import Acuity, Floor
from gateway.demo import nurse
from gateway.demo.task import answered, model_says, parameter
from gateway.translate import wording

WAITING = Assessment(revision=1, floor=Floor(acuity=Acuity.URGENT, rules="1"))


def task(state, **more):
    return {"description": wording.task_description(state), **more}


def with_levels(acuity):
    coding = [{"system": "urn:example", "code": "acuity"}]
    code = {"coding": [{"system": "urn:example", "code": "review-assessment"}]}
    given = [{"type": {"coding": coding}, "valueInteger": acuity}]
    return {"code": code, "input": given}


def test_a_case_waits_for_the_model_until_the_gateway_says_otherwise():
    assert not answered(task(WAITING))


def test_a_withheld_answer_is_an_answer_and_says_why():
    withheld = replace(WAITING, answered=1, withheld=("the model is down",))

    assert answered(task(withheld))
    assert model_says(task(withheld)) == "withheld: the model is down"


def test_of_many_reasons_the_deciding_one_is_shown():
    said = ("Reason 1 was left out.", "The draft was withheld: nothing is left.")
    withheld = replace(WAITING, answered=1, withheld=said)

    assert model_says(task(withheld)) == "withheld: nothing is left."


def test_the_models_level_is_read_from_the_gateways_sentence():
    proposed = replace(WAITING, answered=1, draft=Draft(acuity=Acuity.EMERGENT))

    assert model_says(task(proposed)) == "says 2"


def test_a_model_that_could_not_assess_is_shown_so():
    unsure = replace(WAITING, answered=1, draft=Draft(acuity=None))

    assert model_says(task(unsure)) == "could not assess"


def test_a_level_is_found_by_the_code_system_that_the_task_itself_names():
    assert parameter(with_levels(3), "input", "acuity") == 3
    assert parameter(with_levels(3), "output", "acuity") is None


def test_of_unknown_patients_two_are_left_waiting():
    plan = nurse.plan([{"id": str(number)} for number in range(8)])

    decisions = [plan[name].decision for name in sorted(plan)]
    assert decisions[:3] == ["accepted", "overridden", "corrected"]
    assert set(decisions[3:]) == {"accepted"}
    assert set(plan) == {"0", "1", "2", "3", "4", "5"}
