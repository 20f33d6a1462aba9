import pytest

from domain.values import Acuity
from fhir_profiles.canonical import TASK
from fhir_profiles.task_review import TaskChange, UnreadableTaskError, task_change


def output(code, system=TASK, **value):
    return {"type": {"coding": [{"system": system, "code": code}]}} | value


def completed(*outputs):
    return {"resourceType": "Task", "status": "completed", "output": list(outputs)}


def test_a_task_that_is_only_taken_asks_for_nothing_else():
    taken = {
        "resourceType": "Task",
        "status": "accepted",
        "owner": {"reference": "Practitioner/n1"},
    }

    assert task_change(taken) == TaskChange(status="accepted", owner="Practitioner/n1")


def test_a_full_review_is_read():
    review = completed(
        output("decision", valueString="corrected"),
        output("acuity", valueInteger=3),
        output("reason", valueString=" Calm at second look. "),
        output("correction", valueString="Ankle, not chest."),
        output("notes", valueString="Relatives called.\nWaiting room B."),
        output("resource", valueReference={"reference": "ClinicalImpression/1"}),
        output("acuity", system="http://example.org", valueInteger=9),
    )

    assert task_change(review) == TaskChange(
        status="completed",
        decision="corrected",
        acuity=Acuity.URGENT,
        reason="Calm at second look.",
        correction="Ankle, not chest.",
        notes="Relatives called.\nWaiting room B.",
    )


@pytest.mark.parametrize(
    ("task", "expression"),
    [
        ({"resourceType": "Task"}, "Task.status"),
        (completed(output("decision", valueCode="ok")), "Task.output[0].value"),
        (completed(output("decision")), "Task.output[0].value"),
        (completed(output("acuity", valueInteger=0)), "Task.output[0].value"),
        (completed(output("acuity", valueInteger=6)), "Task.output[0].value"),
        (completed(output("acuity", valueInteger=True)), "Task.output[0].value"),
        (completed(output("acuity", valueString="2")), "Task.output[0].value"),
        (completed(output("reason", valueString="  ")), "Task.output[0].value"),
        (completed(output("notes", valueString="x" * 10_001)), "Task.output[0].value"),
        (completed({}, output("verdict", valueCode="x")), "Task.output[1].type"),
        (
            completed(output("reason", valueString="a"), output("reason")),
            "Task.output[1]",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_sentence(task, expression):
    with pytest.raises(UnreadableTaskError) as refused:
        task_change(task)

    assert refused.value.expression == expression
    assert refused.value.sentence.endswith(".")
