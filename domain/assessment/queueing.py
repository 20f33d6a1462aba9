"""How far to the front of the queue a Task stands, beyond its level and its waiting.

Nothing here changes a level or when a Task is overdue, and nothing makes a Task less
urgent: whatever a model answers, its Task stands no further back than without it.
"""

from typing import Final

from domain.assessment.escalation import priority
from domain.assessment.state import Assessment
from domain.values import Acuity

FAR_APART: Final = 2
"""Levels between rules and model that no nurse should have to find out by herself."""


def place(state: Assessment) -> Acuity | None:
    """Return the level whose priority the Task shows; None before the rules' answer.

    Incomplete data make it at least urgent, since what is unknown is not normal. Where
    a model that counts and the rules differ by two levels or more, it is the next more
    urgent one than it would be: a nurse looks there first.
    """
    level = priority(state)
    if level is None or state.floor is None:
        return level
    if disagrees(state) and counts(state):
        level = Acuity(max(level - 1, Acuity.RESUSCITATION))
    return level if state.floor.complete else min(level, Acuity.URGENT)


def disagrees(state: Assessment) -> bool:
    """Say whether rules and model differ by two levels or more on the same data."""
    if state.floor is None or state.draft is None or state.draft.acuity is None:
        return False
    return apart(state.floor.acuity, state.draft.acuity)


def apart(floor: Acuity, model: Acuity) -> bool:
    """Say whether two levels are two or more apart."""
    return abs(floor - model) >= FAR_APART


def counts(state: Assessment) -> bool:
    """Say whether the model that answered may raise, and is not in shadow."""
    return state.run is not None and not state.run.shadow
