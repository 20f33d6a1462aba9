import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner

from domain.answers import ModelIdentity
from domain.events import REGISTRY, FloorAssessed, ImpressionWithheld
from domain.floor.compose import assess
from gateway.audit.case import life_of
from gateway.audit.rerun import NothingToRerunError, Verdict, asked, rerun
from gateway.cli.audit import audit
from gateway.store.transcript import transcript
from inference.generate import OpenAIChat
from tests.audit.a_case import raw_answer
from tests.audit.test_replay import CASE, FLOOR, OPENED, log_of, withheld
from tests.model_server import NAME, model_server

DECLARED = "TRIAGE_GATEWAY_MODEL_ADAPTER_SHA256"


@pytest.fixture
def adapted(tmp_path):
    """A log with an answer of an adapter with known files, and its name."""
    name = f"{NAME}:ward"
    model = ModelIdentity(name=name, weights="w", server="s")
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    log_of(tmp_path, OPENED, floored, withheld(model=model, adapter_sha256="a" * 64))
    return tmp_path, name


def lives(case):
    with transcript(case.folder, registry=REGISTRY) as log:
        return life_of(log, case.case_id)


@asynccontextmanager
async def chat(url, name=NAME, **settings):
    client = OpenAIChat(url, name, **settings)
    try:
        yield client
    finally:
        await client.close()


async def again(case, *, name=NAME, write=raw_answer, **settings):
    """Ask a model server what was asked then; return it and what came of it."""
    async with model_server() as (model, url), chat(url, name, **settings) as client:
        model.write = write
        return model, await rerun(asked(lives(case)), client, adapter_sha256="")


async def of_adapter(case, recorded, *, declared):
    """Ask again for an answer of an adapter whose files had the recorded hash."""
    then = asked(lives(case))
    name = f"{NAME}:ward"
    run = replace(
        then.run,
        model=replace(then.run.model, name=name, weights="w"),
        adapter_sha256=recorded,
    )
    async with model_server() as (model, url), chat(url, name, weights="w") as client:
        model.write = raw_answer
        return await rerun(replace(then, run=run), client, adapter_sha256=declared)


def ran(case, *arguments):
    return CliRunner().invoke(
        audit, ["rerun", case.case_id, "--data", str(case.folder), *arguments]
    )


