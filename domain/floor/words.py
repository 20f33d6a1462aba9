"""Free text to sentences of plain words, and words that are one slip apart."""

import re
import unicodedata

from domain.floor.measures import spelt
from domain.floor.ordinary import REAL_WORDS

SHORTEST_MISSPELT = 6  # letters; below it one slip turns a word into another word

BARRIER = ","  # a token that phrases do not cross
LINE = "¶"  # the end of a line: a phrase may go on, a denial does not

_SHORT = {
    "w/o": "without",
    "w/out": "without",
    "w/": "with",
    "h/o": "history of",
    "hx/o": "history of",
    "c/o": "complains of",
    "s/o": "possible",
    "r/o": "possible",
    "n/v": "nausea and vomiting",
    "n/v/d": "nausea and vomiting and diarrhea",
    "v/d": "vomiting and diarrhea",
    "f/c": "fever and chills",
    "(+)": ", yes ,",
}
_SLASHED = re.compile(
    r"(?<!\w)(w/o|w/out|hx/o|[hcsr]/o|n/v/d|n/v|v/d|f/c)\b|(?<!\w)w/|\(\+\)"
)
# What starts a registration list puts its place behind: 'pain, chest'.
_PLACED = "pain|discomfort|swelling|injury|bleeding|burn|wound|weakness|numbness"
_REWRITES = (
    # The characters without which a pattern need not be tried, pattern, replacement.
    ("'’", re.compile(r"['’]s\b"), " s"),  # noqa: RUF001 (a possessive says whose)
    ("'’‘`´", re.compile(r"['’‘`´]"), ""),  # noqa: RUF001 (the apostrophes people type)
    (
        ".",
        re.compile(r"\b(abd|pt|lt|rt|hx|dr|temp|resp|approx|lac)\."),
        r"\1 ",
    ),
    (",", re.compile(rf"(\A|[.;\n])\s*({_PLACED}),"), r"\1 \2 "),
    # 'SOB(-)' denies what stands before it, '(-) SOB' what follows.
    ("(", re.compile(r"(?<=\w)\s?\([-–]\)"), f" no {BARRIER} "),  # noqa: RUF001
    ("(", re.compile(r"\([-–]\)"), " no "),  # noqa: RUF001
    ("&", re.compile(r"&"), " and "),
    (
        "-–—()[]:,",  # noqa: RUF001
        re.compile(r"\s[-–—]+\s|[()\[\]:,]"),  # noqa: RUF001
        f" {BARRIER} ",
    ),
)
_SENTENCE = re.compile(r"[;!?]+|\.(?!\d)|\n\s*\n")
_TOKEN = re.compile(rf"\d+\.\d+|[^\W_]+|{BARRIER}|{LINE}")


def sentences(text: str) -> list[list[str]]:
    """Split text into sentences of lower-case, unaccented words and barriers."""
    kept = text.lower() if text.isascii() else _folded(text)
    kept = "\n".join(kept.splitlines())
    if "/" in kept or "+" in kept:
        kept = _SLASHED.sub(lambda found: f" {_SHORT[found[0]]} ", kept)
    for signs, pattern, replacement in _REWRITES:
        if any(sign in kept for sign in signs):
            kept = pattern.sub(replacement, kept)
    kept = spelt(kept)
    parts = (part.replace("\n", f" {LINE} ") for part in _SENTENCE.split(kept))
    found = (_TOKEN.findall(part) for part in parts)
    return [tokens for tokens in found if tokens]


def _folded(text: str) -> str:
    """Drop accents and invisible characters, which would hide a word from a rule."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    foreign = {c for c in set(folded) if not c.isascii()}
    marks = (c for c in foreign if unicodedata.category(c) in {"Mn", "Cf"})
    return folded.translate(dict.fromkeys(map(ord, marks)))


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
