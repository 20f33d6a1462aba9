"""What is asked of the harness, and the command that asks for it."""

import shlex
from dataclasses import dataclass, replace

from tests.crash.faults import faults_of
from tests.crash.schedule import schedule


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a campaign consists of: all that its course depends on, but for timing."""

    seed: str
    database: str
    rounds: int
    faults: tuple
    every: int  # rounds to a folder
    first: int = 1

    def __str__(self):
        """Return the command that asks for it."""
        usual = tuple(self.faults) == faults_of(self.database)
        named = () if usual else self.faults
        words = (
            *("--seed", self.seed, "--database", self.database),
            *("--every", self.every, "--from", self.first, "--rounds", self.rounds),
            *(word for each in named for word in ("--fault", each)),
        )
        return f"python -m tests.crash.harness {shlex.join(map(str, words))}"

    def folders(self):
        """Return the rounds of each folder."""
        all_of_them = schedule(self.seed, self.rounds, self.faults, first=self.first)
        return [
            all_of_them[start : start + self.every]
            for start in range(0, self.rounds, self.every)
        ]

    def folder_of(self, rounds):
        """Return what asks for the rounds of one folder."""
        return replace(self, first=rounds[0].number, rounds=len(rounds))
