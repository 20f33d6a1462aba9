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


def schedule(seed, count, faults):
    """Return the rounds of a seed; every fault comes once before one comes again."""
    chance = random.Random(f"{seed}/schedule")
    drawn = []
    while len(drawn) < count:
        drawn += chance.sample(faults, len(faults))
    return [
        Round(
            number=number,
            fault=fault,
            after_s=chance.uniform(_SOONEST_S, _LATEST_S),
            lasts_s=chance.uniform(0.05, 0.4),
            seed=f"{seed}/{number}",
        )
        for number, fault in enumerate(drawn[:count], 1)
    ]
