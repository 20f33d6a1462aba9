"""The command that makes rows, from cases to a folder that training reads."""

import json
from decimal import Decimal

import msgspec
import pytest
from click.testing import CliRunner

from domain.answers import Decision, PassageShown
from domain.values import Case, Floor, Reference, Vital, VitalName
from inference.guard import check
from inference.parse import parse
from inference.prompt import render
from tests.audit.test_training import AT, ward, written
from tests.training.shelf import library_in
from training import dataset, rows
from training.account import UnfitRowsError, percentiles, require_fit
from training.evidence import Library
from training.generate import SPLITS

STAGES = ("sft", "dpo", "kto", "grpo")
ASKED = {"synthetic": 60, "clinic": None, "medqa": (), "pubmedqa": (), "medmcqa": ()}
MEDQA = {
    "question": "Which organ makes insulin?",
    "options": {"A": "Pancreas", "B": "Spleen"},
    "answer_idx": "A",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return tmp_path_factory.mktemp("index")


@pytest.fixture(autouse=True)
def few_documents(monkeypatch):
    monkeypatch.setattr(Library, "starter", library_in)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clinic")
    with ward(folder) as one:
        for number in range(18):
            changed = number % 3 == 0
            one.decided(
                number,
                said=("chest pain", "seizure", "fever")[number % 3],
                decision=Decision.OVERRIDDEN if changed else Decision.ACCEPTED,
                vitals=(pulse(70 + 3 * number),),
            )
    written(folder)
    return folder / "out"


def pulse(rate):
    source = Reference(type="Observation", id=f"zqpulse-{rate}", version=1)
    return Vital(
        name=VitalName.HEART_RATE, value=Decimal(rate), source=source, effective=AT
    )


def run(out, index, *more):
    asked = ["--synthetic", "60", "--index", str(index), "--out", str(out), *more]
    return CliRunner().invoke(dataset.main, asked)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, index, clinic):
    out = tmp_path_factory.mktemp("made") / "rows"
    public = out.parent / "medqa.jsonl"
    public.write_text(
        "".join(
            json.dumps({**MEDQA, "question": f"{MEDQA['question']} Variant {n}."})
            + "\n"
            for n in range(12)
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Library, "starter", library_in)
        done = run(out, index, "--clinic", str(clinic), "--medqa", str(public))
    assert done.exit_code == 0, done.output
    return out


def lines(folder, stage, split):
    file = folder / stage / f"{split}.jsonl"
    there = file.read_bytes().splitlines() if file.exists() else []
    return [json.loads(each) for each in there]


def everything(folder, stage):
    return [row for split in SPLITS for row in lines(folder, stage, split)]


def told(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_every_file_is_one_that_its_stage_reads(folder):
    for stage in STAGES:
        read = rows.read(folder / stage / "train.jsonl", stage)

        assert len(read) == len(lines(folder, stage, "train"))


def test_prompts_are_the_service_s_and_reference_answers_pass_its_checks(folder):
    rewarded = {row["about"]["id"]: row for row in everything(folder, "grpo")}
    checked = 0
    for row in everything(folder, "sft"):
        if known := rewarded.get(row["about"]["id"]):
            case = msgspec.convert(known["case"], Case)
            floor = msgspec.convert(known["floor"], Floor)
            shown = msgspec.convert(known["passages"], tuple[PassageShown, ...])
            draft = parse(row["completion"][0]["content"], "stop")

            rendered = [
                {"role": each.role, "content": each.content}
                for each in render(case, floor, shown)
            ]
            assert row["prompt"] == rendered
            assert check(draft, case, shown).guards == ()
            checked += 1
    assert checked > 40


def test_sources_are_mixed_and_the_manifest_says_how(folder):
    mix = told(folder)["mix"]

    assert mix["wanted"] == {"synthetic": 0.7, "clinic": 0.2, "public": 0.1}
    assert mix["found"]["public"] == 12
    assert abs(sum(mix["shares"].values()) - 1) < 0.01
    assert all(mix["shares"].values())
    counts = {
        name: sum(r["about"]["source"] == name for r in everything(folder, "sft"))
        for name in ("synthetic", "public")
    }
    assert counts == {"synthetic": 60, "public": 9}


def test_the_manifest_names_versions_licences_hashes_and_lengths(folder):
    known = told(folder)

    assert known["versions"].keys() >= {"prompt", "schema_sha256", "rules"}
    assert {each["name"] for each in known["sources"]} >= {"MedQA", "clinic"}
    for name, digest in known["sha256"].items():
        assert rows.sha256(folder / name) == digest
    counted = known["statistics"]["sft"]["train"]
    assert counted["rows"] == len(lines(folder, "sft", "train"))
    assert counted["prompt_characters"]["p50"] > 1000


def test_families_and_patients_have_one_split(folder):
    for source in ("synthetic", "clinic"):
        seen = [
            {
                row["about"]["family"] or row["about"]["id"]
                for row in lines(folder, "sft", split)
                if row["about"]["source"] == source
            }
            for split in SPLITS
        ]

        assert not seen[0] & seen[1]
        assert not seen[0] & seen[2]
        assert not seen[1] & seen[2]


def test_what_a_nurse_changed_is_a_pair_and_bad_feedback(folder):
    pairs = [
        row
        for row in everything(folder, "dpo")
        if row["about"].get("mistake") == "changed-by-nurse"
    ]

    assert pairs
    for row in pairs:
        chosen, rejected = (
            json.loads(row[side][0]["content"]) for side in ("chosen", "rejected")
        )
        assert chosen["acuity"] == 1
        assert rejected["acuity"] > 1
    feedback = [
        r for r in everything(folder, "kto") if r["about"]["source"] == "clinic"
    ]
    assert {row["label"] for row in feedback} == {True, False}


def test_the_same_seed_gives_the_same_rows(folder, tmp_path, index):
    out = [tmp_path / name for name in ("a", "b")]
    for each in out:
        done = CliRunner().invoke(
            dataset.main,
            ["--synthetic", "25", "--short", "--index", str(index), "--out", str(each)],
        )
        assert done.exit_code == 0, done.output

    assert told(out[0]) == told(out[1])
    assert told(out[0])["short_prompts"]
    assert told(out[0])["mix"]["shares"] == {"synthetic": 1, "clinic": 0, "public": 0}
    short = told(out[0])["statistics"]["sft"]["train"]["prompt_characters"]
    assert (
        short["p95"]
        < told(folder)["statistics"]["sft"]["train"]["prompt_characters"]["p95"]
    )
    made_of = {row["about"]["made_of"] for row in lines(out[0], "kto", "train")}
    assert made_of == {"pairs"}


def test_what_an_evaluation_set_holds_is_left_out(folder, tmp_path, index):
    told_by_cases = (
        row["prompt"][1]["content"].split('"C1":"complaint: ')[1].split('"')[0]
        for row in everything(folder, "sft")
        if row["about"]["source"] == "synthetic"
    )
    said = max(told_by_cases, key=len)
    (tmp_path / "evaluation.txt").write_text(said)

    done = run(tmp_path / "rows", index, "--against", str(tmp_path / "evaluation.txt"))

    assert done.exit_code == 0, done.output
    assert told(tmp_path / "rows")["mix"]["left_out"]["in an evaluation set"] == 1


def test_a_split_without_a_row_has_no_file(tmp_path, index):
    done = run(tmp_path / "rows", index, "--synthetic", "1")

    assert done.exit_code == 0, done.output
    there = {each.stem for each in (tmp_path / "rows" / "sft").iterdir()}
    assert there == {
        name.partition("/")[2].removesuffix(".jsonl")
        for name in told(tmp_path / "rows")["sha256"]
        if name.startswith("sft/")
    }
    assert len(there) == 1


@pytest.mark.parametrize("count", ["0", "-3"])
def test_no_cases_are_none_to_make_rows_of(tmp_path, index, count):
    done = run(tmp_path / "rows", index, "--synthetic", count)

    assert done.exit_code == 2
    assert "x>=1" in done.output


def test_a_folder_that_holds_something_is_left_alone(tmp_path, index):
    (tmp_path / "mine.txt").write_text("mine")

    done = run(tmp_path, index)

    assert done.exit_code == 2
    assert "is not empty" in done.output


def test_an_export_that_names_somebody_stops_it(tmp_path, index, clinic):
    copy = tmp_path / "export"
    copy.mkdir()
    body = (clinic / "cases.jsonl").read_bytes().replace(b"chest pain", b"chest zqname")
    (copy / "cases.jsonl").write_bytes(body)
    known = json.loads((clinic / "manifest.json").read_text())
    known["files"]["cases.jsonl"]["sha256"] = rows.sha256(copy / "cases.jsonl")
    (copy / "manifest.json").write_text(json.dumps(known))

    done = run(tmp_path / "rows", index, "--clinic", str(copy))

    assert done.exit_code == 1
    assert "catalogue" in done.output
    assert "zqname" not in done.output
    assert not (tmp_path / "rows").exists()


def row(text="The record tells of a cough.", asked="x", source="synthetic"):
    made = {"reasons": [{"text": text}], "questions": []}
    return {
        "prompt": [{"role": "user", "content": asked}],
        "completion": [{"role": "assistant", "content": json.dumps(made)}],
        "about": {"source": source},
    }


@pytest.mark.parametrize(
    "text", ["The patient has {complaint}.", "Seen by [NAME].", "A placeholder."]
)
def test_a_placeholder_stops_the_build(text):
    with pytest.raises(UnfitRowsError, match="placeholder"):
        require_fit([row(text)])


def test_rows_that_repeat_each_other_stop_the_build():
    with pytest.raises(UnfitRowsError, match="prompts differ"):
        require_fit([row(f"Text {n}.") for n in range(30)])
    with pytest.raises(UnfitRowsError, match="answers differ"):
        require_fit([row(asked=str(n)) for n in range(30)])
    require_fit([row(asked=str(n), source="public") for n in range(30)])


def test_percentiles_are_by_the_nearest_rank():
    assert percentiles(range(1, 101))["p95"] == 95
    assert percentiles([7])["p5"] == 7
    assert percentiles([]) == {}
