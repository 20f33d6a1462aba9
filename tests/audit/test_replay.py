import asyncio
import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from domain.answers import Draft
from domain.events import (
    REGISTRY,
    CaseOpened,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
)
from domain.floor.compose import assess
from domain.registered import ModelRolledBack
from domain.values import Acuity, Case, Complaint, Reference
from gateway.audit import models
from gateway.audit.replay import replay
from gateway.cli.audit import audit
from gateway.cli.rebuild import rebuild
from gateway.projections.database import Database
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.store.transcript import transcript
from gateway.workers.floor import failed
from inference.pipeline import Proposal, Withholding
from inference.pipeline import replay as run_again
from tests.gateway_inside import gateway_inside
from tests.model_runs import RUN
from tests.patients import encounter, patient
from tests.released import activate

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOM = Reference(type="Patient", id="p1", version=1)
CASE = Case(
    patient=WHOM,
    at=AT,
    complaints=(
        Complaint(
            text="crushing chest pain",
            source=Reference(type="Encounter", id="e1", version=1),
        ),
    ),
    inputs=(WHOM,),
)
FLOOR = assess(CASE)
OPENED = CaseOpened(
    case_id="c1", patient=WHOM, encounter=None, previous=None, triggers=(), at=AT
)
ANSWER = json.dumps(
    {
        "acuity": 3,
        "reasons": [],
        "red_flags": [],
        "questions": [],
        "suggested_actions": [],
        "missing_data": [],
        "confidence": "low",
    }
)


def silent(_done, _total):
    """Show no progress."""


def run():
    raw = replace(RUN, shadow=True, answer=ANSWER)
    return run_again(CASE, FLOOR, raw)


def log_of(folder, *events, **known):
    ledger = Ledger.open(folder, registry=REGISTRY, **known)
    context = Context(at=AT, actor="test", request="r1")

    def work(session):
        session.append("case/c1", events, subject="Patient/p1", context=context)

    ledger.submit_sync(work)
    ledger.close()


@pytest.fixture
async def folder(tmp_path):
    """The data folder of a gateway that opened a case, now stopped."""
    data = tmp_path / "data"
    whom = "urn:uuid:6a0a2c2e-3a53-4c55-9a9b-5a3c0a4b0c01"
    async with gateway_inside(data, dev=True) as caller:
        entries = [
            {"fullUrl": whom, "resource": patient(), "request": post("Patient")},
            {
                "resource": encounter(whom, "chest pain"),
                "request": post("Encounter"),
            },
        ]
        await caller.push(
            {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        )
        while not await caller.search("Task?status=requested"):
            pass
    return data


def post(kind):
    return {"method": "POST", "url": kind}


def test_a_log_whose_rules_would_say_the_same_is_the_same(tmp_path):
    log_of(tmp_path, OPENED, FloorAssessed(revision=1, case=CASE, floor=FLOOR))

    result = replay(tmp_path, progress=silent)

    assert result.same
    assert (result.floors, result.compared) == (1, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shadow": False}, "the log had this model in shadow"),
        ({"release": "ward@1"}, "by another release"),
    ],
)
def test_an_answer_that_counted_without_an_activation_is_named(tmp_path, changes, said):
    log_of(
        tmp_path,
        OPENED,
        FloorAssessed(revision=1, case=CASE, floor=FLOOR),
        ImpressionProposed(
            revision=1,
            run=replace(run().run, **changes),
            draft=Draft(acuity=None),
            acuity=FLOOR.acuity,
        ),
    )

    result = replay(tmp_path, progress=silent)

    assert any(said in each.sentence for each in result.findings)


def registry_of(folder):
    """Return what a log holds once a release was registered and lets count."""
    activate(folder)
    with transcript(folder, registry=REGISTRY) as log:
        return [each.event for each in log.stream("registry")]


def test_releases_that_a_log_grants_are_the_same(tmp_path):
    _, counts = registry_of(tmp_path)
    undone = ModelRolledBack(
        release=counts.release, back="", by="Jo", reason="x", at=AT
    )
    log_of(tmp_path, undone, tenant="default")

    assert replay(tmp_path, progress=silent).same


@pytest.mark.parametrize(
    "change",
    [
        {"title": "ward@1"},
        {"release": "ab" * 32},
        {"held": ()},
        {"measured": 0.7},
        {"at_least": 0.9},
    ],
)
def test_a_release_that_should_not_count_is_named(tmp_path, change):
    known, counts = registry_of(tmp_path / "granted")
    (held,) = counts.held
    measured = {"measured": change.pop("measured", held.measured)}
    bound = {"at_least": change.pop("at_least", held.required.at_least)}
    other = replace(held, required=replace(held.required, **bound), **measured)
    log_of(tmp_path / "forged", known, replace(counts, **{"held": (other,), **change}))

    result = replay(tmp_path / "forged", progress=silent)

    (finding,) = result.findings
    assert (finding.position, finding.note) == (2, False)
    assert "does not grant" in finding.sentence


