"""Stories of logs that are written event by event, for what is rare in a gateway."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access import AccessesUnrecorded, AccessRecorded
from domain.answers import Decision, Draft, GuardFired, Question, Review, Reviewer
from domain.events import (
    REGISTRY,
    AssessmentAccepted,
    AssessmentOverridden,
    AssessmentRecalled,
    CaseInformed,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
    RecordAccepted,
    RecordCorrected,
    RecordWithdrawn,
    TaskAccepted,
    TaskDeclined,
    TaskReleased,
    TaskStarted,
)
from domain.ruled import Standing
from domain.values import Acuity, Finding, Reference
from gateway.audit.case import case_story
from gateway.audit.case_page import page
from gateway.audit.case_text import lines
from gateway.audit.story import Teller
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from inference.pipeline import Withholding
from inference.pipeline import replay as judged
from tests.audit.test_replay import ANSWER, AT, CASE, FLOOR, OPENED, WHOM, run
from tests.store.samples import attack

NURSE = Reviewer(name="jo", reference="", display="")
DRUG = Reference(type="MedicationStatement", id="m1", version=2)
GONE = Reference(type="Observation", id="o1", version=2)


def silent(_done, _total):
    """Show no progress."""


def log_of(folder, *written, subject="Patient/p1", request=""):
    """Write (stream, event) pairs, a second apart, each by a request or all by one."""
    ledger = Ledger.open(folder, registry=REGISTRY)
    for second, (stream, event) in enumerate(written):
        at = AT + timedelta(seconds=second)
        context = Context(at=at, actor="feed-1", request=request or f"r{second}")

        def work(session, stream=stream, event=event, context=context):
            session.append(stream, [event], subject=subject, context=context)

        ledger.submit_sync(work)
    ledger.close()


def story_of(folder, *written):
    log_of(folder, *written)
    return case_story(folder, "c1", progress=silent)


def of_case(*happened):
    return [("case/c1", event) for event in happened]


def text(story):
    return " ".join(" ".join(lines(story, full=True)).split())


def titles(story):
    return [entry.title for entry in story.entries]


FLOORED = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
DOWN = ImpressionWithheld(revision=1, reasons=("the model is down",))


def test_a_case_that_waits_says_so(tmp_path):
    story = story_of(tmp_path, *of_case(OPENED))

    outcome = dict(story.outcome.rows)
    assert outcome["Rules"] == "have not judged the case"
    assert outcome["Nurse"] == "has not decided"
    assert story.durations.rows == story.reads.rows == ()
    assert "none" in text(story)
    assert "How long each step took: none" in page(story)


def test_a_model_that_was_down_leaves_the_rules_alone(tmp_path):
    story = story_of(tmp_path, *of_case(OPENED, FLOORED, DOWN))

    assert titles(story)[-1] == (
        "No answer of the language model is shown: the rules stand alone"
    )
    assert "the model is down" in text(story)
    assert dict(story.versions.rows) == {"Rules": FLOOR.rules}


def test_an_answer_that_was_withheld_is_told_with_its_guards(tmp_path):
    broken = replace(run().run, answer="no JSON", shadow=False)
    held = judged(CASE, FLOOR, broken)
    assert isinstance(held, Withholding)
    event = ImpressionWithheld(revision=1, reasons=held.reasons, run=held.run)

    story = story_of(tmp_path, *of_case(OPENED, FLOORED, event))

    said = text(story)
    assert "readable" in said
    assert "no JSON" in said
    assert dict(story.versions.rows)["Model"] == "m"


def test_every_part_of_a_draft_is_told(tmp_path):
    again = run()
    draft = Draft(
        acuity=None,
        questions=(Question(text="Since when?", why="Time is muscle."),),
    )
    questioned = ANSWER.replace(
        '"questions": []', '"questions": [{"text": "Since when?"}]'
    )
    guards = (
        GuardFired(guard="known-numbers", sentence="Question 1 was left out: why."),
        GuardFired(guard="known-numbers", sentence="Question 9 was left out: why."),
    )
    shown = replace(again.run, answer=questioned, guards=guards, shadow=False)
    event = ImpressionProposed(
        revision=1, run=shown, draft=draft, acuity=Acuity.EMERGENT
    )

    said = text(story_of(tmp_path, *of_case(OPENED, FLOORED, event)))

    assert "The language model could not assess (may only raise)" in said
    assert "Since when? Time is muscle." in said
    assert "Question 1 was left out: why." in said


def test_doubts_and_findings_are_told(tmp_path):
    taken = Finding(text="warfarin", source=DRUG)
    case = replace(CASE, medications=(taken,), inputs=(WHOM, DRUG, GONE))
    floor = replace(FLOOR, doubts=("The heart rate is odd.",), missing=())

    said = text(
        story_of(
            tmp_path,
            *of_case(OPENED, FloorAssessed(revision=1, case=case, floor=floor)),
        )
    )

    assert "The heart rate is odd." in said
    assert "Data complete yes" in said
    assert "warfarin" in said


def test_inputs_that_were_replaced_or_deleted_are_told_as_they_were(tmp_path):
    first = replace(DRUG, version=1)
    seen = replace(GONE, version=1)
    case = replace(CASE, inputs=(WHOM, DRUG))
    story = story_of(
        tmp_path,
        (
            "record/MedicationStatement/m1",
            RecordAccepted(reference=first, received=b"1"),
        ),
        (
            "record/MedicationStatement/m1",
            RecordCorrected(reference=DRUG, received=b"2"),
        ),
        ("record/Observation/o1", RecordAccepted(reference=seen, received=b"3")),
        *of_case(OPENED),
        ("record/Observation/o1", RecordWithdrawn(reference=GONE)),
        *of_case(
            CaseInformed(encounter=None, triggers=(GONE,)),
            FloorAssessed(revision=2, case=case, floor=FLOOR),
        ),
    )

    assert titles(story)[0].startswith("feed-1 sent MedicationStatement/m1, version 2")
    said = text(story)
    assert "received, replacing an earlier version" in said
    assert "deleted by its sender" in said
    assert "context" in said
    assert "news for the case" in said


def access(reference=None, status=200, user="", **more):
    return AccessRecorded(
        interaction="read",
        status=status,
        user=user,
        references=() if reference is None else (reference,),
        **more,
    )


def test_refusals_and_repeated_reads_are_told(tmp_path):
    task = Reference(type="Task", id="c1-1")
    other = Reference(type="Task", id="c2-1")
    about = AccessesUnrecorded(count=3, since=AT)
    story = story_of(
        tmp_path,
        ("access/d", access(task)),
        *of_case(OPENED, FLOORED),
        ("access/d", access(task, user="Practitioner/jo")),
        ("access/d", access(task, user="Practitioner/jo")),
        ("access/d", access(task, status=403)),
        ("access/d", access(other)),
        ("access/d", access(WHOM)),
        ("access/d", access(patients=("Patient/p1",), asked="/fhir/Task?x")),
        ("access/d", access(patients=("Patient/p2",), asked="/fhir/Task?y")),
        ("access/d", about),
    )

    whats = [row[4] for row in story.reads.rows]
    assert whats == [
        "Task/c1-1",
        "Task/c1-1",
        "Patient/p1, version 1",
        "a search about the patient: /fhir/Task?x",
    ]
    assert "2 times" in story.reads.rows[0][0]
    assert "refused, nothing shown" in story.reads.rows[1][3]
    assert "Practitioner/jo read Task (read, 2 times)" in titles(story)
    assert "client feed-1 was refused Task (read)" in titles(story)
    outcome = dict(story.outcome.rows)
    assert outcome["Refusals only counted"].startswith("3;")


@pytest.mark.parametrize(
    "somebody",
    [
        "https://elsewhere.example/fhir/Patient/p1",
        "urn:uuid:6a0a2c2e-3a53-4c55-9a9b-5a3c0a4b0c09",
    ],
)
def test_a_search_that_showed_somebody_elsewhere_is_no_search_about_the_patient(
    tmp_path, somebody
):
    story = story_of(
        tmp_path,
        *of_case(OPENED, FLOORED),
        ("access/d", access(patients=(somebody,), asked="/fhir/Immunization")),
        ("access/d", access(patients=(somebody, "Patient/p1"), asked="/fhir/Task")),
    )

    whats = [row[4] for row in story.reads.rows]
    assert whats == ["a search about the patient: /fhir/Task"]


def export_file(kind, path="/fhir/$export-file/T0", status=200):
    asked = f"{path}{'&' if '?' in path else '?'}_type={kind}"
    return replace(access(status=status, asked=asked), interaction="operation")


def test_a_file_of_a_bulk_export_is_told_where_it_may_have_held_the_case(tmp_path):
    story = story_of(
        tmp_path,
        ("access/d", export_file("Task")),
        *of_case(OPENED, FLOORED),
        ("access/d", export_file("Task")),
        ("access/d", export_file("Task", "/t/a/fhir/$export-file/T1")),
        ("access/d", export_file("Provenance", "/fhir/%24export-file/T?_type=Device")),
        ("access/d", export_file("Device")),
        ("access/d", export_file("AuditEvent")),
        ("access/d", export_file("Task", status=404)),
        ("access/d", export_file("Task", "/fhir/$export")),
    )

    whats = [row[4] for row in story.reads.rows]
    assert whats == [
        "a bulk export's file of Task: it may have held this case",
        "a bulk export's file of Provenance: it may have held this case",
    ]
    assert "2 times" in story.reads.rows[0][0]
    assert (
        "client feed-1 read a bulk export's file of Task, perhaps with this case "
        "(operation, 2 times)"
    ) in titles(story)


def test_an_entry_of_the_story_names_every_row_that_it_tells_of(tmp_path):
    task = Reference(type="Task", id="c1-1")
    seen = replace(GONE, version=1)
    case = replace(CASE, inputs=(WHOM, seen))
    sent = [
        ("record/Patient/p1", RecordAccepted(reference=WHOM, received=b"{}")),
        ("record/Observation/o1", RecordAccepted(reference=seen, received=b"{}")),
    ]
    log_of(tmp_path, *sent, request="r-1")
    log_of(
        tmp_path,
        ("access/d", access(task)),
        *of_case(OPENED, FloorAssessed(revision=1, case=case, floor=FLOOR)),
        ("access/d", access(task)),
        ("access/d", access(task)),
    )

    story = case_story(tmp_path, "c1", progress=silent)

    told = [(entry.teller, entry.positions) for entry in story.entries]
    assert told == [
        (Teller.SENDER, (1, 2)),
        (Teller.GATEWAY, (4,)),
        (Teller.RULES, (5,)),
        (Teller.READER, (6, 7)),
    ]


@pytest.mark.parametrize("acuity", [Acuity.EMERGENT, Acuity.NON_URGENT])
def test_a_recall_and_a_second_look_are_told(tmp_path, acuity):
    accepted = Review(decision=Decision.ACCEPTED, acuity=FLOOR.acuity)
    second = Review(decision=Decision.OVERRIDDEN, acuity=acuity, reason="as I saw")
    story = story_of(
        tmp_path,
        *of_case(
            OPENED,
            FLOORED,
            DOWN,
            TaskAccepted(by=NURSE),
            TaskReleased(by=NURSE),
            TaskAccepted(by=NURSE),
            TaskStarted(by=NURSE),
            AssessmentAccepted(by=NURSE, review=accepted),
            AssessmentRecalled(
                by=NURSE,
                matched=(("rules", "1"),),
                reason="a wrong threshold",
                version=3,
                at=AT,
            ),
            TaskAccepted(by=NURSE),
            TaskStarted(by=NURSE),
            AssessmentOverridden(by=NURSE, review=second),
        ),
    )

    said = text(story)
    assert "client jo handed the Task back" in said
    assert "client jo recalled what the assessment had used" in said
    assert "rules: 1" in said
    assert "Recalled a wrong threshold" in said
    assert "decided by a nurse, recalled" in said
    lowered = "Less urgent than the rules" in dict(story.outcome.rows)
    assert lowered == (acuity > FLOOR.acuity)
    tellers = [entry.teller for entry in story.entries]
    assert tellers.count(Teller.NURSE) == 8
    assert [step for step in steps(story) if step.endswith(" to taken")] == [
        "First seen in the worklist to taken",
        "Handed back to taken",
        "Recalled to taken",
    ]


def steps(story):
    return [step for step, _, _ in story.durations.rows]


@pytest.mark.parametrize(
    ("left", "step"),
    [(TaskReleased, "Handed back to taken"), (TaskDeclined, "Declined to taken")],
)
def test_the_wait_for_another_nurse_counts_from_where_the_first_one_left(
    tmp_path, left, step
):
    story = story_of(
        tmp_path,
        *of_case(
            OPENED,
            FLOORED,
            DOWN,
            TaskAccepted(by=NURSE),
            left(by=NURSE),
            TaskAccepted(by=NURSE),
            TaskStarted(by=NURSE),
        ),
    )

    assert steps(story)[2:] == [
        "First seen in the worklist to taken",
        step,
        "Taken to begun",
    ]
    assert dict(row[:2] for row in story.durations.rows)[step] == "1.0 seconds"


def test_a_wait_that_nobody_ended_goes_on(tmp_path):
    recall = AssessmentRecalled(
        by=NURSE, matched=(("rules", "1"),), reason="", version=1, at=AT
    )
    story = story_of(
        tmp_path,
        *of_case(OPENED, FLOORED, TaskDeclined(by=NURSE), recall),
        *of_case(TaskAccepted(by=NURSE)),
    )

    taken = story.durations.rows[-1]
    assert taken[:2] == ("First seen in the worklist to taken", "3.0 seconds")


@pytest.mark.parametrize(
    ("minutes", "said"), [(5, "5 minutes: kept"), (0, "0 minutes: not kept")]
)
def test_the_longest_wait_is_the_one_that_the_site_allows(tmp_path, minutes, said):
    assert FLOOR.acuity is Acuity.EMERGENT
    standing = Standing(minutes=(0, minutes, 20, 45, 90))
    accepted = Review(decision=Decision.ACCEPTED, acuity=FLOOR.acuity)
    story = story_of(
        tmp_path,
        *of_case(
            OPENED,
            replace(FLOORED, standing=standing),
            TaskAccepted(by=NURSE),
            TaskStarted(by=NURSE),
            AssessmentAccepted(by=NURSE, review=accepted),
        ),
    )

    assert story.durations.rows[-1][:2] == ("Longest wait that level 2 allows", said)


def test_an_input_that_was_erased_is_a_tombstone(tmp_path):
    seen = replace(GONE, version=1)
    case = replace(CASE, inputs=(seen,))
    floored = FloorAssessed(revision=1, case=case, floor=FLOOR)
    sent = RecordAccepted(reference=seen, received=b"{}")
    log_of(tmp_path, ("record/Observation/o1", sent), subject="Patient/p2")
    (key,) = keys_of(tmp_path)
    log_of(tmp_path, *of_case(OPENED, floored))
    attack(tmp_path, "UPDATE data_keys SET wrapped = NULL WHERE key_id = ?", key)

    story = case_story(tmp_path, "c1", progress=silent)

    assert titles(story)[0] == (
        "Observation/o1, version 1 was received; it was erased since"
    )
    assert "time erased" in text(story)
    assert "time erased" in page(story)
    assert story.erased == 0


def keys_of(folder):
    with closing(sqlite3.connect(folder / "log.sqlite")) as log:
        rows = log.execute("SELECT key_id FROM data_keys").fetchall()
    return [row[0] for row in rows]


def test_a_case_before_it_is_named(tmp_path):
    opened = CaseOpened(
        case_id="c1", patient=WHOM, encounter=None, previous="c0", triggers=(), at=AT
    )

    assert "Case before it c0" in text(story_of(tmp_path, *of_case(opened)))
