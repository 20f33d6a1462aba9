"""Supervised fine-tuning: the model learns to write the answers, not the prompts.

    python -m training.sft --recipe tiny --data rows/ --out runs/sft

Reads sft/train.jsonl and sft/dev.jsonl with `prompt` and `completion`, both lists of
chat messages. What is special:

- Lengths are measured first, and a row that is too long stops the run: trl would cut
  it, and leave it out without a word where nothing of the answer is left.
- The mask is compared with the chat template token by token, for every row, and the
  token that ends an answer must be in the loss: a model that never learned to stop
  does not finish its JSON.
- Rows are packed only where the attention keeps them apart (FlashAttention).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click
import torch
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from training.model import model_of, tokenizer_of
from training.narrow import IGNORED, NarrowTrainer
from training.rows import (
    Lengths,
    Row,
    RowsError,
    all_there,
    conversations,
    measured,
)
from training.schedule import arguments, callbacks
from training.settings import SftSettings
from training.stage import Run, finish, stage


@stage("sft", SftSettings)
def main(run: Run[SftSettings]) -> None:
    """Fine-tune on completions."""
    settings = run.settings
    tokenizer = tokenizer_of(run.base, settings)
    rows = run.rows()
    told = lengths(rows, tokenizer, settings.max_length)
    trainer = trainer_of(run, tokenizer, rows)
    if settings.packing:
        check_packed(trainer.train_dataset, rows["train"], tokenizer)
    else:
        check_masks(trainer.train_dataset, rows["train"], tokenizer)
    finish(run, trainer, lambda: {"lengths": told})


def trainer_of(
    run: Run[SftSettings],
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
    rows: Mapping[str, Sequence[Row]],
) -> SFTTrainer:
    """Return trl's trainer for the rows."""
    settings = run.settings
    config = SFTConfig(
        **arguments(settings, run.out, measured="dev" in rows),
        max_length=settings.max_length,
        packing=settings.packing,
        eval_packing=False,
        completion_only_loss=True,
    )
    trainer = SFTTrainer if torch.cuda.is_available() else NarrowTrainer
    return trainer(
        model=model_of(run.base, settings, run.adapter),
        processing_class=tokenizer,
        args=config,
        **data(rows),
        callbacks=callbacks(settings, measured="dev" in rows),
    )


def lengths(
    rows: Mapping[str, Sequence[Row]],
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
    most: int,
) -> dict[str, dict[str, int]]:
    """Measure the rows of every file in tokens and say so.

    Raises:
        RowsError: a row is too long.

    """
    told = {}
    for name, those in rows.items():
        found = measured(
            those, lambda row: max(_counts(row, tokenizer)), most=most, name=name
        )
        click.echo(
            f"{name}: {found.rows} rows, {found.median} tokens in the middle,"
            f" {found.longest} at most"
        )
        told[name] = _plain(found)
    return told


def data(rows: Mapping[str, Sequence[Row]]) -> dict[str, Dataset | None]:
    """Return the rows as a trainer takes them."""
    return {
        "train_dataset": Dataset.from_list([*rows["train"]]),
        "eval_dataset": Dataset.from_list([*rows["dev"]]) if "dev" in rows else None,
    }


def check_masks(
    prepared: Dataset,
    rows: Sequence[Row],
    tokenizer: Any,  # noqa: ANN401
) -> None:
    """Compare what is in the loss with the chat template, token by token.

    Raises:
        RowsError: a row is missing, a token of a prompt is in the loss, one of an
            answer is not, or the answer's end is not.

    """
    all_there(len(rows), len(prepared), "train")
    for number, (made, row) in enumerate(zip(prepared, rows, strict=True), 1):
        _check_mask(made, row, tokenizer, f"Row {number}")


def check_packed(
    packed: Dataset,
    rows: Sequence[Row],
    tokenizer: Any,  # noqa: ANN401
) -> None:
    """Count the tokens in the loss: packing may move them, but lose none.

    Raises:
        RowsError: they are not as many as the answers have.

    """
    there = sum(label != IGNORED for made in packed for label in made["labels"])
    wanted = sum(
        len(ids([*row["prompt"], *row["completion"]], tokenizer))
        - len(ids(row["prompt"], tokenizer, opened=True))
        for row in rows
    )
    if there != wanted:
        raise RowsError(f"The answers have {wanted} tokens; {there} are in the loss.")


def ids(
    messages: Sequence[Mapping[str, str]],
    tokenizer: Any,  # noqa: ANN401
    *,
    opened: bool = False,
) -> list[int]:
    """Return the tokens of a conversation; `opened` where the model speaks next."""
    made: Any = tokenizer.apply_chat_template(
        list(messages), add_generation_prompt=opened, tokenize=True, return_dict=True
    )
    return list(made["input_ids"])


def _check_mask(
    made: Mapping[str, Sequence[int]],
    row: Row,
    tokenizer: Any,  # noqa: ANN401
    name: str,
) -> None:
    prompt = ids(row["prompt"], tokenizer, opened=True)
    whole = ids([*row["prompt"], *row["completion"]], tokenizer)
    start = len(prompt)
    if list(made["input_ids"]) != whole or whole[:start] != prompt:
        raise RowsError(f"{name}: the template renders prompt and answer differently.")
    if list(made["labels"]) != [IGNORED] * start + whole[start:]:
        raise RowsError(f"{name}: the loss is not on the answer alone.")
    if tokenizer.eos_token_id not in whole[start:]:
        raise RowsError(
            f"{name}: the chat template does not end an answer with the end token,"
            f" {tokenizer.eos_token}: the model would not learn to stop."
        )


def _counts(row: Row, tokenizer: Any) -> list[int]:  # noqa: ANN401
    return [len(ids(each, tokenizer)) for _, each in conversations(row)]


def _plain(found: Lengths) -> dict[str, int]:
    return {"rows": found.rows, "median": found.median, "longest": found.longest}


if __name__ == "__main__":
    main()
