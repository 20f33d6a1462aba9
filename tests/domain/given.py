"""Given what happened, when somebody asks, then this follows."""

from dataclasses import dataclass
from functools import reduce
from typing import Any


@dataclass(frozen=True)
class Given:
    """A state machine with a past."""

    decide: Any
    evolve: Any
    state: Any

    def when(self, command):
        """Return the events that a command brings about now."""
        return self.decide(command, self.state)

    def after(self, command):
        """Return the machine as it is once the command is carried out."""
        state = reduce(self.evolve, self.when(command), self.state)
        return Given(self.decide, self.evolve, state)
