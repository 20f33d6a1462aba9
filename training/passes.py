"""GRPO whose order of prompts a resumed run finds again.

trl 1.16 shuffles each pass over the prompts with a generator that goes on from pass to
pass and is in no checkpoint (`trl.trainer.utils.RepeatSampler`): a run that is resumed
after its first pass would see the prompts in the order of the first once more. Here the
order follows from the seed and the number of the pass.
"""

from collections.abc import Callable, Iterator
from typing import Any

from torch.utils.data import Sampler
from trl import GRPOTrainer
from trl.trainer.utils import RepeatSampler


class ResumableGRPOTrainer(GRPOTrainer):  # type: ignore[misc]
    """trl's trainer, which resumes in any pass with the prompts that come next."""

    def _get_train_sampler(self, dataset: Any = None) -> Sampler[int]:  # noqa: ANN401 (trl's shape)
        drawn = super()._get_train_sampler(dataset)
        return Passes(drawn, lambda: int(self.state.epoch or 0))


class Passes(Sampler[int]):  # type: ignore[misc]
    """Numbers of rows as trl repeats them for each group of answers.

    Args:
        drawn: trl's own sampler, with a seed.
        passed: gives how many passes over the prompts lie behind.

    """

    def __init__(self, drawn: RepeatSampler, passed: Callable[[], int]) -> None:
        self._drawn = drawn
        self._passed = passed

    def __iter__(self) -> Iterator[int]:
        """Give one pass, in the order that belongs to it."""
        self._drawn.generator.manual_seed(self._drawn.seed + self._passed())
        yield from self._drawn

    def __len__(self) -> int:
        """Return how many there are in one pass."""
        return len(self._drawn)