def test_a_release_that_does_not_count_cannot_be_undone(tmp_path):
    undone = ModelRolledBack(release="ab" * 32, back="", by="Jo", reason="x", at=AT)
    log_of(tmp_path, undone)

    assert not replay(tmp_path, progress=silent).same


def test_a_floor_that_the_rules_would_not_give_is_named(tmp_path):
    wrong = replace(FLOOR, acuity=Acuity.NON_URGENT)
    log_of(tmp_path, OPENED, FloorAssessed(revision=1, case=CASE, floor=wrong))

    result = replay(tmp_path, progress=silent)

    assert not result.same
    assert result.findings[0].position == 2


def test_a_floor_of_other_rules_is_a_note_and_no_difference(tmp_path):
    older = replace(FLOOR, rules="0", acuity=Acuity.NON_URGENT)
    log_of(tmp_path, OPENED, FloorAssessed(revision=1, case=CASE, floor=older))

    result = replay(tmp_path, progress=silent)

    assert result.same
    assert result.findings[0].note


def floors(*given):
    """Return the events of a case whose rules gave these floors, one after another."""
    return [
        FloorAssessed(revision=place, case=CASE, floor=each)
        for place, each in enumerate(given, 1)
    ]


OLDER = replace(FLOOR, rules="0")
WRONG = replace(FLOOR, acuity=Acuity.NON_URGENT)


def test_no_number_of_notes_hides_a_difference(tmp_path):
    log_of(tmp_path, OPENED, *floors(*[OLDER] * 100, WRONG))

    result = replay(tmp_path, progress=silent)
    said = CliRunner().invoke(audit, ["replay", "--data", str(tmp_path)])

    assert not result.same
    note, difference = result.findings
    assert (note.position, note.note, note.count) == (2, True, 100)
    assert (difference.position, difference.note) == (102, False)
    assert said.exit_code == 1
    assert "note: position 2: decided by rules 0;" in said.output
    assert "(and 99 more events)" in said.output
    assert "differs: position 102: " in said.output


def test_differences_are_counted_also_where_they_are_not_listed(tmp_path):
    log_of(tmp_path, OPENED, *floors(*[WRONG] * 103))

    result = replay(tmp_path, progress=silent)
    said = CliRunner().invoke(audit, ["replay", "--data", str(tmp_path)])

    assert (len(result.findings), result.differences) == (100, 103)
    assert said.exit_code == 1
    assert "and 3 more differences" in said.output


def test_kinds_of_notes_are_listed_up_to_a_limit_and_counted_beyond(tmp_path):
    kinds = [replace(FLOOR, rules=f"0.{number}") for number in range(102)]
    log_of(tmp_path, OPENED, *floors(*kinds, WRONG))

    result = replay(tmp_path, progress=silent)
    said = CliRunner().invoke(audit, ["replay", "--data", str(tmp_path)])

    assert (len(result.findings), result.differences) == (101, 1)
    assert "and 2 more notes" in said.output
    assert said.exit_code == 1


async def test_read_models_that_differ_are_named_after_any_number_of_notes(tmp_path):
    log_of(tmp_path, OPENED, *floors(*[OLDER] * 100))
    await asyncio.to_thread(CliRunner().invoke, rebuild, ["--data", str(tmp_path)])
    file = sqlite3.connect(tmp_path / "projections.sqlite")
    with file:
        assert file.execute("DELETE FROM resource WHERE type = 'Task'").rowcount
    file.close()

    result = replay(tmp_path, progress=silent)

    assert not result.same
    assert any("Task/" in each.sentence for each in result.findings)


def test_a_model_run_with_another_prompt_hash_is_named(tmp_path):
    again = run()
    forged = replace(again.run, prompt_sha256="0" * 64)
    draft = again.draft if isinstance(again, Proposal) else Draft(acuity=Acuity.URGENT)
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    proposed = ImpressionProposed(
        revision=1, run=forged, draft=draft, acuity=FLOOR.acuity
    )
    log_of(tmp_path, OPENED, floored, proposed)

    result = replay(tmp_path, progress=silent)

    assert not result.same
    assert result.findings[0].position == 3


