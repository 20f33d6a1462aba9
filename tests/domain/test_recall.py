from dataclasses import replace
from datetime import timedelta

import pytest

from domain.answers import Decision, Draft, Review
from domain.assessment import Assessment, Status, evolve
from domain.assessment.basis import Maker, bases
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    InformCase,
    ProposeImpression,
    RecallAssessment,
    RecordFloor,
    StartTask,
)
from domain.errors import IncompleteReviewError, StaleVersionError
from domain.events import AssessmentAccepted, AssessmentOverridden, AssessmentRecalled
from domain.values import Acuity, Floor, Reference
from tests.domain.test_assessment import (
    AT,
    CASE,
    FLOORED,
    JO,
    KIM,
    NOTHING,
    OPENED,
    PROPOSE,
    PROPOSED,
    RUN,
    SIGN,
    ask,
    moved,
)

LATER = AT + timedelta(hours=3)
RECALL = RecallAssessment(
    by=JO, matched=(("model", "m"),), reason="It reads too low.", version=2, at=LATER
)
ACCEPT = Review(decision=Decision.ACCEPTED, acuity=Acuity.EMERGENT)


def reviewed(past, review, by=JO):
    begun = moved(past, AcceptTask, StartTask, by=by)
    return begun.after(ask(CompleteTask, begun, by, review=review))


CLOSED = reviewed(PROPOSED, ACCEPT)
AGAIN = CLOSED.after(RECALL)


def overridden(acuity, reason="They look worse."):
    return Review(decision=Decision.OVERRIDDEN, acuity=acuity, reason=reason)


def test_a_recall_of_a_closed_case_opens_a_task_and_changes_no_acuity():
    assert AGAIN.state.task.status is Status.REQUESTED
    assert AGAIN.state.task.number == CLOSED.state.task.number + 1
    assert AGAIN.state.task.holder is None
    assert AGAIN.state.reviewed
    assert AGAIN.state.stands is CLOSED.state.stands is Acuity.EMERGENT
    assert AGAIN.state.impression == CLOSED.state.impression
    assert AGAIN.state.again.at == LATER


def test_a_recall_said_twice_opens_one_task():
    assert AGAIN.when(RECALL) == []
    assert AGAIN.when(replace(RECALL, at=LATER + timedelta(days=1), by=KIM)) == []


def test_a_recall_said_again_after_the_second_look_opens_none():
    assert reviewed(AGAIN, ACCEPT, KIM).when(RECALL) == []


def test_a_newer_version_that_used_it_is_recalled_again():
    assert len(AGAIN.when(replace(RECALL, version=3))) == 1


def test_two_recalls_share_the_open_task_and_both_are_told():
    other = replace(RECALL, matched=(("passage", "p"),))

    both = AGAIN.after(other)

    assert both.state.task.number == AGAIN.state.task.number
    assert both.state.task.version == AGAIN.state.task.version + 1
    assert [each.matched for each in both.state.recalled] == [
        RECALL.matched,
        other.matched,
    ]


def test_an_open_case_s_one_task_is_told_and_its_holder_has_to_read_again():
    begun = moved(PROPOSED, AcceptTask, StartTask)

    told = begun.after(RECALL)

    assert told.state.task.number == begun.state.task.number
    assert told.state.task.status is Status.IN_PROGRESS
    assert told.state.task.holder == JO
    assert told.state.again is None
    with pytest.raises(StaleVersionError):
        told.when(ask(CompleteTask, begun, review=ACCEPT))
    assert isinstance(
        told.when(ask(CompleteTask, told, review=ACCEPT))[0], AssessmentAccepted
    )


def test_nothing_is_recalled_before_anything_was_assessed():
    assert NOTHING.when(RECALL) == []
    assert OPENED.when(RECALL) == []


def test_a_second_nurse_confirms_what_stands():
    done = reviewed(AGAIN, ACCEPT, KIM)

    assert done.state.reviewer == KIM
    assert done.state.task.status is Status.COMPLETED
    assert done.state.replaced is None
    assert done.state.stands is Acuity.EMERGENT


