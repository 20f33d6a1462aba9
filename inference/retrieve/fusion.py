"""Several rankings to one."""

from collections import Counter
from collections.abc import Mapping, Sequence

from inference.schema import Passage

# Cormack, Clarke, Büttcher 2009, https://doi.org/10.1145/1571941.1572114
RANK_CONSTANT = 60


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]]) -> dict[int, float]:
    """Fuse rankings of passage numbers into a score from 0 to 1 each.

    A passage that heads every ranking scores 1. The scores are rounded to 12
    digits, so that the order of the rankings cannot decide between equals.
    """
    best = len(rankings) / (RANK_CONSTANT + 1)
    sums: dict[int, float] = {}
    for ranking in rankings:
        for rank, number in enumerate(ranking, 1):
            sums[number] = sums.get(number, 0.0) + 1 / (RANK_CONSTANT + rank)
    return {number: round(total / best, 12) for number, total in sums.items()}


def best_of(passages: Mapping[int, Passage], *, limit: int) -> tuple[Passage, ...]:
    """Take the best-scored passages; among equals prefer the rarer source kind.

    Equals of one kind are taken in the order of their ids, so that the same
    query always gets the same answer.
    """
    taken: list[Passage] = []
    kinds: Counter[str] = Counter()
    remaining = sorted(passages.values(), key=lambda passage: passage.id)
    while remaining and len(taken) < limit:
        best = min(remaining, key=lambda passage: (-passage.score, kinds[passage.kind]))
        remaining.remove(best)
        taken.append(best)
        kinds[best.kind] += 1
    return tuple(taken)
