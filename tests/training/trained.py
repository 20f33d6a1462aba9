"""What a training leaves behind, small: runs, rows, an evaluation, a key."""

import json
import shutil

from click.testing import CliRunner

from gateway.cli.evaluate import evaluate
from inference.adapter import CONFIG, WEIGHTS, read_adapter
from inference.contract import output_schema, schema_sha256
from inference.prompt import PROMPT_VERSION
from inference.signature import PrivateKey
from tests.evaluation.given import some
from tests.inference.test_adapter import PLAIN, safetensors, tensors
from training.ingredients import Places
from training.release import Wanted
from training.rows import sha256

KEY = PrivateKey("clinic-a", bytes(range(32)))
OTHER_KEY = PrivateKey("clinic-a", bytes(32))
BASE_SHA256 = "b" * 64
GGUF = b"GGUF and so on"


def evaluated_once(folder):
    """Run the command; rules alone, so that no model is needed."""
    said = [str(some(folder / "cases.jsonl")), "--held-out", "--out", str(folder)]
    done = CliRunner().invoke(evaluate, said)
    assert done.exit_code == 0, done.output
    return folder


class Trained:
    """A folder with all that a release is made of; `evaluated` is copied into it."""

    def __init__(self, folder, evaluated):
        self.folder = folder
        self.runs = folder / "runs"
        self.rows = folder / "rows"
        self.evaluation = folder / "evaluation"
        self.gguf = None
        self.stage("sft")
        self.evaluation.mkdir()
        for name in ("evaluation.json", "evaluation.html"):
            shutil.copy(evaluated / name, self.evaluation)
        self.say_evaluated(f"base:triage sha256:{BASE_SHA256}+sha256:{self.adapter}")

    @property
    def adapter(self):
        return read_adapter(self.last / "adapter").sha256

    def stage(self, name, began_with="", **config):
        """Write a finished run of a stage, and its rows."""
        self.last = self.runs / name
        rows = self.rows / name
        for each in (self.last / "adapter", rows):
            each.mkdir(parents=True)
        (rows / "train.jsonl").write_text(f'{{"of": "{name}"}}\n')
        self.tell_rows()
        adapter = self.last / "adapter"
        told = {**PLAIN, **config}
        (adapter / CONFIG).write_text(json.dumps(told))
        held = tensors(rank=told["r"])
        (adapter / WEIGHTS).write_bytes(safetensors(held))
        (adapter / "chat_template.jinja").write_text("{{ messages }}")
        (adapter / "tokenizer.json").write_text("{}")
        record = {
            "stage": name,
            "settings": {
                "base": {"value": "/models/base", "origin": "command line"},
                "most_rows": {"value": 0, "origin": "default"},
            },
            "rows": {"train": sha256(rows / "train.jsonl")},
            "base": {"name": "/models/base", "sha256": BASE_SHA256},
            "from": began_with,
            "steps": 3,
            "device": "1 x cpu",
            "packages": {"torch": "2.9.0"},
            "figures": {"best": 1.5},
            "history": [{"loss": 2.0}],
            "adapter": self.adapter,
        }
        (self.last / "settings.json").write_text("{}")
        (self.last / "run.json").write_text(json.dumps(record))

    def tell_rows(self, **versions):
        """Write the manifest of the rows that are there."""
        files = self.rows.glob("*/train.jsonl")
        told = {
            "versions": {
                "prompt": PROMPT_VERSION,
                "schema_sha256": schema_sha256(output_schema((), ("P1",))),
                **versions,
            },
            "mix": {
                "found": {"synthetic": 7},
                "left_out": {"near repetition": 1},
                "shares": {"synthetic": 1.0},
            },
            "mistakes": {"demographic-shifted": 0.18},
            "sources": [{"name": "synthetic cases", "licence": "Apache-2.0"}],
            "statistics": {"sft": {"train": {"rows": 6, "level": {"1": 2, "3": 4}}}},
            "sha256": {f"{e.parent.name}/{e.name}": sha256(e) for e in files},
        }
        (self.rows / "manifest.json").write_text(json.dumps(told))

    def say_evaluated(self, *models, **more):
        """Let the evaluation be of these models."""
        self.change_evaluation(
            lambda told: told["header"].update(
                models=list(models), prompt=PROMPT_VERSION, **more
            )
        )

    def change_evaluation(self, change):
        self.change(self.evaluation / "evaluation.json", change)

    def change_run(self, change, stage="sft"):
        self.change(self.runs / stage / "run.json", change)

    @staticmethod
    def change(file, change):
        told = json.loads(file.read_bytes())
        change(told)
        file.write_text(json.dumps(told))

    def with_gguf(self):
        self.gguf = self.folder / "made.gguf"
        self.gguf.write_bytes(GGUF + self.adapter.encode())
        return self

    def wanted(self, **more):
        said = {"name": "triage-tiny", "version": "1", "key": KEY, "card": None}
        places = Places(
            run=self.runs,
            evaluation=self.evaluation,
            rows=self.rows,
            gguf=self.gguf,
        )
        return Wanted(**{"places": places, **said, **more})
