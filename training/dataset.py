"""Rows to train on, with a manifest of all they were made of.

    python -m training.dataset --synthetic 7000 --seed 7 --out rows/
    python -m training.dataset --synthetic 7000 --clinic export/ --medqa us.jsonl \
        --against cases/evaluation.jsonl --out rows/

Writes STAGE/train.jsonl, STAGE/dev.jsonl and STAGE/test.jsonl for the stages sft, dpo,
kto and grpo, and at last `manifest.json`: a folder without one is unfinished. What is
special:

- Every reference answer passes the checks of the service as it is, every rejected one
  provably does not, or the build stops.
- Families and patients have one split, the newest clinic cases are the test, near
  repetitions are left out, and so is what an evaluation set holds (`--against`).
- Clinic cases are searched for anything that leads to a person; one finding stops it.
"""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from inference.showing import FULL, SHORT
from training import questions
from training.account import UnfitRowsError, body, require_fit, sha256
from training.answers import UnfairAnswerError
from training.clinic import UnreadableExportError
from training.evidence import Library
from training.generate import SPLITS
from training.lessons import (
    STAGES,
    Item,
    Row,
    grounded,
    public_row,
    rows,
    unpaired,
)
from training.manifest import manifest
from training.mixing import (
    clinic_items,
    public_questions,
    public_split,
    sample,
    synthetic_items,
    wanted,
)
from training.record import write_record
from training.reidentification import IdentifiableError
from training.separation import (
    Evaluated,
    UnreadableSetError,
    apart,
    substance,
    words_of,
)

_ERRORS = (
    *(UnfairAnswerError, UnfitRowsError, UnreadableExportError, IdentifiableError),
    *(questions.UnreadableQuestionsError, UnreadableSetError),
)
Made = dict[str, dict[str, list[Row]]]
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option(
    "--synthetic", type=click.IntRange(1), default=7000, show_default=True,
    help="Synthetic cases.",
)  # fmt: skip
@click.option("--seed", default=7, show_default=True, help="The same gives the same.")
@click.option("--clinic", type=_FOLDER, help="Folder of `export training`.")
@click.option("--medqa", type=_FILE, multiple=True, help="MedQA, JSON lines.")
@click.option("--pubmedqa", type=_FILE, multiple=True, help="PubMedQA, JSON.")
@click.option("--medmcqa", type=_FILE, multiple=True, help="MedMCQA, JSON lines.")
@click.option(
    "--first-option",
    type=click.IntRange(0, 1),
    default=1,
    show_default=True,
    help="The number by which MedMCQA's cop means A.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="Evaluation set to be kept apart from: file or folder.",
)
@click.option("--short", is_flag=True, help="Short prompts: one passage, 240 letters.")
@click.option("--index", type=_FOLDER, help="Folder to keep the knowledge index in.")
@click.option("--out", type=_FOLDER, required=True, help="Empty or new folder.")
def main(out: Path, index: Path | None, **asked: Any) -> None:  # noqa: ANN401 (click's)
    """Make rows for every stage of training."""
    if out.exists() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty: name another folder.")
    try:
        with TemporaryDirectory() as apart_from_rows:
            told = build(out, index=index or Path(apart_from_rows), **asked)
    except _ERRORS as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(told["mix"], indent=2))


def build(out: Path, *, index: Path, short: bool, seed: int, **asked: Any) -> Row:  # noqa: ANN401
    """Make the rows, write them, and return the manifest.

    Raises:
        UnfairAnswerError: a reference answer fails a check, or a wrong one none.
        UnfitRowsError: placeholders, or rows that repeat each other.
        UnreadableExportError: the clinic's export is not whole.
        IdentifiableError: it holds what may lead to a person.
        UnreadableQuestionsError: a public file is not what it was said to be.
        UnreadableSetError: an evaluation set has no text.

    """
    library = Library.starter(index, SHORT if short else FULL)
    evaluated = Evaluated(asked["against"])
    items, public, mix = _collected(seed=seed, evaluated=evaluated, **asked)
    made = _made(items, library, seed=seed)
    for question in public:
        made["sft"][public_split(question)].append(public_row(question))
    _feedback(made)
    for split in SPLITS:
        _shuffled(made, split, seed)
    require_fit([row for split in SPLITS for row in made["sft"][split]])
    files = _written(out, made)
    told = manifest(
        made, mix=mix, files=files, library=library, seed=seed, short=short, asked=asked
    )
    write_record(out / "manifest.json", told)
    return told


