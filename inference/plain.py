"""Text as the model may see it and as two texts are compared: pure, no I/O."""

import re
import unicodedata

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
# Marks that typists and models write in several ways, in the one that is compared.
_TYPED = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u00ad", "-")
    | {"\u2044": "/", "\u2215": "/"}
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_PIECE = re.compile(r"(?<=;)\s+|\s+(?=[-*\u2022]\s)")
_ELLIPSIS = "\u2026"
_LEAST_WORDS = 3  # two words prove nothing


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
    """Return the form in which two texts are compared.

    Case, width, spaces and the typography of quotation marks and dashes are folded.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_TYPED)
    return " ".join(folded.casefold().split())


def shortened(text: str, limit: int) -> str:
    """Return plain text that ends with the last whole sentence within the limit.

    Where not even the first sentence fits, it ends at a word and an ellipsis, by
    which `quotable` knows that something is missing.
    """
    whole = plain(text, len(text))
    if len(whole) <= limit:
        return whole
    ends = [found.start() for found in _SENTENCE.finditer(whole[: limit + 1])]
    if ends:
        return whole[: ends[-1]]
    return f"{plain(whole, limit - 1)}{_ELLIPSIS}"


def quotable(text: str, limit: int) -> tuple[str, ...]:
    """Return what of a text may be quoted: its whole sentences of at most `limit`.

    A part of a sentence could lose the word that turns its meaning ("does not
    exclude"). Only a sentence that is too long is taken apart, at semicolons and
    list items; a piece that is still too long, or was cut off, is not quoted.
    """
    pieces = (
        piece
        for sentence in _SENTENCE.split(text)
        for piece in ([sentence] if len(sentence) <= limit else _PIECE.split(sentence))
    )
    return tuple(dict.fromkeys(each for each in pieces if _is_quotable(each, limit)))


def _is_quotable(piece: str, limit: int) -> bool:
    whole = len(piece) <= limit and not piece.endswith(_ELLIPSIS)
    return whole and len(piece.split()) >= _LEAST_WORDS
