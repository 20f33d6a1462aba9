"""How probable a model found each level, by the tokens of its own answer: pure."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from domain.values import Acuity
from inference.endpoint import Token

_LEVEL = re.compile(r'"acuity"\s*:\s*([1-5])\s*\}')
_LEAST_TOLD = 0.99  # of the probability; beneath, the server's list was too short


def acuity_probabilities(
    tokens: Sequence[Token], calibration: float = 1.0
) -> tuple[float, ...]:
    """Return the probabilities of levels 1 to 5 where the answer names one.

    They are taken from the place where the level stands, renormalised over the five,
    and scaled by a temperature (`calibration`: 1.0 leaves them as the model told them,
    more makes it less sure; Guo et al. 2017, https://arxiv.org/abs/1706.04599). They
    add up to 1. There are none where the answer names no level, where the server does
    not tell, or where more than a hundredth of the probability went to tokens of which
    it cannot be said which level they begin.
    """
    text = "".join(token.token for token in tokens)
    named = list(_LEVEL.finditer(text))
    if not named:
        return ()
    masses: dict[str, float] = {}
    for first, mass in _candidates(tokens, named[-1].start(1)):
        masses[first] = masses.get(first, 0.0) + mass
    levels = [masses.get(str(level.value), 0.0) for level in Acuity]
    told = sum(levels) + masses.get('"', 0.0)
    if told < _LEAST_TOLD or not any(levels):
        return ()
    return _scaled(levels, calibration)


def _candidates(tokens: Sequence[Token], place: int) -> Iterator[tuple[str, float]]:
    """Yield what might have begun at a place of the answer, and how probably.

    A token may hold more than the level (the space before it, the brace behind it):
    what stands before the level has to be the same.
    """
    ends = list(accumulate(len(token.token) for token in tokens))
    index = bisect_right(ends, place)
    token = tokens[index]
    lead = token.token[: len(token.token) + place - ends[index]]
    told = {each.token: each.logprob for each in token.top_logprobs}
    for text, logprob in {token.token: token.logprob, **told}.items():
        begun = text.removeprefix(lead)
        if text.startswith(lead) and re.match(r'"|[1-5](?!\d)', begun):
            yield begun[0], math.exp(min(logprob, 0.0))


def _scaled(masses: Sequence[float], temperature: float) -> tuple[float, ...]:
    most = max(masses)
    powers = [(mass / most) ** (1 / temperature) for mass in masses]
    return tuple(power / sum(powers) for power in powers)