def test_a_second_look_confirms_the_nurse_s_words_not_the_machine_s():
    first = reviewed(PROPOSED, overridden(Acuity.RESUSCITATION)).after(RECALL)
    begun = moved(first, AcceptTask, StartTask, by=KIM)

    with pytest.raises(IncompleteReviewError, match="says acuity 1"):
        begun.when(
            ask(CompleteTask, begun, KIM, review=replace(ACCEPT, reason="Sure."))
        )

    confirmed = replace(ACCEPT, acuity=Acuity.RESUSCITATION)
    done = begun.after(ask(CompleteTask, begun, KIM, review=confirmed))
    assert done.state.replaced == overridden(Acuity.RESUSCITATION)
    assert done.state.words == 2
    assert first.state.again.acuity is Acuity.RESUSCITATION


def test_a_second_look_that_is_less_urgent_needs_a_reason():
    first = reviewed(PROPOSED, overridden(Acuity.RESUSCITATION)).after(RECALL)
    begun = moved(first, AcceptTask, StartTask)

    with pytest.raises(IncompleteReviewError, match="before"):
        begun.when(
            ask(CompleteTask, begun, review=overridden(Acuity.EMERGENT, reason=" "))
        )

    said = begun.when(ask(CompleteTask, begun, review=overridden(Acuity.EMERGENT)))
    assert isinstance(said[0], AssessmentOverridden)


def test_the_task_is_as_urgent_as_the_most_urgent_that_was_said():
    lower = reviewed(PROPOSED, overridden(Acuity.NON_URGENT)).after(RECALL)

    assert lower.state.again.acuity is Acuity.EMERGENT


def test_a_declined_second_look_asks_somebody_else():
    declined = moved(AGAIN, DeclineTask)

    assert declined.state.task.number == AGAIN.state.task.number + 1
    assert declined.state.recalled == AGAIN.state.recalled


def test_a_third_look_is_asked_for_on_account_of_what_is_new_alone():
    other = replace(RECALL, matched=(("passage", "p"),))

    third = reviewed(AGAIN, ACCEPT).after(other)

    assert [each.matched for each in third.state.recalled] == [other.matched]


def test_no_machine_adds_to_a_case_that_is_looked_at_again():
    assert AGAIN.when(PROPOSE) == []


def test_a_recall_without_its_history_is_remembered_nevertheless():
    event = AssessmentRecalled(
        by=JO, matched=RECALL.matched, reason="", version=1, at=AT
    )

    assert evolve(Assessment(), event).recalled == (event,)


def test_a_case_without_a_floor_rests_on_nothing():
    assert bases(OPENED.state) == ()


def test_rules_and_model_both_are_makers_of_what_they_saw():
    seen = [(each.maker, each.run, each.rules) for each in bases(PROPOSED.state)]

    assert seen == [(Maker.RULES, None, "1"), (Maker.MODEL, RUN, "1")]


def test_a_raise_that_stands_rests_on_the_earlier_run_and_its_inputs():
    seen = replace(CASE, inputs=SIGN)
    urgent = ProposeImpression(
        revision=1, run=RUN, draft=Draft(acuity=Acuity.RESUSCITATION)
    )
    floor = Floor(acuity=Acuity.URGENT, rules="1")
    raised = OPENED.after(RecordFloor(revision=1, case=seen, floor=floor)).after(urgent)
    newer = Reference(type="Observation", id="n", version=1)
    told = raised.after(InformCase(encounter=None, triggers=(newer,)))

    after = told.after(
        RecordFloor(
            revision=2,
            case=replace(CASE, inputs=(newer,)),
            floor=Floor(acuity=Acuity.URGENT, rules="2"),
        )
    )

    rules, earlier = bases(after.state)
    assert (rules.maker, rules.inputs, rules.rules) == (Maker.RULES, (newer,), "2")
    assert (earlier.maker, earlier.inputs, earlier.run) == (Maker.RAISED, SIGN, RUN)
    assert earlier.rules == "1"
    assert after.state.acuity is Acuity.RESUSCITATION


def test_floor_alone_is_made_by_the_rules():
    assert [each.maker for each in bases(FLOORED.state)] == [Maker.RULES]
