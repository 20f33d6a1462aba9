"""Shortcuts by which words are found fast find what a slow search finds."""

import string
from unicodedata import normalize

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.floor import text as reading
from domain.floor.catalogue import CONCEPTS
from domain.floor.context import scopes
from domain.floor.ordinary import PLAIN, SLIPS, word_set
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.trailing import (
    denied_after,
    others_after,
    past_after,
    supposed_after,
)
from domain.floor.triggers import Sense
from domain.floor.words import (
    BARRIER,
    SHORTEST_MISSPELT,
    misspellable,
    one_slip,
    sentences,
    slips,
)
from tests.domain.floor.test_red_flags import TABLE

YEAR = 2026
EXAMPLES = settings(max_examples=120, deadline=None)
LETTERS = st.sampled_from(string.ascii_lowercase)
PHRASES = tuple(Phrase.parse(c.name, text) for c in CONCEPTS for text in c.phrases)
LEXICON = Lexicon(PHRASES)
TERMS = sorted({t for p in PHRASES for g in (p.unless, *p.groups) for t in g})
LONG = [t for t in TERMS if len(t.rstrip("*")) >= SHORTEST_MISSPELT]
SAID = [word for row in TABLE for said in row.said for word in said.split()]
LINKS = sorted(
    word_set(
        "no not denies mother had if history of in 2010 last year a child ago ruled "
        "out family the prevention is , . ; : ( - ) 39.5 c fever temp w/o and or but"
    )
)
STORIES = st.lists(st.sampled_from(SAID) | st.sampled_from(LINKS), max_size=14).map(
    " ".join
)


@st.composite
def slipped(draw, word):
    """Return a word with one letter wrong, missing, added or swapped, not the first."""
    place = draw(st.integers(1, len(word) - 1))
    letter = draw(LETTERS)
    return draw(
        st.sampled_from(
            [
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            ]
        )
    )


@EXAMPLES
@given(st.data())
def test_a_word_and_the_same_with_one_slip_share_a_key(data):
    word = data.draw(st.text(LETTERS, min_size=SHORTEST_MISSPELT, max_size=14))
    token = data.draw(slipped(word))

    assert one_slip(token, word)
    assert slips(token) & slips(word)


@EXAMPLES
@given(st.data())
def test_a_misspelt_word_is_read_as_every_term_that_it_may_be(data):
    term = data.draw(st.sampled_from(LONG))
    ending = data.draw(st.text(LETTERS, max_size=3))
    token = data.draw(slipped(term.rstrip("*") + ending))
    assume(misspellable(token) and token not in TERMS and token not in SLIPS)
    meant = {
        word
        for word in LONG
        if not word.endswith("*")
        and word not in PLAIN
        and word[0] == token[0]
        and abs(len(word) - len(token)) <= 1
        and one_slip(token, word)
    }

    assert meant <= set(LEXICON.places([token]))


@EXAMPLES
@given(STORIES)
def test_no_phrase_is_missed_by_where_it_is_looked_for(story):
    for tokens in sentences(story):
        heard = LEXICON.places(tokens)
        barriers = [i for i, token in enumerate(tokens) if token == BARRIER]
        slow = {
            (phrase.concept, found)
            for phrase in PHRASES
            for found in phrase.matches(heard, barriers)
        }

        assert set(LEXICON.said(tokens)) == slow


@EXAMPLES
@given(STORIES)
def test_a_sentence_says_what_each_of_its_phrases_says(story):
    for tokens in sentences(story):
        present, past = set(), set()
        for concept, found in LEXICON.said(tokens):
            end = max(found) + 1
            senses = {s.sense for s in scopes(tokens) if s.covers(found)}
            senses |= {Sense.DENIED} if denied_after(tokens, end) else set()
            senses |= {Sense.OTHER} if others_after(tokens, end) else set()
            senses |= {Sense.SUPPOSED} if supposed_after(tokens, end) else set()
            senses |= {Sense.PAST} if past_after(tokens, end, YEAR) else set()
            present |= {concept} if not senses else set()
            past |= {concept} if senses == {Sense.PAST} else set()

        said = set(reading._stated(tokens, LEXICON, YEAR))

        assert {name for name, sense in said if sense is None} == present
        assert {name for name, _ in said} == present | past


@EXAMPLES
@given(st.text(string.ascii_lowercase + "  "))
def test_plain_words_are_split_as_any_other_text(text):
    assert sentences(text) == sentences(f"{text} ;")


@EXAMPLES
@given(STORIES)
def test_accents_hide_nothing(story):
    marked = normalize("NFC", story.replace("e", "e\u0301"))

    assert sentences(marked) == sentences(story)