def _collected(
    *,
    synthetic: int,
    clinic: Path | None,
    seed: int,
    evaluated: Evaluated,
    **asked: Any,  # noqa: ANN401 (click's values)
) -> tuple[list[Item], list[questions.Question], Row]:
    """Return the cases and questions that are taken, and the account of the mix."""
    with click.progressbar(range(synthetic), label="Cases") as bar:
        drawn = synthetic_items(synthetic, seed=seed, ticks=(None for _ in bar))
    theirs, left = clinic_items(clinic) if clinic else ([], {})
    asked_of = public_questions(_files(**asked))
    there = {"synthetic": len(drawn), "clinic": len(theirs), "public": len(asked_of)}
    items = [*drawn, *sample(theirs, wanted(synthetic, "clinic"), seed=seed)]
    public = sample(asked_of, wanted(synthetic, "public"), seed=seed)
    clean = [
        each for each in items if not evaluated.touches(words_of(each.lesson.case))
    ]
    fresh = [each for each in public if not evaluated.touches(each.text)]
    marked = ((each.split, substance(each.lesson.case), each) for each in clean)
    kept, twice = apart(marked)
    asking, again = apart((public_split(each), each.text, each) for each in fresh)
    return kept, asking, {
        "found": there,
        "left_out": {
            **left,
            "in an evaluation set": len(items) - len(clean) + len(public) - len(fresh),
            "near repetition": twice + again,
        },
        "evaluation_texts": evaluated.texts,
    }  # fmt: skip


def _files(
    *, medqa: Sequence[Path], pubmedqa: Sequence[Path], medmcqa: Sequence[Path],
    first_option: int, **_: object,
) -> list[tuple[Path, Any]]:  # fmt: skip
    return [
        *((path, questions.medqa) for path in medqa),
        *((path, questions.pubmedqa) for path in pubmedqa),
        *((path, partial(questions.medmcqa, first=first_option)) for path in medmcqa),
    ]


def _made(items: Sequence[Item], library: Library, *, seed: int) -> Made:
    made: Made = {stage: {split: [] for split in SPLITS} for stage in STAGES}
    with click.progressbar(items, label="Answers") as bar:
        for item in bar:
            told, kind, right = grounded(item, library, seed=seed)
            for stage, row in rows(told, kind, right, seed=seed):
                made[stage][item.split].append(row)
    return made


def _feedback(made: Made) -> None:
    """Fill in for nurses where they gave no feedback of both kinds, and say so."""
    if {row["label"] for row in made["kto"]["train"]} == {True, False}:
        return
    sides: dict[str, list[Row]] = defaultdict(list)
    for split in SPLITS:
        for place, pair in enumerate(made["dpo"][split]):
            sides[split].append(unpaired(pair, chosen=place % 2 == 0))
    made["kto"] = {split: [*made["kto"][split], *sides[split]] for split in SPLITS}


def _shuffled(made: Made, split: str, seed: int) -> None:
    chance = random.Random(f"{seed} {split}")  # noqa: S311 (an order is no secret)
    for stage in STAGES:
        chance.shuffle(made[stage][split])


def _written(out: Path, made: Made) -> dict[str, str]:
    """Write what there is; a split without a row has no file, as stages expect."""
    files = {}
    for stage, splits in made.items():
        (out / stage).mkdir(parents=True, exist_ok=True)
        for split in filter(splits.get, splits):
            content = body(splits[split])
            (out / stage / f"{split}.jsonl").write_bytes(content)
            files[f"{stage}/{split}.jsonl"] = sha256(content)
    return files


if __name__ == "__main__":
    main()
