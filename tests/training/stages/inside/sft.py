"""Everything about supervised fine-tuning that the tests ask, found in one process."""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import tiny
from accelerate.commands.config.config_args import load_config_from_file
from click import ClickException
from datasets import Dataset
from safetensors.torch import load_file

from inference.adapter import read_adapter
from training import sft, stage
from training.model import tokenizer_of
from training.origins import resolve
from training.rows import RowsError
from training.stage import Run

WHERE = Path(sys.argv[1])
ROWS = [tiny.sft(each) for each in tiny.cases()]
QUICK = [
    *("--base", str(WHERE / "base"), "--data", str(WHERE / "rows")),
    *("--batch", "2", "--accumulation", "1", "--rank", "4", "--learning-rate", "0.01"),
    *("--max-steps", "6", "--evaluate-every", "3", "--no-checkpointing"),
]
ALONE = ("--data", str(WHERE / "alone"))


def train(out, *more):
    """Run the stage; say how it ended."""
    try:
        sft.main([*QUICK, "--out", str(WHERE / out), *more], standalone_mode=False)
    except ClickException as error:
        return error.message
    except SystemExit as stopped:
        return stopped.code
    return "finished"


def cut_off(step, state):
    """Leave a checkpoint as a process leaves it that is killed while it saves."""
    folder = WHERE / "parts" / "checkpoints" / f"checkpoint-{step}"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"half")
    if state:
        (folder / "trainer_state.json").write_text(state)
    return folder.name


def weights(out):
    return load_file(WHERE / out / "adapter" / "adapter_model.safetensors")


def record(out):
    return json.loads((WHERE / out / "run.json").read_text())


def trained():
    """Return, for the first row, what is in the loss and what is not, and the row."""
    settings = resolve(sft.SftSettings, "sft", given={"rank": 4})
    run = Run(
        stage="sft", resolved=settings, data=WHERE / "rows", out=WHERE / "masks",
        base=WHERE / "base", adapter=None,
    )  # fmt: skip
    tokenizer = tokenizer_of(run.base, run.settings)
    prepared = sft.trainer_of(run, tokenizer, {"train": ROWS}).train_dataset
    row = prepared[0]
    pairs = list(zip(row["input_ids"], row["labels"], strict=True))
    return {
        "prompt": tokenizer.decode([token for token, label in pairs if label == -100]),
        "answer": tokenizer.decode([label for _, label in pairs if label != -100]),
        "contiguous": [label == -100 for _, label in pairs]
        == sorted([label == -100 for _, label in pairs], reverse=True),
        "same": all(label in (-100, token) for token, label in pairs),
        "rows": len(prepared),
        "caught": [*caught(prepared, tokenizer)],
    }


def caught(prepared, tokenizer):
    """Spoil the prepared rows in several ways; give what is said of each."""
    first = prepared[0]
    start = first["labels"].index(next(x for x in first["labels"] if x != -100))
    one_more = [*first["labels"]]
    one_more[start - 1] = first["input_ids"][start - 1]
    one_less = [*first["labels"]]
    one_less[start] = -100
    for labels in (one_more, one_less):
        spoilt = Dataset.from_list([{**first, "labels": labels}])
        yield refused(spoilt, ROWS[:1], tokenizer)
    yield refused(prepared.select(range(3)), ROWS, tokenizer)


def packed():
    """Say what is found when rows are packed all the same, and when one gets lost."""
    more = {"rank": 4, "packing": True}
    run = Run(
        stage="sft", resolved=resolve(sft.SftSettings, "sft", given=more),
        data=WHERE / "rows", out=WHERE / "packed", base=WHERE / "base", adapter=None,
    )  # fmt: skip
    tokenizer = tokenizer_of(run.base, run.settings)
    prepared = sft.trainer_of(run, tokenizer, {"train": ROWS}).train_dataset
    return [
        len(prepared),
        refused(prepared, ROWS, tokenizer, sft.check_packed),
        refused(prepared, ROWS[1:], tokenizer, sft.check_packed),
    ]


def refused(prepared, rows, tokenizer, check=sft.check_masks):
    try:
        check(prepared, rows, tokenizer)
    except RowsError as error:
        return str(error)
    return ""


def retold():
    """Train by a chat template, and again after its file was changed."""
    file = WHERE / "mine.jinja"
    file.write_text(tiny.TEMPLATE)
    first = train("retold", "--template", str(file), "--max-steps", "1")
    file.write_text(tiny.TEMPLATE + "{# another #}")
    return [first, train("retold", "--template", str(file), "--max-steps", "1")]


def same(one, other):
    return one.keys() == other.keys() and all((one[k] == other[k]).all() for k in one)


tiny.base(WHERE / "base", ROWS)
tiny.write(WHERE / "rows" / "sft" / "train.jsonl", ROWS[:8])
tiny.write(WHERE / "alone" / "sft" / "train.jsonl", ROWS[:8])
tiny.write(WHERE / "rows" / "sft" / "dev.jsonl", ROWS[8:])
endless = WHERE / "endless.jinja"
endless.write_text(tiny.TEMPLATE.replace("<|im_end|>", "."))
tiny.told(
    trained=trained(),
    row=ROWS[0],
    whole=train("whole"),
    # Without dev rows: the last weights count, not the best.
    straight=train("straight", *ALONE),
    stopped=train("parts", *ALONE, "--stop-after-steps", "4"),
    cut_off=[cut_off(5, ""), cut_off(6, "{")],
    resumed=train("parts", *ALONE),
    same=same(weights("straight"), weights("parts")),
    moved=any(v.abs().sum() > 0 for k, v in weights("whole").items() if "_B" in k),
    again=train("whole"),
    other=train("whole", "--alpha", "8"),
    retold=retold(),
    nowhere=train("nowhere", "--data", str(WHERE / "nowhere")),
    early=train("early", *("--max-steps", "60", "--evaluate-every", "1"),
                *("--learning-rate", "3", "--patience", "2", "--warmup", "0")),
    early_steps=record("early")["steps"],
    long=train("long", "--max-length", "300"),
    packed=train("packed", "--packing"),
    counted=packed(),
    endless=train("endless", "--template", str(endless)),
    rank=train("rank", "--rank", "32"),
    head=train("head", "--targets", "q_proj,lm_head"),
    outside=train("outside", "--tracker", "wandb"),
    launched=[load_config_from_file(str(each)).distributed_type.value
              for each in sorted((Path(stage.__file__).parent / "launch").iterdir())],
    quantised=train("nf4", "--quantisation", "nf4", "--max-steps", "2")
    if find_spec("bitsandbytes") else "",
    faults=read_adapter(WHERE / "whole" / "adapter").faults,
    record=record("whole"),
    files=sorted(each.name for each in (WHERE / "whole" / "adapter").iterdir()),
)  # fmt: skip
