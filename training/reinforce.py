"""Reinforcement from rewards that can be verified: the better of several answers win.

    python -m training.reinforce --recipe tiny --data rows/ \
        --adapter runs/dpo/adapter --out runs/grpo

GRPO (Shao Z et al., 2024, arXiv:2402.03300) reads `prompt` and what the answer is
judged by: `case`, `floor`, `acuity`, `passages`. What is special:

- The reward is `training.reward`, a table without a model in it.
- It is held to where it started (`beta` above 0; trl's own default is 0).
- The shares of answers that are too urgent, too calm, below the floor and unreadable
  are in the record. A model that calls everybody urgent earns no penalty for the sick,
  so a run of which too many answers are too urgent is stopped.
- Answers are never logged: they repeat the patient.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import click
import msgspec
from datasets import Dataset
from transformers import (
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer_callback import ExportableState
from trl import GRPOConfig

from domain.answers import PassageShown
from domain.values import Acuity, Case, Floor
from training.model import model_of, tokenizer_of
from training.origins import SettingsError
from training.passes import ResumableGRPOTrainer
from training.reward import TABLE, VERSION, Asked, earned
from training.rows import Row, all_there, measured
from training.schedule import arguments
from training.settings import GrpoSettings
from training.sft import ids
from training.stage import Run, finish, stage

WATCHED: Final[Mapping[str, frozenset[str]]] = {
    "too_urgent": frozenset({"one more urgent", "far more urgent"}),
    "too_calm": frozenset({"one less urgent", "two less urgent", "far less urgent"}),
    "below_the_floor": frozenset({"below the floor"}),
    "unreadable": frozenset({"unreadable"}),
    "withheld": frozenset({"withheld"}),
}
"""Shares that are recorded, and the rows of the reward's table that they count."""
_IN_A_ROW = 3


@stage("grpo", GrpoSettings)
def main(run: Run[GrpoSettings]) -> None:
    """Learn from verified rewards."""
    settings = run.settings
    tokenizer = tokenizer_of(run.base, settings)
    rows = run.rows()["train"]
    told = measured(
        rows,
        lambda row: len(ids(row["prompt"], tokenizer, opened=True)),
        most=settings.max_length - settings.most_answer,
        name="train",
    )
    click.echo(f"train: {told.rows} prompts, {told.longest} tokens at most")
    config = GRPOConfig(
        **arguments(settings, run.out, measured=False),
        beta=settings.beta,
        num_generations=settings.generations,
        max_completion_length=settings.most_answer,
        temperature=settings.temperature,
        loss_type="dr_grpo",
        scale_rewards="group",
        mask_truncated_completions=True,
        log_completions=False,
    )
    trainer = ResumableGRPOTrainer(
        model=model_of(run.base, settings, run.adapter),
        reward_funcs=rewards(tokenizer.eos_token_id),
        processing_class=tokenizer,
        args=config,
        train_dataset=Dataset.from_list(rows),
        callbacks=[Collapse(settings.most_too_urgent)],
    )
    all_there(len(rows), len(trainer.train_dataset), "train")
    finish(run, trainer, lambda: {"reward": {"version": VERSION, "table": {**TABLE}}})


def rewards(end: int) -> Callable[..., list[float]]:
    """Return the function that trl asks: it judges each answer by the table.

    Args:
        end: the token that ends an answer; one without it was cut off.

    """

    def triage_reward(
        completions: Sequence[Sequence[Mapping[str, str]]],
        completion_ids: Sequence[Sequence[int]],
        log_metric: Callable[[str, float], None],
        **columns: Sequence[Any],
    ) -> list[float]:
        found = []
        for place, (answer, tokens) in enumerate(
            zip(completions, completion_ids, strict=True)
        ):
            row = {name: columns[name][place] for name in _JUDGED}
            finish = "stop" if end in tokens else "length"
            found.append(earned(answer[0]["content"], finish, asked(row)))
        for name, share in shares(found).items():
            log_metric(name, share)
        return [sum(TABLE[each] for each in those) for those in found]

    return triage_reward


_JUDGED: Final = ("case", "floor", "acuity", "passages")


def asked(row: Row) -> Asked:
    """Return what an answer is judged by."""
    return Asked(
        case=msgspec.json.decode(row["case"], type=Case),
        floor=msgspec.json.decode(row["floor"], type=Floor),
        acuity=Acuity(row["acuity"]),
        passages=msgspec.json.decode(row["passages"], type=tuple[PassageShown, ...]),
    )


def shares(found: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return which share of answers earned what is watched."""
    counted = Counter(
        name
        for those in found
        for name, watched in WATCHED.items()
        if watched & {*those}
    )
    return {name: counted[name] / len(found) for name in WATCHED}


class Collapse(TrainerCallback, ExportableState):  # type: ignore[misc]
    """Stops a run in which most answers are more urgent than the patient.

    Its count is in the checkpoints: to be interrupted starts no new one.
    """

    def __init__(self, most: float) -> None:
        self.most, self.times = most, 0

    def state(self) -> dict[str, dict[str, float]]:
        """Return what a checkpoint keeps (transformers' shape)."""
        return {"args": {"most": self.most}, "attributes": {"times": self.times}}

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 (trl's shape)
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: Mapping[str, float] | None = None,
        **_: object,
    ) -> None:
        """Count records in a row that are over the share.

        Raises:
            SettingsError: there were three.

        """
        share = (logs or {}).get("too_urgent")
        if share is None:
            return
        self.times = self.times + 1 if share > self.most else 0
        if self.times >= _IN_A_ROW:
            raise SettingsError(
                f"At step {state.global_step}, {share:.0%} of the answers are too"
                " urgent: balance the levels of the prompts, or raise beta."
            )


if __name__ == "__main__":
    main()
