"""The training export: what is written, what is left out, and why."""

import hashlib
import json
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.answers import Decision, Review, Reviewer
from domain.commands import AcceptTask, CompleteTask, OpenCase, RecordFloor, StartTask
from domain.events import REGISTRY, CaseOpened
from domain.floor.compose import assess
from domain.retained import HoldLifted, PatientHeld
from domain.values import Acuity, Age, Case, Complaint, Finding, Reference, Sex
from gateway.__main__ import main
from gateway.audit import training, training_files
from gateway.audit.output_folder import OutputFolderError
from gateway.audit.training import export
from gateway.audit.training_files import ExportError
from gateway.intake.review import CaseUnit
from gateway.intake.streams import retention_stream
from gateway.store.ledger import Ledger
from gateway.store.records import Context, Erased
from gateway.translate.lesson import read
from inference.prompt import render

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
JO = Reviewer(name="nurse-zqjo", reference="Practitioner/zqjo", display="Zqjo")
CONTEXT = Context(at=AT, actor="zqclient", request="zqrequest", address="10.0.0.1")


@dataclass(frozen=True)
class Ward:
    """A log that nurses decide in."""

    ledger: Ledger

    def decided(self, number, *, said="chest pain", decision=Decision.ACCEPTED, **more):
        """Let a nurse decide on a patient's complaint."""
        patient = Reference(type="Patient", id=f"zqpatient-{number}")
        case_id = f"00000000-0000-4000-8000-{number:012d}"
        source = Reference(type="Encounter", id=f"zqvisit-{number}", version=1)
        case = Case(
            patient=replace(patient, version=1),
            at=AT,
            age=Age(least=15_000 + number, most=15_000 + number),
            sex=Sex.FEMALE,
            complaints=(Complaint(text=f"Zqname {number}: {said}", source=source),),
            **more,
        )
        opening = OpenCase(
            case_id=case_id,
            patient=patient,
            encounter=None,
            previous=None,
            triggers=(),
            at=AT,
        )
        floor = assess(case)
        self._do(case_id, opening)
        self._do(case_id, RecordFloor(revision=1, case=case, floor=floor))
        self._do(case_id, AcceptTask(task=1, version=1, by=JO))
        self._do(case_id, StartTask(task=1, version=2, by=JO))
        acuity = floor.acuity
        if decision is Decision.OVERRIDDEN:
            acuity = Acuity.RESUSCITATION
        review = Review(
            decision=decision,
            acuity=acuity,
            correction="Zqname" * (decision == "corrected"),
            notes="Zqname called +44 5551234567",
        )
        self._do(case_id, CompleteTask(task=1, version=3, by=JO, review=review))

    def append(self, stream, *events, subject):
        self.ledger.submit_sync(
            lambda session: session.append(
                stream, events, subject=subject, context=CONTEXT
            )
        )

    def _do(self, case_id, command):
        unit = CaseUnit(case_id=case_id, command=command, context=CONTEXT)
        self.ledger.submit_sync(unit)


@contextmanager
def ward(folder):
    with closing(Ledger.open(folder / "data", registry=REGISTRY)) as ledger:
        yield Ward(ledger)


def written(folder, **given):
    output = folder / "out"
    known = {"kek_file": None, "today": TODAY, "progress": lambda *_: None}
    result = export(folder / "data", output, **{**known, "k": 5, **given})
    lines = (output / "cases.jsonl").read_text().splitlines()
    manifest = json.loads((output / "manifest.json").read_text())
    return result, [json.loads(each) for each in lines], manifest


def test_reviewed_cases_are_written_with_the_nurse_s_decision_as_label(tmp_path):
    with ward(tmp_path) as one:
        for number in range(6):
            one.decided(number)
        one.decided(6, decision=Decision.OVERRIDDEN)
        one.decided(7, decision=Decision.CORRECTED)

    result, lines, manifest = written(tmp_path)

    assert (result.reviewed, result.written, result.k) == (8, 8, 8)
    assert manifest["decisions"] == {"accepted": 6, "overridden": 1, "corrected": 1}
    assert manifest["preferences"] == 1
    assert manifest["persons"] == 8
    assert manifest["k_anonymity"]["reached"] == 8
    digest = hashlib.sha256((tmp_path / "out" / "cases.jsonl").read_bytes())
    assert manifest["files"]["cases.jsonl"]["sha256"] == digest.hexdigest()
    for line in lines:
        case, floor = read(line)
        assert "chest pain" in render(case, floor, ())[1].content
    assert {line["tenth"] for line in lines} <= set(range(10))


def test_neither_line_nor_manifest_tells_who_it_was(tmp_path):
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)

    written(tmp_path)

    for file in (tmp_path / "out").iterdir():
        text = file.read_text().casefold()
        for planted in ("zq", "5551234567", "2026-11-01", "10.0.0.1", "00000000-0000"):
            assert planted not in text, (file, planted)
        assert file.stat().st_mode & 0o077 == 0


def test_ids_are_drawn_anew_for_each_export(tmp_path):
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)

    _, first, _ = written(tmp_path)
    (tmp_path / "out").rename(tmp_path / "before")
    _, second, _ = written(tmp_path)

    for name in ("id", "person"):
        assert not {each[name] for each in first} & {each[name] for each in second}


def test_cases_that_few_patients_share_are_suppressed_and_counted(tmp_path):
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)
        for number in range(5, 9):
            one.decided(number, said="headache")

    result, lines, _ = written(tmp_path)

    assert result.dropped == {"cell.small": 4}
    assert result.k == 5
    assert len(lines) == 5


