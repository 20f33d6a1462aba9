"""Preference learning: of two answers the safe one, or from a nurse's yes and no.

    python -m training.prefer dpo --recipe tiny --data rows/ \
        --adapter runs/sft/adapter --out runs/dpo
    python -m training.prefer kto --recipe tiny --data rows/ \
        --adapter runs/dpo/adapter --out runs/kto

DPO (Rafailov R et al., 2023, arXiv:2305.18290) reads `prompt`, `chosen`, `rejected`;
KTO (Ethayarajh K et al., 2024, arXiv:2402.01306) reads `prompt`, `completion`, `label`.
What is special:

- Both are measured against the adapter that they start from, which trl keeps beside
  the one that learns; only the latter is saved.
- DPO keeps a share of the plain loss on the chosen answer, so that its JSON stays JSON.
- In KTO an undesirable answer weighs more than a desirable one: what a nurse raised
  was dangerous, what a nurse accepted was merely right.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import click
from datasets import Dataset
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer

from training.model import model_of, tokenizer_of
from training.rows import Row, RowsError, all_there
from training.schedule import arguments, callbacks
from training.settings import DpoSettings, KtoSettings
from training.sft import data, ids, lengths
from training.stage import Run, finish, stage

_S = TypeVar("_S", DpoSettings, KtoSettings)
_ANSWERS = ("chosen_ids", "rejected_ids", "completion_ids")


@stage("dpo", DpoSettings)
def dpo(run: Run[DpoSettings]) -> None:
    """Learn from pairs of answers to the same prompt."""
    settings, rows = run.settings, run.rows()
    config = DPOConfig(
        **arguments(settings, run.out, measured="dev" in rows),
        max_length=settings.max_length,
        beta=settings.beta,
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, settings.imitation],
    )
    _train(run, rows, DPOTrainer, config)


@stage("kto", KtoSettings)
def kto(run: Run[KtoSettings]) -> None:
    """Learn from answers that were accepted, and answers that were not."""
    settings, rows = run.settings, run.rows()
    if {row["label"] for row in rows["train"]} != {True, False}:
        raise RowsError(
            "kto needs accepted and overridden answers, label true and false."
        )
    config = KTOConfig(
        **arguments(settings, run.out, measured="dev" in rows),
        max_length=settings.max_length,
        beta=settings.beta,
        desirable_weight=settings.desirable,
        undesirable_weight=settings.undesirable,
    )
    _train(run, rows, KTOTrainer, config)


def _train(
    run: Run[_S],
    rows: Mapping[str, Sequence[Row]],
    kind: type[DPOTrainer | KTOTrainer],
    config: DPOConfig | KTOConfig,
) -> None:
    settings = run.settings
    tokenizer = tokenizer_of(run.base, settings)
    told = lengths(rows, tokenizer, settings.max_length)
    trainer = kind(
        model=model_of(run.base, settings, run.adapter),
        processing_class=tokenizer,
        args=config,
        **data(rows),
        callbacks=callbacks(settings, measured="dev" in rows),
    )
    check_answers(trainer.train_dataset, rows["train"], tokenizer)
    finish(run, trainer, lambda: {"lengths": told})


def check_answers(
    prepared: Dataset,
    rows: Sequence[Row],
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
) -> None:
    """Refuse data that a trainer changed: rows left out, prompts or answers cut.

    Raises:
        RowsError: as it says.

    """
    all_there(len(rows), len(prepared), "train")
    for number, (made, row) in enumerate(zip(prepared, rows, strict=True), 1):
        opened = ids(row["prompt"], tokenizer, opened=True)
        if list(made["prompt_ids"]) != opened:
            raise RowsError(
                f"Row {number}: its prompt is not what the template renders."
            )
        answers = [made[name] for name in _ANSWERS if name in made]
        if not answers or any(tokenizer.eos_token_id not in each for each in answers):
            raise RowsError(f"Row {number}: an answer has no end token.")


@click.group(commands=[dpo, kto])
def main() -> None:
    """Learn from preferences."""


if __name__ == "__main__":
    main()
