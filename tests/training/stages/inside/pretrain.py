"""Continual pre-training on corpora that are too small, repetitive, and good enough."""

import json
import random
import sys
from pathlib import Path

import tiny
from click import ClickException

from training import pretrain

WHERE = Path(sys.argv[1])
WORDS = [
    f"{a}{b}" for a in ("ka", "lo", "mi", "su", "te") for b in ("ran", "ves", "dol")
]
QUICK = [
    *("--base", str(WHERE / "base"), "--rank", "4", "--max-length", "64"),
    *("--batch", "2", "--accumulation", "1", "--max-steps", "4"),
    *("--evaluate-every", "2", "--no-checkpointing", "--warmup", "0"),
    *("--learning-rate", "0.001", "--general-rise", "0.5"),
]


def texts(count, *, seed):
    chance = random.Random(seed)
    return [{"text": " ".join(chance.choices(WORDS, k=60))} for _ in range(count)]


def train(out, rows, *more):
    data = WHERE / f"rows-{out}"
    tiny.write(data / "pretrain" / "train.jsonl", rows)
    tiny.write(data / "pretrain" / "general.jsonl", texts(3, seed=2))
    tiny.write(data / "pretrain" / "dev.jsonl", texts(3, seed=3))
    places = ["--data", str(data), "--out", str(WHERE / out)]
    try:
        pretrain.main([*QUICK, *places, *more], standalone_mode=False)
    except ClickException as error:
        return error.message
    return "finished"


def retold():
    """Go on with the finished run, after the texts that it was watched by changed."""
    general = WHERE / "rows-good" / "pretrain" / "general.jsonl"
    tiny.write(general, texts(3, seed=4))
    places = ["--data", str(WHERE / "rows-good"), "--out", str(WHERE / "good")]
    try:
        pretrain.main([*QUICK, *places, *enough], standalone_mode=False)
    except ClickException as error:
        return error.message
    return "finished"


tiny.base(WHERE / "base", [tiny.sft(tiny.cases()[0])])
good = texts(12, seed=1)
enough = ("--least-tokens", "1000")
tiny.told(
    good=train("good", good, *enough),
    small=train("small", good),
    repeated=train("repeated", good[:6] + good[:6], *enough),
    forgetting=train("forgetting", good, *enough, "--learning-rate", "5",
                     "--general-rise", "0"),
    record=json.loads((WHERE / "good" / "run.json").read_text()),
    retold=retold(),
)  # fmt: skip