def test_one_patient_with_many_cases_is_one_patient(tmp_path):
    with ward(tmp_path) as one:
        for number in range(4):
            one.decided(number)
        patient = Reference(type="Patient", id="zqpatient-0")
        for number in range(10, 13):
            one.decided(number)
            stream = f"case/00000000-0000-4000-8000-{number:012d}"
            again = CaseOpened(
                case_id="x",
                patient=patient,
                encounter=None,
                previous=None,
                triggers=(),
                at=AT,
            )
            one.append(stream, again, subject=str(patient))

    result, lines, _ = written(tmp_path)

    assert result.dropped == {"case.incomplete": 3, "cell.small": 4}
    assert (result.k, lines) == (0, [])


def test_what_cannot_be_shown_is_counted_by_its_reason(tmp_path):
    unknown = Finding(text="Zq's disease", source=Reference(type="Condition", id="c"))
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)
        one.decided(5, conditions=(unknown,))
        one.decided(6, said="something odd")

    result, _, manifest = written(tmp_path)
    assert result.dropped == {"complaint.unknown": 1, "conditions.unknown": 1}
    assert manifest["dropped"] == dict(result.dropped)

    (tmp_path / "out").rename(tmp_path / "before")
    result, lines, manifest = written(tmp_path, omit=True)
    assert result.dropped == {"complaint.unknown": 1}
    assert manifest["history_omitted"] is True
    assert [each["omitted"] for each in lines if each["omitted"]] == [{"conditions": 1}]


def test_patients_under_a_hold_are_left_out_until_it_is_lifted(tmp_path):
    held = PatientHeld(by="o", reason="r", at=AT)
    lifted = HoldLifted(by="o", reason="r", at=AT)
    with ward(tmp_path) as one:
        for number in range(6):
            one.decided(number)
        for number, events in ((0, [held]), (1, [held, lifted])):
            whom = f"Patient/zqpatient-{number}"
            one.append(retention_stream(whom), *events, subject=whom)

    result, _, _ = written(tmp_path)

    assert result.dropped == {"held": 1}
    assert result.written == 5


def test_a_hold_that_names_nobody_stops_the_export(tmp_path):
    with ward(tmp_path) as one:
        one.append("hold", PatientHeld(by="o", reason="r", at=AT), subject="")

    with pytest.raises(ExportError, match="names no patient"):
        written(tmp_path)

    assert not (tmp_path / "out").exists()


def test_a_kind_of_event_that_nobody_thought_of_leaves_its_case_out(
    tmp_path, monkeypatch
):
    with ward(tmp_path) as one:
        one.decided(0)
    monkeypatch.setattr(training, "_KNOWN", training._KNOWN - {CaseOpened})

    result, _, _ = written(tmp_path)

    assert result.dropped == {"event.unknown": 1}


def test_erased_events_leave_their_case_out():
    with pytest.raises(training.UnsafeCaseError, match="erased"):
        training._state([Erased(position=1, version=1, topic="case.opened.v1")])


def test_a_folder_with_anything_in_it_is_refused(tmp_path):
    with ward(tmp_path):
        pass
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()

    with pytest.raises(OutputFolderError, match="empty"):
        written(tmp_path)
    with pytest.raises(ExportError, match="at least 5"):
        written(tmp_path, k=4)


@pytest.mark.parametrize("where", ["data", "data/out", "link/out"])
def test_nothing_is_written_among_the_gateway_s_own_files(tmp_path, where):
    with ward(tmp_path):
        pass
    (tmp_path / "link").symlink_to(tmp_path / "data")
    before = sorted((tmp_path / "data").rglob("*"))
    places = ["--data", tmp_path / "data", "--output", tmp_path / where]

    told = CliRunner().invoke(main, ["export", "training", *map(str, places)])

    assert told.exit_code == 1
    assert "outside the data folder" in told.output
    assert sorted((tmp_path / "data").rglob("*")) == before


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path):
    with ward(tmp_path):
        pass
    (tmp_path / "file").touch()
    places = ["--data", tmp_path / "data", "--output", tmp_path / "file" / "out"]

    told = CliRunner().invoke(main, ["export", "training", *map(str, places)])

    assert told.exit_code == 1
    assert told.output.startswith("Error: ")
    assert "Not a directory" in told.output


def test_a_disk_that_is_full_is_a_sentence(tmp_path, monkeypatch):
    with ward(tmp_path):
        pass
    full = Path("/dev/full")
    monkeypatch.setattr(training_files, "private", lambda _path: full.open("wb"))
    places = ["--data", tmp_path / "data", "--output", tmp_path / "out"]

    told = CliRunner().invoke(main, ["export", "training", *map(str, places)])

    assert "Error: The files cannot be written there (No space left" in told.output


def test_only_its_owner_looks_into_a_folder_that_is_made(tmp_path):
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)

    written(tmp_path)

    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_the_command_says_what_it_wrote_and_what_it_left_out(tmp_path):
    with ward(tmp_path) as one:
        for number in range(5):
            one.decided(number)
        one.decided(6, said="something odd")
    where = ["--data", str(tmp_path / "data"), "--output", str(tmp_path / "out")]

    done = CliRunner().invoke(main, ["export", "training", *where, "--k", "5"])
    again = CliRunner().invoke(main, ["export", "training", *where])

    assert done.exit_code == 0, done.output
    assert "reviewed: 6, written: 5" in done.output
    assert "fewest patients in a cell: 5 (asked: 5)" in done.output
    assert "left out, complaint.unknown: 1" in done.output
    assert again.exit_code == 1
    assert "empty" in again.output
