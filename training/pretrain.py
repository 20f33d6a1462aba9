"""Continual pre-training on texts of the field; optional, and seldom worth it.

    python -m training.pretrain --recipe smollm2-135m --data rows/ --out runs/pretrain

Reads pretrain/train.jsonl, pretrain/dev.jsonl and pretrain/general.jsonl, each with
`text`. What is special:

- A corpus that is too small or repeats itself is refused: a model learns it by heart
  and forgets the rest.
- The perplexity on general texts, which are not of the field, is watched: once it has
  risen too far, the run ends without an adapter.
- A text is cut into pieces; pieces of two texts never share a sequence.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from datasets import Dataset
from transformers import (
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl import SFTConfig, SFTTrainer

from training import rows
from training.model import model_of, tokenizer_of
from training.rows import RowsError
from training.schedule import arguments
from training.settings import PretrainSettings
from training.stage import Run, finish, stage

PHRASE = 8
"""Words of a phrase that hardly ever occurs twice by chance."""
_MOST_LOSS = 700.0  # of which a float still holds the exponential


@stage("pretrain", PretrainSettings)
def main(run: Run[PretrainSettings]) -> None:
    """Go on with pre-training."""
    settings = run.settings
    tokenizer = tokenizer_of(run.base, settings)
    texts = {name: [row["text"] for row in those] for name, those in run.rows().items()}
    cut = {
        name: pieces(those, tokenizer, settings.max_length)
        for name, those in texts.items()
    }
    told = figures(texts["train"], cut["train"])
    click.echo(
        f"train: {told['tokens']:,.0f} tokens; {told['repeated']:.0%} of its phrases"
        " stand in it more than once"
    )
    check(told, settings)
    trainer = trainer_of(run, tokenizer, cut)
    rows.all_there(len(cut["train"]), len(trainer.train_dataset), "train")
    watch = Forgetting(perplexity(trainer, "general"), settings.general_rise)
    click.echo(f"general perplexity at the start: {watch.begun:.2f}")
    trainer.add_callback(watch)
    finish(run, trainer, lambda: {**told, "general": [watch.begun, watch.now]})


def trainer_of(
    run: Run[PretrainSettings],
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
    cut: Mapping[str, Sequence[Mapping[str, Sequence[int]]]],
) -> SFTTrainer:
    """Return trl's trainer for pieces of texts; all but `train` are measured on."""
    settings = run.settings
    told = arguments(settings, run.out, measured=True)
    # Several sets are measured: none of them says which checkpoint is the best.
    told |= {"load_best_model_at_end": False, "metric_for_best_model": None}
    sets = {name: Dataset.from_list([*those]) for name, those in cut.items()}
    return SFTTrainer(
        model=model_of(run.base, settings, run.adapter),
        processing_class=tokenizer,
        args=SFTConfig(**told, max_length=settings.max_length, packing=False),
        train_dataset=sets.pop("train"),
        eval_dataset=sets,
    )


def pieces(
    texts: Sequence[str],
    tokenizer: Any,  # noqa: ANN401 (one class for each model)
    most: int,
) -> list[dict[str, list[int]]]:
    """Return the texts in tokens, cut into pieces of at most `most`."""
    return [
        {"input_ids": piece, "labels": piece}
        for text in texts
        for piece in _cut(tokenizer(text)["input_ids"] + [tokenizer.eos_token_id], most)
    ]


def figures(
    texts: Sequence[str], learned: Sequence[Mapping[str, Sequence[int]]]
) -> dict[str, float]:
    """Return how large a corpus is, and which share of its phrases repeats."""
    phrases = Counter(phrase for text in texts for phrase in _phrases(text))
    repeated = sum(count for count in phrases.values() if count > 1)
    return {
        "texts": len(texts),
        "tokens": sum(len(piece["input_ids"]) for piece in learned),
        "repeated": repeated / max(1, phrases.total()),
    }


def check(told: Mapping[str, float], settings: PretrainSettings) -> None:
    """Refuse a corpus that would be learned by heart.

    Raises:
        RowsError: it is too small, or repeats itself.

    """
    if told["tokens"] < settings.least_tokens:
        raise RowsError(
            f"The corpus has {told['tokens']:,.0f} tokens; least_tokens is"
            f" {settings.least_tokens:,}: leave this stage out."
        )
    if told["repeated"] > settings.most_repeated:
        raise RowsError(
            f"{told['repeated']:.0%} of the corpus's phrases of {PHRASE} words stand in"
            " it more than once: remove what is in it twice, or leave this stage out."
        )


def perplexity(trainer: Trainer, name: str) -> float:
    """Return the perplexity on one of the sets that are measured."""
    found = trainer.evaluate(
        trainer.eval_dataset[name], metric_key_prefix=f"eval_{name}"
    )
    return _exp(found[f"eval_{name}_loss"])


def _exp(loss: float) -> float:
    """Return a perplexity; one that is no number is as bad as can be."""
    return math.exp(loss) if loss < _MOST_LOSS else math.inf


class Forgetting(TrainerCallback):  # type: ignore[misc]
    """Stops a run that makes the model worse at everything else."""

    def __init__(self, begun: float, rise: float) -> None:
        self.begun = self.now = begun
        self.most = begun * (1 + rise)

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002 (transformers' shape)
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        metrics: Mapping[str, float],
        **_: object,
    ) -> None:
        """Compare the perplexity on general texts with the one at the start.

        Raises:
            RowsError: it has risen too far.

        """
        if "eval_general_loss" not in metrics:
            return
        self.now = _exp(metrics["eval_general_loss"])
        if self.now > self.most:
            raise RowsError(
                f"At step {state.global_step} the general perplexity, {self.now:.2f},"
                f" is over {self.most:.2f}: lower learning_rate, or leave this out."
            )


def _cut(ids: Sequence[int], most: int) -> Iterator[list[int]]:
    return (list(ids[place : place + most]) for place in range(0, len(ids), most))


def _phrases(text: str) -> Iterator[str]:
    words = text.casefold().split()
    return (" ".join(words[i : i + PHRASE]) for i in range(len(words) - PHRASE + 1))


if __name__ == "__main__":
    main()
