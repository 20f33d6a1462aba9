"""What a version of an assessment was made of: by rules, by a model, by one before."""

from dataclasses import dataclass
from enum import StrEnum

from domain.answers import ModelRun
from domain.assessment.state import Assessment
from domain.values import Reference


class Maker(StrEnum):
    """Who made it."""

    RULES = "rules"
    MODEL = "model"
    RAISED = "raised"  # a model on earlier data, whose raise still stands


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One maker of an assessment, and all that it rested on.

    `rules` is the version of the rules; a model was shown their floor. `run` is None
    where the rules themselves are the maker.
    """

    maker: Maker
    rules: str
    inputs: tuple[Reference, ...]
    run: ModelRun | None = None


def bases(state: Assessment) -> tuple[Basis, ...]:
    """Return what the newest version rests on, the rules first; none before them."""
    if state.floor is None:
        return ()
    rules, inputs = state.floor.rules, state.case.inputs if state.case else ()
    found = [Basis(maker=Maker.RULES, rules=rules, inputs=inputs)]
    if state.run is not None:
        run = state.run
        found.append(Basis(maker=Maker.MODEL, rules=rules, inputs=inputs, run=run))
    if state.raised is not None:
        found.append(
            Basis(
                maker=Maker.RAISED,
                rules=state.raised.rules,
                inputs=state.raised.inputs,
                run=state.raised.run,
            )
        )
    return tuple(found)
