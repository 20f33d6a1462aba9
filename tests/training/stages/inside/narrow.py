"""The loss of the trainer for one CPU beside trl's own; products in bfloat16."""

import json
import sys
from pathlib import Path

import tiny
import torch
from click import ClickException
from safetensors.torch import load_file
from trl import SFTTrainer

from training import sft
from training.model import tokenizer_of
from training.narrow import NarrowTrainer
from training.origins import resolve
from training.stage import Run

WHERE = Path(sys.argv[1])
ROWS = [tiny.sft(each) for each in tiny.cases()]
# The first is the shortest of prompts: batches differ in length, and are padded.
ROWS[0] = {**ROWS[0], "prompt": [{"role": "user", "content": "Chest pain."}]}
QUICK = [
    *("--base", str(WHERE / "base"), "--data", str(WHERE / "rows")),
    *("--batch", "2", "--accumulation", "2", "--rank", "4", "--learning-rate", "0.01"),
    *("--max-steps", "4", "--evaluate-every", "2", "--no-checkpointing"),
    *("--dropout", "0", "--warmup", "0"),
]


def trainer():
    """Return the stage's own trainer, and an adapter that is not zero."""
    settings = resolve(sft.SftSettings, "sft", given={"rank": 4, "dropout": 0.0})
    run = Run(
        stage="sft", resolved=settings, data=WHERE / "rows", out=WHERE / "losses",
        base=WHERE / "base", adapter=None,
    )  # fmt: skip
    made = sft.trainer_of(run, tokenizer_of(run.base, run.settings), {"train": ROWS})
    torch.manual_seed(3)
    for name, each in made.model.named_parameters():
        if "lora_B" in name:
            each.data.normal_(std=0.2)
    return made


def losses(made):
    """Return how far losses and gradients are apart, for batches of 1, 2 and 3 rows."""
    rows = [made.train_dataset[each] for each in range(6)]
    batches = [made.data_collator(those) for those in (rows[:1], rows[1:3], rows[3:])]
    wanted = sum(int((each["labels"][:, 1:] != -100).sum()) for each in batches)
    for batch in batches:
        ours = differentiated(made, NarrowTrainer, batch, wanted)
        theirs = differentiated(made, SFTTrainer, batch, wanted)
        alone = [
            each.compute_loss(made, made.model, {**batch}).item()
            for each in (NarrowTrainer, SFTTrainer)
        ]
        yield {
            "tokens": int((batch["labels"] != -100).sum()),
            "padded": not batch["attention_mask"].all().item(),
            "loss": ours[0],
            "apart": abs(ours[0] - theirs[0]),
            "apart_alone": abs(alone[0] - alone[1]),
            "gradients_apart": (ours[1] - theirs[1]).abs().max().item(),
            "gradients": ours[1].abs().max().item(),
        }


def differentiated(made, kind, batch, wanted):
    """Return the loss as one trainer computes it, and its gradients in one row."""
    made.model.zero_grad()
    loss = kind.compute_loss(
        made, made.model, {**batch}, num_items_in_batch=torch.tensor(wanted)
    )
    loss.backward()
    learned = [each for each in made.model.parameters() if each.requires_grad]
    return loss.item(), torch.cat([each.grad.flatten() for each in learned])


def train(out, *more):
    try:
        sft.main([*QUICK, "--out", str(WHERE / out), *more], standalone_mode=False)
    except ClickException as error:
        return error.message
    except SystemExit as stopped:
        return stopped.code
    return "finished"


def by_trl(out):
    """Train with trl's own trainer."""
    sft.NarrowTrainer = SFTTrainer
    try:
        return train(out)
    finally:
        sft.NarrowTrainer = NarrowTrainer


def history(out, name):
    told = json.loads((WHERE / out / "run.json").read_text())["history"]
    return [each[name] for each in told if name in each]


def weights(out):
    return load_file(WHERE / out / "adapter" / "adapter_model.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all((one[k] == other[k]).all() for k in one)


tiny.base(WHERE / "base", ROWS)
tiny.write(WHERE / "rows" / "sft" / "train.jsonl", ROWS[:8])
tiny.write(WHERE / "rows" / "sft" / "dev.jsonl", ROWS[8:])
tiny.write(WHERE / "alone" / "sft" / "train.jsonl", ROWS[:8])
alone = ("--data", str(WHERE / "alone"), "--precision", "mixed")
made = trainer()
tiny.told(
    kind=type(made).__name__,
    losses=[*losses(made)],
    ended=[train("narrow"), by_trl("trl"), train("mixed", "--precision", "mixed")],
    histories={
        out: {name: history(out, name) for name in ("loss", "grad_norm", "eval_loss")}
        for out in ("narrow", "trl", "mixed")
    },
    types=sorted({str(each.dtype) for each in weights("mixed").values()}),
    interrupted=[
        train("whole", *alone),
        train("parts", *alone, "--stop-after-steps", "3"),
        train("parts", *alone),
    ],
    same=same(weights("whole"), weights("parts")),
    odd=train("odd", "--precision", "half"),
)