def contents(folder):
    """Return every file by its bytes; SQLite's shared memory is no file of the log."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm") and path.stat().st_size
    }


async def test_the_recorded_prompt_is_sent_byte_for_byte(case):
    model, result = await again(case)

    run = asked(lives(case)).run
    sent = [(each["role"], each["content"]) for each in model.prompts[0]["messages"]]
    assert sent == [(each.role, each.content) for each in run.prompt]
    assert result.verdict is Verdict.SAME
    assert (result.others, result.diff) == ((), ())


async def test_another_answer_is_shown_as_a_unified_diff(case):
    def calmer(schema):
        return raw_answer(schema).replace('"acuity": 2', '"acuity": 3')

    _, result = await again(case, write=calmer)

    assert result.verdict is Verdict.DIFFERS
    assert ' "acuity": 2' in {line[1:] for line in result.diff if line[0] == "-"}
    assert ' "acuity": 3' in {line[1:] for line in result.diff if line[0] == "+"}


async def test_an_answer_that_is_no_json_is_compared_line_by_line(case):
    _, result = await again(case, write=lambda _schema: "I cannot\nsay")

    assert result.verdict is Verdict.DIFFERS
    assert "+I cannot" in result.diff


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        ('{"acuity": 1, "acuity": 5}', '{"acuity": 5}'),  # a reader takes the last
        ('{"acuity": 5}', '{"acuity":5}'),
        ('{"acuity": 5}', '{"acuity": 5.0e0}'),
        ("not well\r\n", "not well\n"),
        ("[" * 100_000, "[" * 99_999),
    ],
)
async def test_an_answer_in_other_words_is_never_shown_as_the_same(case, recorded, now):
    then = asked(lives(case))
    then = replace(then, run=replace(then.run, answer=recorded))

    async with model_server() as (model, url), chat(url, "other") as client:
        model.write = lambda _schema: now
        result = await rerun(then, client, adapter_sha256="")

    assert result.verdict is Verdict.ANOTHER
    assert [each[0] for each in result.diff[2:] if each[0] != " "] == ["@", "-", "+"]


async def test_another_model_is_called_so_even_if_it_answers_the_same(case):
    for settings, what in (
        ({"name": "scripted:adapter-2"}, "adapter"),
        ({"name": "other"}, "base"),
        ({"weights": "sha256:0"}, "weights"),
        ({"server": "elsewhere"}, "server"),
        ({"max_tokens": 7}, "most tokens"),
    ):
        _, result = await again(case, **settings)

        assert result.verdict is Verdict.ANOTHER
        assert what in [each[0] for each in result.others]
        assert result.diff == ()


async def test_an_adapter_trained_anew_under_the_same_name_is_another_model(case):
    result = await of_adapter(case, "a" * 64, declared="b" * 64)

    assert result.verdict is Verdict.ANOTHER
    assert result.others == (("adapter's files", "a" * 64, "b" * 64),)
    assert result.diff == ()


async def test_the_same_files_of_an_adapter_are_the_same_model(case):
    result = await of_adapter(case, "a" * 64, declared="a" * 64)

    assert (result.verdict, result.undeclared) == (Verdict.SAME, ())


async def test_it_is_said_that_nobody_declares_the_files_of_an_adapter(case):
    then, now, both = [
        await of_adapter(case, recorded, declared=declared)
        for recorded, declared in (("", "b" * 64), ("a" * 64, ""), ("", ""))
    ]

    assert [each.verdict for each in (then, now)] == [Verdict.ANOTHER] * 2
    assert both.verdict is Verdict.SAME
    for each in (then, now, both):
        assert each.undeclared == ("the adapter's files",)


async def test_another_schema_is_named(case):
    recorded = asked(lives(case))
    older = replace(recorded, run=replace(recorded.run, schema_sha256="0" * 64))

    async with model_server() as (model, url), chat(url) as client:
        model.write = raw_answer
        result = await rerun(older, client, adapter_sha256="")

    assert [each[0] for each in result.others] == ["schema"]


async def test_it_is_said_that_nobody_declares_the_weights(case):
    recorded = asked(lives(case))
    model = replace(recorded.run.model, weights="undeclared")
    bare = replace(recorded, run=replace(recorded.run, model=model))

    async with model_server() as (server, url), chat(url) as client:
        server.write = raw_answer
        result = await rerun(bare, client, adapter_sha256="")

    assert result.undeclared == ("the weights",)


def test_a_rerun_writes_nothing(case, live_model):
    ran(case, *live_model.options)  # so that SQLite's own files are there
    before = contents(case.folder)

    result = ran(case, *live_model.options)

    assert result.exit_code == 0, result.output
    assert result.output.endswith("same\n")
    assert contents(case.folder) == before


def test_the_command_prints_what_differs(case, live_model):
    result = ran(case, *live_model.options[:3], "scripted:lora-2")

    assert result.exit_code == 4
    assert "adapter: recorded none, now lora-2" in result.output
    assert result.output.endswith("another model: it gave the same answer\n")


def test_the_command_compares_the_adapter_that_the_settings_declare(
    adapted, live_model, monkeypatch
):
    folder, name = adapted
    said = {}
    for declared in ("a" * 64, "b" * 64, ""):
        monkeypatch.setenv("TRIAGE_GATEWAY_MODEL_WEIGHTS", "w")
        monkeypatch.delenv(DECLARED, raising=False)
        if declared:
            monkeypatch.setenv(DECLARED, declared)
        arguments = ["rerun", "c1", "--data", str(folder), *live_model.options[:3]]
        said[declared[:1]] = CliRunner().invoke(audit, [*arguments, name]).output

    assert "adapter's files" not in said["a"]
    assert f"adapter's files: recorded {'a' * 64}, now {'b' * 64}" in said["b"]
    assert f"adapter's files: recorded {'a' * 64}, now undeclared" in said[""]
    assert "note: nobody declares the adapter's files; they may be others" in said[""]


def test_the_command_prints_another_answer_with_nothing_that_steers(case, live_model):
    live_model.model.write = lambda _schema: "calm\x1b[2J"

    result = ran(case, *live_model.options)

    assert result.exit_code == 3
    assert "+calm[U+001B][2J" in result.output
    assert result.output.endswith("differs\n")


def test_the_settings_file_names_the_model(case, live_model, tmp_path, monkeypatch):
    file = tmp_path / "settings.toml"
    monkeypatch.setenv("TRIAGE_GATEWAY_CONFIG", str(file))  # and forget it afterwards
    file.write_text(
        f'dev = true\nmodel_url = "{live_model.options[1]}"\nmodel_name = "{NAME}"\n'
    )

    result = ran(case, "--config", str(file), "--assessment", "2")

    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model-url", "http://127.0.0.1:9/v1", "--model-name", "x"], "reached"),
        (["--model-url", "http://127.0.0.1:9/v1"], "model_name"),
        (["--revision", "7"], "No model was asked about revision 7"),
    ],
)
def test_what_cannot_be_run_is_said_plainly(case, arguments, said):
    result = ran(case, *arguments)

    assert result.exit_code == 1
    assert said in result.output


def test_settings_without_a_model_are_named(case, monkeypatch):
    monkeypatch.setenv("TRIAGE_GATEWAY_MODEL", "none")

    result = ran(case)

    assert result.exit_code == 1
    assert "The settings name no model" in result.output


def test_a_case_that_no_model_was_asked_about_has_nothing_to_rerun(tmp_path):
    log_of(tmp_path, OPENED, FloorAssessed(revision=1, case=CASE, floor=FLOOR))

    result = CliRunner().invoke(audit, ["rerun", "c1", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "No model was asked about this case." in result.output


def test_a_model_that_gave_no_answer_has_nothing_to_compare_with(tmp_path):
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    down = ImpressionWithheld(revision=1, reasons=("the model is down",))
    log_of(tmp_path, OPENED, floored, down)

    result = CliRunner().invoke(audit, ["rerun", "c1", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "No model answered then: the model is down" in result.output


def test_a_prompt_that_its_hash_does_not_name_is_not_sent(tmp_path):
    assert assess(CASE) == FLOOR
    floored = FloorAssessed(revision=1, case=CASE, floor=FLOOR)
    log_of(tmp_path, OPENED, floored, withheld(prompt=()))

    with (
        transcript(tmp_path, registry=REGISTRY) as log,
        pytest.raises(NothingToRerunError, match="is not the one"),
    ):
        asked(life_of(log, "c1"))
