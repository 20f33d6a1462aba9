"""A model that finds the right and a dangerous answer equally likely, and what DPO, KTO
and GRPO make of it in two steps each."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import tiny
import torch
from click import ClickException
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerState
from trl.trainer.utils import RepeatSampler

from domain.floor.compose import assess
from inference.adapter import WEIGHTS
from training import prefer, reinforce
from training.model import model_of
from training.origins import SettingsError
from training.passes import Passes
from training.reward import reward
from training.settings import ModelSettings
from training.sft import ids

WHERE = Path(sys.argv[1])
_DRAWN = tiny.cases()[0].drawn.case
CASE = replace(
    _DRAWN,
    complaints=(replace(_DRAWN.complaints[0], text="Chest pain with sweating."),),
)
PROMPT = [{"role": "user", "content": "Chest pain and sweating. How urgent is it?"}]
RIGHT, DANGEROUS = (
    tiny.said("Chest pain with sweating may be a heart attack.", each)
    for each in (2, 4)
)
ROWS = {
    "sft": [{"prompt": PROMPT, "completion": RIGHT}] * 4,
    "dpo": [{"prompt": PROMPT, "chosen": RIGHT, "rejected": DANGEROUS}] * 4,
    "kto": [
        {"prompt": PROMPT, "completion": RIGHT, "label": True},
        {"prompt": PROMPT, "completion": DANGEROUS, "label": False},
    ]
    * 2,
    "grpo": [
        {
            "prompt": PROMPT,
            "case": json.loads(msgspec.json.encode(CASE)),
            "floor": json.loads(msgspec.json.encode(assess(CASE))),
            "acuity": 2,
            "passages": json.loads(msgspec.json.encode([tiny.PASSAGE])),
        }
    ]
    * 2,
}
# Each prompt its own, so that a run which resumes with another row is another run.
VARIED = {
    stage: [
        {**row, "prompt": [{**PROMPT[0], "content": f"{PROMPT[0]['content']} {n}"}]}
        for n, row in enumerate(ROWS[stage] * 2, 1)
    ]
    for stage in ("kto", "grpo")
}
ENOUGH = 0.02  # loss: one token of 70 is a matter of chance, and no other
LONG = [  # two prompts or four answers a step, two steps a pass
    *("--data", str(WHERE / "varied"), "--accumulation", "2"),
    *("--max-steps", "4", "--dropout", "0.1"),
]
HALF = Path("checkpoints", "checkpoint-3")
QUICK = [
    *("--base", str(WHERE / "base"), "--data", str(WHERE / "rows")),
    *("--accumulation", "1", "--rank", "4", "--learning-rate", "0.002"),
    *("--warmup", "0", "--max-steps", "2", "--evaluate-every", "1"),
    *("--no-checkpointing", "--dropout", "0"),
]


def plant():
    """Teach the tiny model both answers, until it says hardly anything else."""
    rows = [{"prompt": PROMPT, "completion": each} for each in (RIGHT, DANGEROUS)]
    model, tokenizer = tiny.base(WHERE / "base", rows)
    taught = [ids([*PROMPT, *each], tokenizer) for each in (RIGHT, DANGEROUS)]
    tokens = torch.tensor(taught)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.003)
    for _ in range(600):
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        if loss.item() < ENOUGH:
            break
    model.save_pretrained(WHERE / "base")
    return loss.item()


def chances(out=None):
    """Return the log-probability of the right and of the dangerous answer."""
    model = AutoModelForCausalLM.from_pretrained(WHERE / "base")
    tokenizer = AutoTokenizer.from_pretrained(WHERE / "base")
    if out:
        model = PeftModel.from_pretrained(model, WHERE / out / "adapter")
    start = len(ids(PROMPT, tokenizer, opened=True))
    return [_chance(model, tokenizer, start, each) for each in (RIGHT, DANGEROUS)]


def _chance(model, tokenizer, start, answer):
    tokens = torch.tensor([ids([*PROMPT, *answer], tokenizer)])
    with torch.no_grad():
        logits = model(input_ids=tokens).logits.log_softmax(-1)
    told = logits[0, :-1].gather(1, tokens[0, 1:, None])
    return told[start - 1 :].sum().item()


def train(command, out, *more):
    try:
        command([*QUICK, "--out", str(WHERE / out), *more], standalone_mode=False)
    except ClickException as error:
        return error.message
    except SystemExit as stopped:
        return stopped.code
    return "finished"


def weights(out):
    return load_file(WHERE / out / "adapter" / WEIGHTS)


def same(one, other):
    return one.keys() == other.keys() and all((one[k] == other[k]).all() for k in one)


def interrupted(command, name, *more):
    """Train at once, and in two parts that meet within the second pass."""
    whole, parts = f"{name}-whole", f"{name}-parts"
    more = (*more, *LONG)
    said = [
        train(command, whole, *more),
        train(command, parts, *more, "--stop-after-steps", "3"),
    ]
    shutil.copytree(WHERE / parts, WHERE / f"{name}-half")
    said.append(train(command, parts, *more))
    half = load_file(WHERE / f"{name}-half" / HALF / WEIGHTS)
    return {
        "said": said,
        "same": same(weights(whole), weights(parts)),
        "learned_after_it": not same(weights(whole), half),
    }


def orders():
    """Return the second pass over six prompts: gone on with, and resumed; by whom."""
    gone_on = sampler()
    first = [*gone_on]
    behind = iter((0, 1))
    ours = Passes(sampler(), lambda: next(behind))
    return {
        "first": first,
        "trl": [[*gone_on], [*sampler()]],
        "ours": [[[*ours], [*ours]][1], [*Passes(sampler(), lambda: 1)]],
        "ours_first": [*Passes(sampler(), lambda: 0)],
        "lengths": [len(sampler()), len(ours)],
    }


def sampler():
    return RepeatSampler(range(6), mini_repeat_count=1, seed=3)


def by_other_chances():
    """Resume without the state of the random numbers: does it matter?"""
    (WHERE / "cut-grpo-half" / HALF / "rng_state.pth").unlink()
    train(reinforce.main, "cut-grpo-half", *grpo, *LONG)
    return not same(weights("cut-grpo-whole"), weights("cut-grpo-half"))


def collapse_in_two_parts():
    """Return what is said at the third record if a run is resumed after the second."""
    watch = reinforce.Collapse(0.6)
    for step in range(2):
        watch.on_log(None, TrainerState(global_step=step), None, {"too_urgent": 0.9})
    try:
        reinforce.Collapse.from_state(watch.state()).on_log(
            None, TrainerState(global_step=2), None, {"too_urgent": 0.9}
        )
    except SettingsError as error:
        return str(error)
    return ""


def kept_in_the_checkpoint():
    file = WHERE / "cut-grpo-parts" / HALF / "trainer_state.json"
    return [*json.loads(file.read_text())["stateful_callbacks"]]


def collapse(shares):
    """Return what is said after records with these shares of too urgent answers."""
    watch = reinforce.Collapse(0.6)
    try:
        for step, share in enumerate(shares):
            state = TrainerState(global_step=step)
            watch.on_log(
                None, state, None, {} if share is None else {"too_urgent": share}
            )
    except SettingsError as error:
        return str(error)
    return ""


def worth(answer):
    row = json.loads(
        (WHERE / "rows" / "grpo" / "train.jsonl").read_text().split("\n")[0]
    )
    asked = reinforce.asked({k: row[k] if k == "acuity" else json.dumps(row[k]) for k in
                             ("case", "floor", "acuity", "passages")})  # fmt: skip
    return reward(answer[0]["content"], "stop", asked)


for stage, rows in ROWS.items():
    tiny.write(WHERE / "rows" / stage / "train.jsonl", rows)
tiny.write(WHERE / "one" / "kto" / "train.jsonl", ROWS["kto"][:1])
for stage, rows in VARIED.items():
    tiny.write(WHERE / "varied" / stage / "train.jsonl", rows)
planted = plant()
first = ("--batch", "2", "--adapter", str(WHERE / "dpo" / "adapter"))
grpo = ("--batch", "8", "--most-answer", "160", "--seed", "3")
tiny.told(
    planted=planted,
    before=chances(),
    worth=[worth(RIGHT), worth(DANGEROUS)],
    dpo=train(prefer.dpo, "dpo", "--batch", "2"),
    kto=train(prefer.kto, "kto", "--batch", "4"),
    grpo=train(reinforce.main, "grpo", *grpo),
    after={out: chances(out) for out in ("dpo", "kto", "grpo")},
    # On top of an adapter, trl keeps a copy of it beside the one that learns.
    further=train(prefer.dpo, "further", *first),
    stopped=train(prefer.dpo, "parts", *first, "--stop-after-steps", "1"),
    resumed=train(prefer.dpo, "parts", *first),
    same=same(weights("further"), weights("parts")),
    interrupted={
        "kto": interrupted(prefer.kto, "cut-kto", "--batch", "2"),
        "grpo": interrupted(reinforce.main, "cut-grpo", *grpo),
    },
    orders=orders(),
    by_other_chances=by_other_chances(),
    kept_in_the_checkpoint=kept_in_the_checkpoint(),
    collapsed_in_two_parts=collapse_in_two_parts(),
    folders=[each.name for each in (WHERE / "further" / "adapter").iterdir()
             if each.is_dir()],
    asks_the_hub_for=model_of(
        WHERE / "base", ModelSettings(rank=4), WHERE / "dpo" / "adapter"
    ).peft_config["default"].base_model_name_or_path,
    alone=train(prefer.kto, "alone", "--batch", "1"),
    one=train(prefer.kto, "one", "--batch", "2", "--data", str(WHERE / "one")),
    uneven=train(reinforce.main, "uneven", "--batch", "6"),
    free=train(reinforce.main, "free", *grpo, "--beta", "0"),
    collapsed=collapse([0.7, None, 0.8, 0.9]),
    recovered=collapse([0.7, 0.8, 0.1, 0.9, 0.9]),
    history=json.loads((WHERE / "grpo" / "run.json").read_text())["history"],
)  # fmt: skip