def test_a_failure_of_the_rules_is_a_note(tmp_path):
    event = FloorAssessed(revision=1, case=CASE, floor=failed("ValueError"))
    log_of(tmp_path, OPENED, event)

    result = replay(tmp_path, progress=silent)

    assert result.same
    assert result.findings[0].note


def withheld(**changed):
    """The events of a model run that may not be shown, as it was recorded."""
    broken = replace(run().run, answer="no JSON")
    again = run_again(CASE, FLOOR, broken)
    assert isinstance(again, Withholding)
    recorded = replace(again.run, **changed)
    return ImpressionWithheld(revision=1, reasons=again.reasons, run=recorded)


def test_a_withheld_answer_is_withheld_again(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    log_of(tmp_path, OPENED, floored, withheld())

    result = replay(tmp_path, progress=silent)

    assert result.same
    assert result.answers == 1


def test_an_answer_that_was_changed_would_not_be_withheld_alike(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    log_of(tmp_path, OPENED, floored, withheld(schema_sha256="0" * 64))

    result = replay(tmp_path, progress=silent)

    assert not result.same


def test_an_answer_to_another_prompt_is_a_note(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    proposed = ImpressionProposed(
        revision=1,
        run=replace(run().run, prompt_version="0"),
        draft=Draft(acuity=None),
        acuity=FLOOR.acuity,
    )
    log_of(tmp_path, OPENED, floored, withheld(prompt_version="0"), proposed)

    result = replay(tmp_path, progress=silent)

    assert result.same
    (note,) = result.findings
    assert (note.position, note.note, note.count) == (3, True, 2)


def test_an_answer_that_the_model_never_gave_has_nothing_to_replay(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    down = ImpressionWithheld(revision=1, reasons=("the model is down",))
    log_of(tmp_path, OPENED, floored, down)

    assert replay(tmp_path, progress=silent).same


def test_an_acuity_that_floor_and_model_do_not_compose_to_is_named(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    proposed = ImpressionProposed(
        revision=1,
        run=run().run,
        draft=Draft(acuity=Acuity.NON_URGENT),
        acuity=Acuity.NON_URGENT,
    )
    log_of(tmp_path, OPENED, floored, proposed)

    result = replay(tmp_path, progress=silent)

    assert "another acuity" in str(result.findings)


def test_an_answer_without_a_floor_is_named(tmp_path):
    proposed = ImpressionProposed(
        revision=1, run=run().run, draft=Draft(acuity=None), acuity=Acuity.URGENT
    )
    log_of(tmp_path, OPENED, proposed)

    assert "without a floor" in str(replay(tmp_path, progress=silent).findings)


async def test_a_changed_read_model_is_named(folder):
    file = sqlite3.connect(folder / "projections.sqlite")
    with file:
        file.execute(
            "DELETE FROM term WHERE serial IN "
            "(SELECT serial FROM latest WHERE type = 'Encounter')"
        )
        file.execute("DELETE FROM resource WHERE type = 'Task'")
    file.close()

    result = CliRunner().invoke(audit, ["replay", "--data", str(folder)])

    assert result.exit_code == 1
    assert "Task/" in result.output
    assert "'term'" in result.output


async def test_rebuilding_mends_what_was_changed(folder):
    file = sqlite3.connect(folder / "projections.sqlite")
    with file:
        file.execute("DELETE FROM resource WHERE type = 'Task'")
    file.close()

    arguments = ["--data", str(folder)]
    rebuilt = await asyncio.to_thread(CliRunner().invoke, rebuild, arguments)
    replayed = CliRunner().invoke(audit, ["replay", "--data", str(folder)])

    assert rebuilt.exit_code == 0
    assert replayed.exit_code == 0
    assert "same" in replayed.output


def test_a_folder_without_a_log_is_said_plainly(tmp_path):
    for command in ("verify", "replay", "export"):
        result = CliRunner().invoke(audit, [command, "--data", str(tmp_path)])

        assert result.exit_code == 1
        assert "log" in result.output


def test_a_full_disk_is_not_called_a_damaged_log(tmp_path, monkeypatch):
    log_of(tmp_path, OPENED, *floors(*[FLOOR] * 20))

    def small(file, secret, **options):
        made = Database(file, secret, **options)
        made.writer.execute("PRAGMA max_page_count = 1")
        return made

    monkeypatch.setattr(models, "Database", small)
    said = CliRunner().invoke(audit, ["replay", "--data", str(tmp_path)])

    assert said.exit_code == 1
    assert "(database or disk is full). See that the folder" in said.output
    assert "backup" not in said.output
