"""Text to parts that an embedding model reads whole; lists and tables stay whole."""

import re
from collections.abc import Callable, Iterable, Iterator

# The default embedding model reads 256 tokens, two of which are its own.
MAX_TOKENS = 254
_FEWEST = 64  # tokens left for the text, however long its heading
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_PIECE = re.compile(r"\w+|[^\w\s]")
_LONG = 7  # letters of a word that is rarely one token


def estimated(text: str) -> int:
    """Estimate the tokens of English medical text, where no tokenizer is at hand."""
    return sum(1 + len(piece) // _LONG for piece in _PIECE.findall(text))


def divide(
    texts: Iterable[tuple[str, bool]],
    *,
    taken: int = 0,
    count: Callable[[str], int] = estimated,
) -> Iterator[str]:
    """Divide texts, each with whether it must stay whole, into parts.

    A part has at most `MAX_TOKENS` less the tokens that are `taken` by its heading.
    A list or a table stays with the line that introduces it, and one that is longer
    by itself stays whole; running text is cut between sentences.
    """
    limit = max(_FEWEST, MAX_TOKENS - taken)
    part: list[str] = []
    length = 0
    for text in _introduced(texts, limit, count):
        tokens = count(text)
        if part and length + tokens > limit:
            yield "\n\n".join(part)
            part, length = [], 0
        part.append(text)
        length += tokens
    if part:
        yield "\n\n".join(part)


def _introduced(
    texts: Iterable[tuple[str, bool]], limit: int, count: Callable[[str], int]
) -> Iterator[str]:
    """Join what introduces a list to it, and cut what may be cut."""
    held = ""
    for text, whole in texts:
        if whole:
            yield f"{held}\n{text}" if held else text
            held = ""
            continue
        if held:
            yield held
        *before, held = _cut(_unwrapped(text), limit, count) or [""]
        yield from before
        if held and not held.endswith(":"):
            yield held
            held = ""
    if held:
        yield held


def _cut(text: str, limit: int, count: Callable[[str], int]) -> list[str]:
    """Cut running text that is too long between its sentences."""
    if count(text) <= limit:
        return [text] if text else []
    parts: list[str] = []
    length = limit + 1
    for sentence in _SENTENCE.split(text):
        tokens = count(sentence)
        if length + tokens > limit:
            parts.append(sentence)
            length = tokens
        else:
            parts[-1] += f" {sentence}"
            length += tokens
    return parts


def _unwrapped(text: str) -> str:
    """Join the lines of running text, so that a sentence can be quoted whole."""
    return " ".join(text.split())
