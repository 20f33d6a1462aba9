"""Two answers to one prompt, by one model on two engines: how alike they are. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from domain.answers import Message
from inference.parse import UnreadableDraft, parse

Prompt = Sequence[Message]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What both engines are asked: prompts, and the most tokens of an answer."""

    prompts: Sequence[Prompt]
    most_answer: int


@dataclass(frozen=True, kw_only=True)
class Said:
    """A greedy answer, held to no grammar.

    `finish` is "stop" or "length"; `asked` is how many tokens the prompt had.
    `tokens` are those of the answer as texts, `logprobs` the natural logarithms of
    their probabilities.
    """

    text: str
    finish: str
    asked: int
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Where two answers part: row and token, counted from 1."""

    row: int
    token: int


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike the answers are; no word of them.

    `acuities` counts the rows in which at least one of the two gave a level that can be
    read, or said that it cannot assess. `logprob_difference` is the largest between the
    two for a token that both gave after the same tokens.
    """

    rows: int
    equal_prompts: int
    equal_texts: int
    acuities: int
    equal_acuities: int
    logprob_difference: float
    differences: tuple[Difference, ...]


def likeness(ours: Sequence[Said], theirs: Sequence[Said]) -> Likeness:
    """Compare answers row by row; there must be as many of each."""
    pairs = [*zip(ours, theirs, strict=True)]
    levels = [(acuity(one), acuity(other)) for one, other in pairs]
    named = [pair for pair in levels if any(pair)]
    return Likeness(
        rows=len(pairs),
        equal_prompts=sum(one.asked == other.asked for one, other in pairs),
        equal_texts=sum(_same(*pair) for pair in pairs),
        acuities=len(named),
        equal_acuities=sum(one == other for one, other in named),
        logprob_difference=max((_apart(*pair) for pair in pairs), default=0.0),
        differences=tuple(
            Difference(row=row, token=1 + _alike(*pair))
            for row, pair in enumerate(pairs, 1)
            if not _same(*pair)
        ),
    )


def acuity(said: Said) -> str:
    """Return the level an answer gives, "" where the answer cannot be read."""
    draft = parse(said.text, said.finish)
    if isinstance(draft, UnreadableDraft):
        return ""
    return "cannot_assess" if draft.acuity is None else str(int(draft.acuity))


def faults(found: Likeness, least: float | None) -> Iterator[str]:
    """Say what is beneath the bar; nothing where it is reached.

    Args:
        found: what was compared.
        least: share of acuities that must be equal; None: every text must be.

    """
    if not found.rows:
        yield "There is no row to compare."
    if found.equal_prompts < found.rows:
        yield (
            f"{found.rows - found.equal_prompts} of {found.rows} prompts have another"
            " number of tokens at the server: give it the adapter's chat template."
        )
    yield from _texts(found) if least is None else _acuities(found, least)


def _texts(found: Likeness) -> Iterator[str]:
    if found.equal_texts < found.rows:
        yield f"{found.equal_texts} of {found.rows} texts are equal; all have to be."


def _acuities(found: Likeness, least: float) -> Iterator[str]:
    if not found.acuities:
        yield "No answer gives an acuity: there is nothing to compare."
    elif found.equal_acuities < least * found.acuities:
        yield (
            f"{found.equal_acuities} of {found.acuities} acuities are equal; at least"
            f" {least:.1%} have to be."
        )


def _same(one: Said, other: Said) -> bool:
    return (one.text, one.finish) == (other.text, other.finish)


def _alike(one: Said, other: Said) -> int:
    """Return how many tokens from the first are the same."""
    pairs = zip(one.tokens, other.tokens, strict=False)  # one may be the longer
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _apart(one: Said, other: Said) -> float:
    same = _alike(one, other)
    pairs = zip(one.logprobs[:same], other.logprobs[:same], strict=True)
    return max((abs(mine - yours) for mine, yours in pairs), default=0.0)
