from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.visible import visible


def test_escape_sequences_and_marks_of_direction_are_named():
    assert visible("a\x1b[2Jb") == "a[U+001B][2Jb"
    assert visible("\u202eabc") == "[U+202E RIGHT-TO-LEFT OVERRIDE]abc"
    assert visible("zero\u200bwidth") == "zero[U+200B ZERO WIDTH SPACE]width"


def test_words_of_any_language_stay_as_they_are():
    for text in ("Zoë\n\tfällt", "痛み", "ألم", "עברית", "👩‍⚕️".replace("\u200d", "")):
        assert visible(text) == text


@given(st.text())
def test_nothing_that_steers_is_left(text):
    shown = visible(text)

    assert all(
        each.isprintable() or each in "\n\t" or ord(each) > 0x9F for each in shown
    )
    assert visible(shown) == shown
