"""A release fits together, is signed, and is not made of what does not fit."""

import json
import stat
from dataclasses import replace

import pytest
from click.testing import CliRunner

from inference.canary import prompt_of_canary
from inference.evaluation import UnreadableEvaluationError
from inference.release import read_release
from inference.signature import PrivateKey, PublicKey
from tests.training.trained import BASE_SHA256, KEY
from training.ingredients import ReleaseError
from training.release import main, read_key, release
from training.release_key import main as make_key
from training.runs import RunsError


def left_in(folder):
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture
def shop(tmp_path):
    """A folder for releases, in which nothing may be left by one that was refused."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


def test_a_release_tells_what_was_trained_on_what_and_how_it_did(trained, shop):
    made = release(trained.with_gguf().wanted(), shop / "tiny")

    told = made.manifest
    assert (told.name, told.version) == ("triage-tiny", "1")
    assert (told.base.name, told.base.sha256) == ("base", BASE_SHA256)
    assert told.adapter.sha256 == trained.adapter == made.adapter.sha256
    assert (told.adapter.rank, told.adapter.alpha) == (4, 8)
    assert (told.prompt.sha256, told.schema.sha256) == prompt_of_canary()
    assert told.rows["mix"]["found"] == {"synthetic": 7}
    assert [each["stage"] for each in told.stages] == ["sft"]
    assert told.packages == {"torch": "2.9.0"}
    assert sorted(told.files) == [
        *("adapter.gguf", "adapter/adapter_config.json"),
        *("adapter/adapter_model.safetensors", "adapter/chat_template.jinja"),
        *("adapter/tokenizer.json", "card.md", "evaluation.html", "evaluation.json"),
    ]
    assert made.gguf.read_bytes() == trained.gguf.read_bytes()
    assert made.signed_by == "clinic-a"
    assert left_in(shop) == ["tiny"]


def test_the_figures_of_a_release_have_interval_and_number(trained, shop):
    made = release(trained.wanted(), shop / "tiny")

    (under,) = [e for e in made.evaluation.overall if e.metric == "under_triage"]
    assert (under.assessor, under.value, under.total) == ("floor", 0.25, 4)
    assert under.low < under.value < under.high
    assert made.manifest.evaluation["figures"][0]["total"] == 5
    of_women = {e.metric for e in made.evaluation.figures if e.of == "female"}
    assert "under_triage" in of_women


def test_a_release_says_nothing_of_the_machine_or_of_single_steps(trained, shop):
    made = release(trained.wanted(), shop / "tiny")

    body = (made.folder / "release.json").read_text()
    assert "/models" not in body
    assert "history" not in body
    assert str(shop) not in body


def test_a_release_is_as_readable_as_what_is_installed(trained, shop):
    (trained.last / "adapter" / "tokenizer.json").chmod(0o600)

    made = release(trained.wanted(), shop / "tiny")

    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o755
    modes = {stat.S_IMODE(e.stat().st_mode) for e in made.folder.rglob("*.json")}
    assert modes == {0o644}


def test_stages_are_told_in_the_order_in_which_each_began_with_the_last(trained, shop):
    first = trained.adapter
    trained.stage("dpo", first, lora_alpha=16)
    trained.say_evaluated(f"x sha256:{trained.adapter}")

    made = release(trained.wanted(), shop / "tiny")

    assert [each["stage"] for each in made.manifest.stages] == ["sft", "dpo"]
    assert made.adapter.sha256 != first
    assert made.manifest.adapter.alpha == 16


def test_the_adapter_of_llama_cpp_may_be_the_one_that_was_evaluated(trained, shop):
    trained.with_gguf()
    made = release(trained.wanted(), shop / "tiny")
    trained.say_evaluated(
        f"embedded sha256:b+sha256:{made.manifest.files['adapter.gguf']}"
    )

    again = release(trained.wanted(version="2"), shop / "again")

    assert again.gguf


def test_an_evaluation_of_another_adapter_is_refused(trained, shop):
    trained.say_evaluated(f"base sha256:{BASE_SHA256}")

    with pytest.raises(ReleaseError, match="no model with this adapter's hash"):
        release(trained.wanted(), shop / "tiny")

    assert left_in(shop) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t["header"].update(held_out=False), "with --held-out"),
        (lambda t: t["data"][0]["predictions"].append({}), "names single cases"),
        (
            lambda t: t["data"][0]["assessments"][0]["missed"].append({"id": "a"}),
            "names single cases",
        ),
        (
            lambda t: t["data"][0]["left_out"].append({"id": "a", "reason": "b"}),
            "names single cases",
        ),
        (lambda t: t.pop("data"), "no evaluation.json"),
    ],
)
def test_an_evaluation_that_names_cases_never_leaves_the_house(
    trained, shop, change, said
):
    trained.change_evaluation(change)

    with pytest.raises(UnreadableEvaluationError, match=said):
        release(trained.wanted(), shop / "tiny")

    assert left_in(shop) == []


def _another_prompt(trained):
    trained.say_evaluated(f"sha256:{trained.adapter}")
    trained.change_evaluation(lambda told: told["header"].update(prompt="1"))


def _another_page(trained):
    (trained.evaluation / "evaluation.html").write_text("<p>of another day</p>")


def _no_page(trained):
    (trained.evaluation / "evaluation.html").unlink()


def _other_rows(trained):
    (trained.rows / "sft" / "train.jsonl").write_text("{}\n")
    trained.tell_rows()


def _no_manifest(trained):
    (trained.rows / "manifest.json").unlink()


def _old_rows(trained):
    trained.tell_rows(prompt="0")


def _no_gguf(trained):
    trained.with_gguf().gguf.write_bytes(b"PK")


def _gguf_of_another(trained):
    trained.with_gguf().gguf.write_bytes(b"GGUF" + b"0" * 64)


def _gguf_is_gone(trained):
    trained.with_gguf().gguf.unlink()


def _unlisted_rows(trained):
    trained.change_run(lambda told: told["rows"].update(general="0" * 64))


def _unless(name):
    def change(trained):
        (trained.last / "adapter" / name).unlink()
        adapter = trained.adapter
        trained.change_run(lambda told: told.update(adapter=adapter))

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_another_prompt, "another version of the prompt"),
        (_another_page, "not the page"),
        (_no_page, "no readable evaluation.json and evaluation.html"),
        (
            _other_rows,
            "sft/train.jsonl is not the one that manifest.json names",
        ),
        (_no_manifest, "no manifest.json"),
        (_old_rows, "made for another prompt"),
        (_unlisted_rows, "does not list sft/general.jsonl: write its SHA-256"),
        (_no_gguf, "no GGUF file"),
        (_gguf_of_another, "made of another adapter"),
        (_gguf_is_gone, "made.gguf cannot be read"),
        (_unless("chat_template.jinja"), "no chat_template.jinja"),
        (_unless("tokenizer.json"), "no tokenizer.json"),
    ],
)
def test_what_does_not_fit_together_is_refused(trained, shop, change, said):
    change(trained)

    with pytest.raises(ReleaseError, match=said):
        release(trained.wanted(), shop / "tiny")

    assert left_in(shop) == []


def _changed_adapter(trained):
    (trained.last / "adapter" / "tokenizer.json").write_text("{ }")


def _faulty(trained):
    trained.change(
        trained.last / "adapter" / "adapter_config.json",
        lambda told: told.update(use_rslora=True),
    )
    adapter = trained.adapter
    trained.change_run(lambda told: told.update(adapter=adapter))


def _unfinished(trained):
    (trained.runs / "dpo").mkdir()
    (trained.runs / "dpo" / "settings.json").write_text("{}")


def _unchained(trained):
    trained.stage("dpo", "c" * 64)


def _another_base(trained):
    trained.stage("dpo", trained.adapter, lora_alpha=16)
    trained.change_run(lambda told: told["base"].update(sha256="d" * 64), "dpo")


def _none(trained):
    (trained.last / "run.json").unlink()
    (trained.last / "settings.json").unlink()


def _no_weights(trained):
    (trained.last / "adapter" / "adapter_model.safetensors").unlink()


def _no_record(trained):
    (trained.last / "run.json").write_text("[]")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_changed_adapter, "not the one that was trained"),
        (_faulty, "use_rslora"),
        (_unfinished, "dpo: not finished"),
        (_unchained, "no chain of stages"),
        (_another_base, "different base weights"),
        (_none, "no chain of stages"),
        (_no_weights, "no header of tensors"),
        (_no_record, "none that a stage writes"),
    ],
)
def test_runs_that_made_no_adapter_to_be_served_are_refused(
    trained, shop, change, said
):
    change(trained)

    with pytest.raises(RunsError, match=said):
        release(trained.wanted(), shop / "tiny")

    assert left_in(shop) == []


def test_a_release_is_never_written_over(trained, shop):
    release(trained.wanted(), shop / "tiny")

    with pytest.raises(ReleaseError, match="never changed"):
        release(trained.wanted(version="2"), shop / "tiny")

    assert read_release(shop / "tiny", key=KEY.public).manifest.version == "1"


def test_a_place_that_cannot_be_written_is_named(trained, shop):
    (shop / "file").touch()

    with pytest.raises(ReleaseError, match="cannot be written"):
        release(trained.wanted(), shop / "file" / "tiny")


def test_a_link_among_the_adapters_files_is_not_released(trained, shop, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("{}")
    (trained.last / "adapter" / "tokenizer.json").unlink()
    (trained.last / "adapter" / "tokenizer.json").symlink_to(secret)

    done = invoke(trained, shop, key_in(shop.parent))

    assert done.exit_code == 1
    assert "tokenizer.json is a link" in done.output
    assert left_in(shop) == []


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("Triage", "1", "A name is"),
        ("../x", "1", "A name is"),
        ("a", "-1", "A version"),
    ],
)
def test_names_that_would_lead_elsewhere_are_refused(
    trained, shop, name, version, said
):
    with pytest.raises(ReleaseError, match=said):
        release(replace(trained.wanted(), name=name, version=version), shop / "tiny")


def key_in(folder):
    file = folder / "release.key"
    done = CliRunner().invoke(make_key, [str(file), "--name", "clinic-b"])
    assert done.exit_code == 0, done.output
    return file


def invoke(trained, shop, key):
    places = [f"--run={trained.runs}", f"--evaluation={trained.evaluation}"]
    places += [f"--rows={trained.rows}", f"--key={key}", f"--out={shop / 'tiny'}"]
    return CliRunner().invoke(main, [*places, "--name=tiny", "--version=1"])


def test_the_command_signs_with_a_key_whose_public_half_was_printed(trained, shop):
    file = shop.parent / "release.key"
    printed = CliRunner().invoke(make_key, [str(file), "--name", "clinic-b"]).output

    done = invoke(trained, shop, file)

    assert done.exit_code == 0, done.output
    assert "signed by: clinic-b" in done.output
    assert "gate: none was asked" in done.output
    found = read_release(shop / "tiny", key=PublicKey.parse(printed))
    assert found.sha256 in done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_requirements_that_fall_short_are_told(trained, shop):
    short = {"requirement": "all right", "why": "", "found": 0.5, "holds": False}
    trained.change_evaluation(lambda told: told["gate"].append(short))

    done = invoke(trained, shop, key_in(shop.parent))

    assert "gate: 1 requirements, 1 fall short\n  falls short: all right" in done.output
    assert "**falls short**" in (shop / "tiny" / "card.md").read_text()


def test_a_key_is_not_made_twice_nor_under_a_name_that_cannot_be_signed(tmp_path):
    file = key_in(tmp_path)

    again = CliRunner().invoke(make_key, [str(file), "--name", "clinic-b"])
    odd = CliRunner().invoke(make_key, [str(tmp_path / "b"), "--name", "a b"])

    assert (again.exit_code, odd.exit_code) == (1, 1)
    assert "not there yet" in again.output
    assert "A key's name" in odd.output
    assert PrivateKey.parse(file.read_text()).name == "clinic-b"


def test_a_file_that_holds_no_key_is_refused(trained, shop, tmp_path):
    (tmp_path / "text").write_text("no key")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    done = invoke(trained, shop, tmp_path / "text")

    assert done.exit_code == 1
    assert "A private key is written as" in done.output
    with pytest.raises(ReleaseError, match="holds no key"):
        read_key(tmp_path / "binary")
    with pytest.raises(ReleaseError, match=r"training\.release_key"):
        read_key(tmp_path / "none")


def test_the_figures_in_the_manifest_are_those_of_the_evaluation(trained, shop):
    made = release(trained.wanted(), shop / "tiny")

    told = json.loads((made.folder / "release.json").read_bytes())["evaluation"]
    assert told["models"] == list(made.evaluation.models)
    assert len(told["figures"]) == len(made.evaluation.overall)
    assert told["data"][0]["sha256"] == made.evaluation.data[0].sha256
