"""Where the cases of a data set are from, how many of each, and in which split."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from training import clinic
from training.corpus import examples
from training.lessons import Item
from training.questions import Question
from training.reasons import Lesson
from training.reidentification import require_anonymous

SHARES: Final[Mapping[str, float]] = {"synthetic": 0.7, "clinic": 0.2, "public": 0.1}
"""The mix where all three exist. Each is taken in proportion to the synthetic cases;
where one has fewer, the data set says so and is not filled up with another."""
_TENTHS = 10
_T = TypeVar("_T")


def wanted(synthetic: int, source: str) -> int:
    """Return how many rows of a source go with so many synthetic ones."""
    return round(synthetic * SHARES[source] / SHARES["synthetic"])


def synthetic_items(count: int, *, seed: int, ticks: Iterable[None]) -> list[Item]:
    """Draw synthetic cases; dev and test hold families of which train has no case."""
    return [
        Item(
            id=made.id,
            source="synthetic",
            split=made.split,
            lesson=Lesson(
                case=made.drawn.case,
                floor=made.drawn.floor,
                acuity=made.drawn.acuity,
                family=made.drawn.family.name,
                injected="injected" in made.drawn.twists,
            ),
        )
        for made in examples(count, seed=seed, progress=ticks)
    ]


def clinic_items(folder: Path) -> tuple[list[Item], Mapping[str, int]]:
    """Read the cases of an export, and count those that are left out, by reason.

    A decision below the floor is left out: the prompt forbids that level, and a model
    is not to learn to go below it. So is an earlier case of a patient of the test.

    Raises:
        UnreadableExportError: the export is not whole.
        IdentifiableError: something in it may lead to a person.

    """
    left: Counter[str] = Counter()
    kept, read = [], [*clinic.read(folder)]
    for number, case in enumerate(read, 1):
        require_anonymous(case.case, case.floor, f"{folder.name}, line {number}")
    tested = {case.person for case in read if clinic.split(case) == "test"}
    for case in read:
        split = clinic.split(case)
        if case.acuity > case.floor.acuity:
            left["decided below the floor"] += 1
        elif split != "test" and case.person in tested:
            left["patient of the test"] += 1
        else:
            kept.append(_item(case, split))
    return kept, dict(left)


def sample(found: Sequence[_T], count: int, *, seed: int) -> list[_T]:
    """Return so many of what was found, drawn evenly, in the order found."""
    if len(found) <= count:
        return [*found]
    chance = random.Random(seed)  # noqa: S311 (which rows are taken is no secret)
    return [found[place] for place in sorted(chance.sample(range(len(found)), count))]


def public_split(question: Question) -> str:
    """Return the split of a public question: by its text, four fifths to train."""
    digest = hashlib.sha256(question.text.encode()).digest()
    return {0: "test", 1: "dev"}.get(digest[0] % _TENTHS, "train")


def public_questions(
    files: Iterable[tuple[Path, Callable[[Path], Iterator[Question]]]],
) -> list[Question]:
    """Read the questions of files that the user brought.

    Raises:
        UnreadableQuestionsError: a file is not what it was said to be.

    """
    return [question for path, read in files for question in read(path)]


def _item(case: clinic.ClinicCase, split: str) -> Item:
    return Item(
        id=f"clinic-{case.id}",
        source="clinic",
        split=split,
        lesson=Lesson(
            case=case.case, floor=case.floor, acuity=case.acuity, decided=True
        ),
        rejected=case.rejected,
        feedback=case.rejected is None,
    )
