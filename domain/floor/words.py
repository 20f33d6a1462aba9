"""Free text to sentences of plain words, and words that are one slip apart."""

import re
import unicodedata

SHORTEST_MISSPELT = 6  # letters; below it one slip turns a word into another word

BARRIER = ","  # a token that phrases do not cross
LINE = "¶"  # the end of a line: a phrase may go on, a denial does not

_REWRITES = (
    (re.compile(r"['’]s\b"), " s"),  # noqa: RUF001 (a possessive says whose it is)
    (re.compile(r"['’‘`´]"), ""),  # noqa: RUF001 (the apostrophes people type)
    (re.compile(r"\b(abd|pt|lt|rt|hx|dr|temp|resp|approx)\."), r"\1 "),
    # Registration lists put the place behind the complaint: 'pain, chest'.
    (
        re.compile(r"(\A|[.;\n])\s*(pain|discomfort|swelling|injury|bleeding),"),
        r"\1 \2 ",
    ),
    (re.compile(r"\bw/o\b"), " without "),
    (re.compile(r"\bw/\s?"), " with "),
    (re.compile(r"\bh/o\b"), " history of "),
    (re.compile(r"\bc/o\b"), " complains of "),
    (re.compile(r"\br/o\b"), " possible "),
    (re.compile(r"&"), " and "),
    (re.compile(r"\s[-–—]+\s|[()\[\]:,]"), f" {BARRIER} "),  # noqa: RUF001
)
_SENTENCE = re.compile(r"[;!?]+|\.(?!\d)|\n\s*\n")
_TOKEN = re.compile(rf"\d+\.\d+|[^\W_]+|{BARRIER}|{LINE}")


def word_set(text: str) -> frozenset[str]:
    """Write down a set of words with spaces between them."""
    return frozenset(text.split())


REAL_WORDS = word_set(
    # One slip from a word of the catalogue, and words in their own right.
    "severe prison cooking strike stoked throne changes bedding breeding feeding "
    "sneezing squeaking crashing chewing poising staffed breath breathe breaths "
    "coached causing pulling stabled poisson passion version seasons seasonal "
    "dropped dropping fasting swelled smelling spelling selling suited scored "
    "screening clashed beating dialysis steroids started states stopped stomach"
)


def sentences(text: str) -> list[list[str]]:
    """Split text into sentences of lower-case, unaccented words and barriers."""
    kept = text.lower() if text.isascii() else _folded(text)
    kept = "\n".join(kept.splitlines())
    for pattern, replacement in _REWRITES:
        kept = pattern.sub(replacement, kept)
    parts = (part.replace("\n", f" {LINE} ") for part in _SENTENCE.split(kept))
    found = (_TOKEN.findall(part) for part in parts)
    return [tokens for tokens in found if tokens]


def _folded(text: str) -> str:
    """Drop accents and invisible characters, which would hide a word from a rule."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c) not in {"Mn", "Cf"})


def one_slip(token: str, word: str) -> bool:
    """Say whether a token is a word with one letter wrong, missing, added or swapped.

    Words are only compared when they start alike (`starts`), so the first letter is
    right; that keeps 'painting' apart from 'fainting'.
    """
    first = next(
        (i for i, (a, b) in enumerate(zip(token, word, strict=False)) if a != b),
        min(len(token), len(word)),
    )
    rest, wanted = token[first:], word[first:]
    return (
        rest[1:] == wanted[1:]
        or rest[1:] == wanted
        or rest == wanted[1:]
        or (rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:])
    )


def starts(token: str) -> tuple[str, str, str]:
    """Return the keys under which words one slip from a token are kept."""
    return token[:2], token[:3], f"{token[0]}?{token[2:4]}"


def starts_with_one_slip(word: str) -> set[str]:
    """Return the keys, in the sense of `starts`, of every token one slip away."""
    first = word[0]
    return {
        word[:2],  # the slip comes later
        first + word[2:4],  # the second letter is missing
        first + word[2] + word[1],  # swapped with the third
        f"{first}?{word[2:4]}",  # wrong
        f"{first}?{word[1:3]}",  # preceded by another letter
    }


def misspellable(token: str) -> bool:
    """Say whether a token is long enough, and no word of its own, to be corrected."""
    return (
        len(token) >= SHORTEST_MISSPELT - 1
        and token.isalpha()
        and token not in REAL_WORDS
    )
