"""Promise 4: a ClinicalImpression becomes `completed` only by a human assessor."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from domain.answers import (
    Decision,
    Draft,
    Reason,
    Review,
    Reviewer,
)
from domain.assessment import Assessment, Status, decide, evolve
from domain.commands import (
    AcceptTask,
    CompleteTask,
    DeclineTask,
    InformCase,
    OpenCase,
    ProposeImpression,
    RecordFloor,
    ReleaseTask,
    StartTask,
    WithholdImpression,
)
from domain.errors import RuleError
from domain.values import Acuity, Case, Fired, Floor, Reference
from gateway.translate.output import render
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_runs import RUN
from tests.model_server import NAME, model_server
from tests.patients import fresh_record, visit
from tests.released import DECLARED, activate
from tests.worklist import assessed, case_of, completed

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASE_ID = "0b0f7a52-7c5d-4a53-9d8b-0d6f0f2f4f11"
PATIENT = Reference(type="Patient", id="eve", version=1)
NURSES = [
    Reviewer(name=name, reference=f"Practitioner/{name}", display=name)
    for name in ("jo", "kim")
]
OPEN = {"requested", "accepted", "in-progress"}
ACUITIES = st.sampled_from(list(Acuity))


def run(*, shadow):
    return replace(RUN, shadow=shadow)


def floor_of(acuity):
    fired = Fired(rule="a.rule", acuity=acuity, sentence="A rule.", citation="A source")
    return Floor(acuity=acuity, rules="1", fired=(fired,))


class Sequences(RuleBasedStateMachine):
    """Random commands by machines and nurses, early, late, stale and twice."""

    def __init__(self):
        super().__init__()
        self.state = Assessment()
        self.at = AT
        self.shown = {}  # (type, id) -> newest content
        self.humans_decided = False

    def give(self, command):
        try:
            events = decide(command, self.state)
        except RuleError:
            return
        for event in events:
            before, self.state = self.state, evolve(self.state, event)
            self.at += timedelta(seconds=1)
            self._show(event, before)
        if events and isinstance(command, CompleteTask):
            self.humans_decided = True

    def _show(self, event, before):
        if self.state.floor is None or self.state.floored == before.floored == 0:
            return
        if type(event).__name__ in {"CaseOpened", "CaseInformed"}:
            return
        for content in render(event, before, self.state, at=self.at):
            address = content["resourceType"], content["id"]
            known = self.shown.get(address)
            version = int(content["meta"]["versionId"])
            if content["resourceType"] != "Device":
                assert version == (int(known["meta"]["versionId"]) if known else 0) + 1
            self.shown[address] = content

    def of_type(self, kind):
        return [each for (name, _), each in self.shown.items() if name == kind]

    @initialize()
    def open(self):
        self.give(
            OpenCase(
                case_id=CASE_ID,
                patient=PATIENT,
                encounter=None,
                previous=None,
                triggers=(PATIENT,),
                at=AT,
            )
        )

    @rule()
    def open_again(self):
        before = self.state
        self.open()
        assert self.state == before

    @rule()
    def inform(self):
        self.give(InformCase(encounter=None, triggers=(PATIENT,)))

    @rule(acuity=ACUITIES, lag=st.sampled_from([0, 0, 0, 1]))
    def floor(self, acuity, lag):
        case = Case(patient=PATIENT, at=self.at, inputs=(PATIENT,))
        revision = self.state.revision - lag
        self.give(RecordFloor(revision=revision, case=case, floor=floor_of(acuity)))

    @rule(
        acuity=st.none() | ACUITIES,
        shadow=st.booleans(),
        lag=st.sampled_from([0, 0, 0, 1]),
    )
    def propose(self, acuity, shadow, lag):
        draft = Draft(acuity=acuity, reasons=(Reason(text="Model words."),))
        revision = self.state.revision - lag
        self.give(
            ProposeImpression(revision=revision, run=run(shadow=shadow), draft=draft)
        )

    @rule(lag=st.sampled_from([0, 0, 1]), known=st.booleans())
    def withhold(self, lag, known):
        self.give(
            WithholdImpression(
                revision=self.state.revision - lag,
                reasons=("It was down.",),
                run=run(shadow=True) if known else None,
            )
        )

    @precondition(lambda self: self.state.task.number)
    @rule(
        kind=st.sampled_from([AcceptTask, StartTask, ReleaseTask, DeclineTask]),
        nurse=st.sampled_from(NURSES),
        stale=st.sampled_from([0, 0, 0, 0, 1]),
    )
    def step(self, kind, nurse, stale):
        task = self.state.task
        self.give(kind(task=task.number, version=task.version - stale, by=nurse))

    @precondition(lambda self: self.state.task.number)
    @rule(
        decision=st.sampled_from(Decision),
        acuity=ACUITIES,
        words=st.sampled_from(["", " ", "Because."]),
        nurse=st.sampled_from(NURSES),
    )
    def complete(self, decision, acuity, words, nurse):
        task = self.state.task
        review = Review(
            decision=decision, acuity=acuity, reason=words, correction=words
        )
        self.give(
            CompleteTask(
                task=task.number, version=task.version, by=nurse, review=review
            )
        )

    @precondition(lambda self: self.state.task.status is not Status.ABSENT)
    @rule(nurse=st.sampled_from(NURSES), acuity=ACUITIES)
    def review_it_all(self, nurse, acuity):
        for kind in (AcceptTask, StartTask):
            self.step(kind, nurse, 0)
        self.complete(Decision.ACCEPTED, self.state.acuity or acuity, "Seen.", nurse)

    @invariant()
    def a_completed_impression_has_a_human_assessor(self):
        for each in self.of_type("ClinicalImpression"):
            if each["status"] == "completed":
                assert self.humans_decided
                assert each["assessor"]["reference"].startswith("Practitioner/")
            else:
                assert "assessor" not in each

    @invariant()
    def a_final_risk_has_a_human_verifier(self):
        for each in self.of_type("RiskAssessment"):
            assert each["performer"]["reference"].startswith("Device/")
            if each["status"] == "final":
                assert self.humans_decided

    @invariant()
    def only_a_nurse_gives_less_urgency_than_the_floor(self):
        state = self.state
        if state.floor is None:
            return
        assert state.acuity <= state.floor.acuity
        if state.review is not None and state.review.acuity > state.floor.acuity:
            assert state.review.reason.strip()

    @invariant()
    def a_model_in_shadow_decides_nothing(self):
        state = self.state
        if state.run is not None and state.run.shadow:
            assert state.acuity == state.floor.acuity

    @invariant()
    def there_is_at_most_one_open_task(self):
        tasks = self.of_type("Task")
        waiting = [each for each in tasks if each["status"] in OPEN]
        assert len(waiting) <= 1
        if tasks:
            assert bool(waiting) == (not self.state.reviewed)

    @invariant()
    def machine_words_are_labelled(self):
        for each in self.of_type("ClinicalImpression"):
            if "Model words." in str(each):
                assert each["meta"]["security"][0]["code"] == "AIAST"
                words = [n["text"] for n in each["note"] if "Model words." in n["text"]]
                assert all(word.startswith("[Model") for word in words)

    @invariant()
    def after_the_review_nothing_moves(self):
        if not self.state.reviewed:
            return
        done = self.state
        for command in (
            ProposeImpression(
                revision=done.revision, run=run(shadow=False), draft=Draft(acuity=None)
            ),
            WithholdImpression(revision=done.revision, reasons=("late",)),
            RecordFloor(revision=done.revision, case=done.case, floor=done.floor),
        ):
            assert decide(command, done) == []


def test_a_review_in_blank_words_is_shown_without_them():
    case = Sequences()
    case.open()
    case.floor(Acuity.URGENT, 0)
    for kind in (AcceptTask, StartTask):
        case.step(kind, NURSES[0], 0)
    case.complete(Decision.OVERRIDDEN, Acuity.EMERGENT, " ", NURSES[0])

    assert case.humans_decided
    assert [
        each.get("note")
        for each in case.of_type("ClinicalImpression")
        if each["status"] == "completed"
    ] == [None]


TestSequences = Sequences.TestCase
TestSequences.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None
)


def test_a_state_without_review_is_never_rendered_as_completed():
    machine = Sequences()
    machine.open()
    machine.floor(Acuity.URGENT, 0)
    machine.propose(Acuity.EMERGENT, shadow=False, lag=0)

    (impression,) = machine.of_type("ClinicalImpression")

    assert impression["status"] == "in-progress"
    assert replace(machine.state).review is None


async def test_over_http_only_a_nurse_makes_an_impression_final(tmp_path):
    async with model_server() as (model, url):
        model.acuity = 1
        settings_ = {
            "model_url": url,
            "model_name": NAME,
            **DECLARED,
            "knowledge": some_knowledge(tmp_path),
        }
        activate(tmp_path / "d")
        async with gateway_inside(tmp_path / "d", dev=True, **settings_) as caller:
            answer = await caller.push(visit(fresh_record(), "chest pain"))
            whom = answer.locations[0].partition("/_history")[0]
            (task,) = await assessed(caller, whom)
            path = f"ClinicalImpression?patient={whom}"
            (machine,) = await caller.search(path)
            assert machine["status"] == "in-progress"
            forged = {**machine, "status": "completed"}
            refused = await caller.put(forged)
            assert refused.status in {403, 409, 422}

            await completed(caller, task, decision="accepted", acuity=1)

            (final,) = await caller.search(path)
            assert final["status"] == "completed"
            assert final["assessor"]["display"] == "Development Nurse"
            history = await caller.get(
                f"/fhir/ClinicalImpression/{case_of(task)}/_history"
            )
            for each in history.resources:
                assert (each["status"] == "completed") == ("assessor" in each)
