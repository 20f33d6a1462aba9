import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.visible import visible

IGNORED = [  # Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
]
BLANK = (0x2800, 0x1D159)  # a glyph without ink


def test_escape_sequences_and_marks_of_direction_are_named():
    assert visible("a\x1b[2Jb") == "a[U+001B][2Jb"
    assert visible("\u202eabc") == "[U+202E RIGHT-TO-LEFT OVERRIDE]abc"
    assert visible("zero\u200bwidth") == "zero[U+200B ZERO WIDTH SPACE]width"


@pytest.mark.parametrize(
    "code",
    [
        *(0xE0001, 0xE0041, 0xE007F, 0x00AD, 0x034F, 0x115F, 0x180E, 0x2800, 0x3164),
        *(0xFE0E, 0xFE0F, 0xE0100, 0xE01EF, 0xFFF9, 0x17B4, 0x200D, 0x2064, 0xFFA0),
        *(0x0600, 0x06DD, 0x1D173, 0x13430, 0x110BD, 0xE0FFF),
    ],
)
def test_what_is_drawn_as_nothing_is_named(code):
    shown = visible(f"a{chr(code)}b")

    assert shown.startswith(f"a[U+{code:04X}")
    assert shown.endswith("]b")


def test_every_format_character_and_every_ignorable_one_is_named():
    formats = (
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf"
    )
    ignored = (code for low, high in IGNORED for code in range(low, high + 1))
    every = {*formats, *ignored, *BLANK}

    assert [code for code in sorted(every) if chr(code) in visible(chr(code))] == []


def test_words_of_any_language_stay_as_they_are():
    for text in ("Zoë\n\tfällt", "痛み", "ألم", "עברית", "दर्द", "통증", "อาการปวด"):
        assert visible(text) == text


@pytest.mark.parametrize("emoji", ["👩‍⚕️", "👩🏽‍⚕️", "❤️‍🔥", "❤️", "✔︎", "👨‍👩‍👧", "☎️ 😀"])
def test_an_emoji_that_is_put_together_stays_as_it_is(emoji):
    assert visible(f"a{emoji}b") == f"a{emoji}b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200db", "a[U+200D ZERO WIDTH JOINER]b"),
        ("😀\u200db", "😀[U+200D ZERO WIDTH JOINER]b"),
        ("😀\ufe0f\ufe0f", "😀\ufe0f[U+FE0F VARIATION SELECTOR-16]"),
        ("😀\ufe01", "😀[U+FE01 VARIATION SELECTOR-2]"),
        ("😀\U000e0100", "😀[U+E0100 VARIATION SELECTOR-17]"),
        ("😀\U000e0041", "😀[U+E0041 TAG LATIN CAPITAL LETTER A]"),
        ("-\ufe0f", "-[U+FE0F VARIATION SELECTOR-16]"),
    ],
)
def test_what_an_emoji_does_not_need_is_named_beside_it_too(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_steers_is_left(text):
    shown = visible(text)

    assert all(
        each.isprintable() or each in "\n\t" or ord(each) > 0x9F for each in shown
    )
    assert visible(shown) == shown
