"""Text as the model may see it and as two texts are compared: pure, no I/O."""

import re
import unicodedata
from decimal import Decimal

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Variation selectors can carry hidden bytes though they are not of category Cf.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# A chat template's control tokens (`<|im_start|>`, `</s>`, `[INST]`) are read as
# such by model servers even inside user text; one space makes them plain words.
_TEMPLATE = re.compile(r"<(?=[|/a-zA-Z])|\[(?=/?INST\b)", re.IGNORECASE)
_PRIVATE = (
    (re.compile(r"\S+@\S+\.\w+"), "(e-mail)"),
    (re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE), "(link)"),
    (
        re.compile(
            r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?"
        ),
        "(name)",
    ),
    (
        re.compile(
            r"(?i:\b(?:name is|name:|called))\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?"
        ),
        "(name)",
    ),
    (re.compile(r"\b\d{3}[- ]\d{2,4}[- ]\d{4}\b|\b\d{6,}\b"), "(number)"),
)
_LABEL = re.compile(r"\b[PCVHMAE]\d{1,2}\b")
_NUMBER = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?")
_NUMERALS = {
    word: Decimal(number)
    for words, numerals in (
        ("eleven twelve thirteen fourteen fifteen sixteen", range(11, 17)),
        ("seventeen eighteen nineteen twenty", range(17, 21)),
        ("thirty forty fifty sixty seventy eighty ninety", range(30, 100, 10)),
        ("hundred thousand", (100, 1000)),
    )
    for word, number in zip(words.split(), numerals, strict=True)
}
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """about above after also been before being below both could does each else from
        have having here into just less made many more most much must near need only
        other over past patient same shall should since some such than that their them
        then there these they this those through under until very were what when where
        which while will with would your
        because concern concerns concerning danger dangerous emergency hide known
        likely missed possible possibly raise raises risk sign signs suggest suggests
        urgent""",
    )
)


def plain(text: str, limit: int) -> str:
    """Return one line of visible text of at most `limit` characters.

    Control, zero-width, bidirectional and tag characters go, whitespace becomes one
    space, a chat template's control tokens lose their meaning, and a text that is
    too long ends at a word.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    seen = (c for c in spaced if unicodedata.category(c) not in _HIDDEN)
    visible = _SELECTORS.sub("", unicodedata.normalize("NFC", "".join(seen)))
    line = " ".join(_TEMPLATE.sub(lambda match: match[0] + " ", visible).split())
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0]


def anonymous(text: str) -> str:
    """Return free text without addresses, long numbers and titled names.

    Best effort on text that should hold none: structured names and identifiers
    never come this far, because a Case has no field for them.
    """
    for pattern, mask in _PRIVATE:
        text = pattern.sub(mask, text)
    return text


def comparable(text: str) -> str:
    """Return the form in which two texts are compared: case, width, spaces folded."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers that a text states; `V1` and its like are labels, not numbers.

    A comma before digits is read as a decimal point; of numbers in words each part
    from eleven counts.
    """
    bare = _LABEL.sub(" ", unicodedata.normalize("NFKC", text))
    digits = (found.replace(",", ".") for found in _NUMBER.findall(bare))
    words = comparable(bare).replace("-", " ").split()
    return frozenset(Decimal(found) for found in digits) | {
        _NUMERALS[word.strip(".,:;!?")]
        for word in words
        if word.strip(".,:;!?") in _NUMERALS
    }


def content_words(text: str) -> frozenset[str]:
    """Return the stems (first five letters) of the words that carry meaning."""
    words = _WORD.findall(comparable(text))
    return frozenset(word[:5] for word in words if word not in _COMMON)


def quotable(text: str, limit: int) -> tuple[str, ...]:
    """Return the sentences of a text, each a verbatim part of at most `limit`."""
    sentences = dict.fromkeys(
        plain(sentence, limit) for sentence in _SENTENCE.split(text)
    )
    return tuple(sentence for sentence in sentences if len(sentence.split()) > 2)  # noqa: PLR2004 (two words prove nothing)
