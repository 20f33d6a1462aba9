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
}
# Patterns start with the characters that they need, so that the engine skips to these;
# what must not stand before them is looked at behind.
_SLASHED = re.compile(
    r"[cfhnrsvw](?<!\w\w)(?:(?<=w)/(?:(?:o|out)\b)?|(?:(?<=h)x|(?<=[hcsr]))/o\b|"
    r"(?<=n)/v(?:/d)?\b|(?<=v)/d\b|(?<=f)/c\b)"
)
# What starts a registration list puts its place behind: 'pain, chest'.
_PLACED = "pain|discomfort|swelling|injury|bleeding|burn|wound|weakness|numbness"
_MINUS = ("(-)", "(–)")  # noqa: RUF001
_REWRITES = (
    # The characters without which a pattern need not be tried, pattern, replacement.
    ("+", re.compile(r"\(\+\)"), f" {BARRIER} yes {BARRIER} "),
    ("'’", re.compile(r"['’]s\b"), " s"),  # noqa: RUF001 (a possessive says whose)
    ("'’‘`´", re.compile(r"['’‘`´]"), ""),  # noqa: RUF001 (the apostrophes people type)
    (
        ".",
        re.compile(
            r"\.(?:(?<=\b(?:pt|lt|rt|hx|dr)\.)|(?<=\b(?:abd|lac)\.)|"
            r"(?<=\b(?:temp|resp)\.)|(?<=\bapprox\.))"
        ),
        " ",
    ),
    (",", re.compile(rf"\A\s*({_PLACED}),"), r" \1 "),
    (",", re.compile(rf"([.;\n])\s*({_PLACED}),"), r"\1 \2 "),
    # 'SOB(-)' denies what stands before it, '(-) SOB' what follows.
    (_MINUS, re.compile(r"(?<=\w)\s?\([-–]\)"), f" no {BARRIER} "),  # noqa: RUF001
    (_MINUS, re.compile(r"\([-–]\)"), " no "),  # noqa: RUF001
    ("&", re.compile(r"&"), " and "),
    (
        "-–—()[]:,",  # noqa: RUF001
        re.compile(r"[\s()\[\]:,](?:(?<!\s)|[-–—]+\s)"),  # noqa: RUF001
        f" {BARRIER} ",
    ),
)
_SENTENCE = re.compile(r"[;!?]+|\.(?!\d)|\n\s*\n")
_PLAIN = re.compile("[a-z0-9 ]*").fullmatch  # nothing to rewrite and one sentence
_TOKEN = re.compile(rf"\d+\.\d+|[^\W_]+|{BARRIER}|{LINE}")


def sentences(text: str) -> tuple[tuple[str, ...], ...]:
    """Split text into sentences of lower-case, unaccented words and barriers."""
    kept = text.lower() if text.isascii() else _folded(text)
    if _PLAIN(kept):
        tokens = tuple(_TOKEN.findall(spelt(kept)))
        return (tokens,) if tokens else ()
    kept = "\n".join(kept.splitlines())
    if "/" in kept:
        kept = _SLASHED.sub(lambda found: f" {_SHORT[found[0]]} ", kept)
    for signs, pattern, replacement in _REWRITES:
        if any(sign in kept for sign in signs):
            kept = pattern.sub(replacement, kept)
    kept = spelt(kept)
    parts = (part.replace("\n", f" {LINE} ") for part in _SENTENCE.split(kept))
    found = (_TOKEN.findall(part) for part in parts)
    return tuple(tuple(tokens) for tokens in found if tokens)


def _folded(text: str) -> str:
    """Drop accents and invisible characters, which would hide a word from a rule."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    foreign = {c for c in set(folded) if not c.isascii()}
    marks = (c for c in foreign if unicodedata.category(c) in {"Mn", "Cf"})
    return folded.translate(dict.fromkeys(map(ord, marks)))


def one_slip(token: str, word: str) -> bool:
    """Say whether a token is a word with one letter wrong, missing, added or swapped.

    Words are only compared when they start alike (`slips`), so the first letter is
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


def slips(word: str) -> set[str]:
    """Return keys of which words share one that start alike and are one slip apart.

    They are the first letters of a word, and these with one of them left out, but never
    the first of all (symmetric deletion: Garbe, SymSpell, 2012).
    """
    start = word[:SHORTEST_MISSPELT]
    less = (start[:place] + start[place + 1 :] for place in range(1, len(start)))
    return {start, *less}


def misspellable(token: str) -> bool:
    """Say whether a token is long enough, and no word of its own, to be corrected."""
    return (
        len(token) >= SHORTEST_MISSPELT - 1
        and token.isalpha()
        and token not in REAL_WORDS
    )
