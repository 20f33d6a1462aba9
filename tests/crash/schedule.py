"""What happens to the gateway, and when: all of it drawn from one seed."""

import random
from dataclasses import dataclass

_SOONEST_S, _LATEST_S = 0.02, 0.7


@dataclass(frozen=True, kw_only=True)
class Round:
    """One fault: after how much load it comes, and how long it lasts, in seconds."""

    number: int
    fault: str
    after_s: float
    lasts_s: float
    seed: str

    @property
    def chance(self):
        """Return this round's own source of random choices."""
        return random.Random(self.seed)

    def __str__(self):
        return f"round {self.number} ({self.fault} after {self.after_s:.2f} s)"


def schedule(seed, count, faults, *, first=1):
    """Return `count` rounds of a seed, from the first on.

    Every fault comes once before one comes again. A round is the same whatever is
    asked for before and behind it.
    """
    return [_drawn(seed, first + place, faults) for place in range(count)]


def _drawn(seed, number, faults):
    cycle, place = divmod(number - 1, len(faults))
    order = random.Random(f"{seed}/cycle/{cycle}").sample(faults, len(faults))
    chance = random.Random(f"{seed}/{number}/when")
    return Round(
        number=number,
        fault=order[place],
        after_s=chance.uniform(_SOONEST_S, _LATEST_S),
        lasts_s=chance.uniform(0.05, 0.4),
        seed=f"{seed}/{number}",
    )
