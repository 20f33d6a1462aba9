"""Passages beside a case: of every kind, and an answer that rests on the right ones."""

import random

import pytest

from inference.contract import quotes_of
from inference.showing import SHORT
from tests.training.shelf import few_passages, library_in
from training.answers import text_of
from training.corpus import examples
from training.drawing import draw
from training.evidence import Shown
from training.families import FAMILIES
from training.lessons import Item, grounded
from training.reasons import Lesson


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def library(folder):
    return library_in(folder)


@pytest.fixture(scope="module")
def strokes():
    family = next(each for each in FAMILIES if each.name == "stroke")
    chance = random.Random(5)
    return [draw(chance, family, chance.choice(family.degrees)) for _ in range(6)]


def test_relevant_passages_are_those_that_the_service_would_find(library, strokes):
    case = strokes[0]

    found = library.evidence(case.case, case.floor, Shown.RELEVANT, seed="1")

    assert 1 <= len(found) <= 3
    assert any("stroke" in passage.id for passage in found)


def test_foreign_passages_are_for_such_a_patient_but_of_other_matters(library, strokes):
    case = strokes[0]
    near = library.evidence(case.case, case.floor, Shown.RELEVANT, seed="1")

    foreign = library.evidence(case.case, case.floor, Shown.IRRELEVANT, seed="1")

    assert foreign
    named = {passage.id.partition("#")[0] for passage in foreign}
    assert not named & {passage.id.partition("#")[0] for passage in near}


def test_mixed_evidence_holds_the_best_passage_among_foreign_ones(library, strokes):
    case = strokes[0]
    best = library.evidence(case.case, case.floor, Shown.RELEVANT, seed="1")[0]

    mixed = library.evidence(case.case, case.floor, Shown.MIXED, seed="1")

    assert len(mixed) == 3
    assert best.id in {passage.id for passage in mixed}


def test_a_note_that_contradicts_can_be_read_but_not_quoted(library, strokes):
    for number, case in enumerate(strokes):
        both = library.evidence(
            case.case, case.floor, Shown.CONFLICTING, seed=str(number)
        )

        contrary = [each for each in both if each.id.startswith("contrary-")]
        assert len(both) == 2
        assert [quotes_of(each) for each in contrary] == [()]


def test_absent_evidence_is_none(library, strokes):
    case = strokes[0]

    assert library.evidence(case.case, case.floor, Shown.ABSENT, seed="1") == ()


def test_a_short_prompt_shows_one_short_passage_that_nothing_contradicts(
    folder, strokes
):
    short = library_in(folder, SHORT)
    case = strokes[0]

    found = short.evidence(case.case, case.floor, Shown.RELEVANT, seed="1")

    assert [len(passage.text) <= 240 for passage in found] == [True]
    assert short.possible(Shown.CONFLICTING) is Shown.RELEVANT
    assert short.possible(Shown.IRRELEVANT) is Shown.IRRELEVANT


def test_an_answer_quotes_only_what_was_shown_and_says_so(library):
    kinds = set()
    for made in examples(30, seed=9):
        drawn = made.drawn
        lesson = Lesson(case=drawn.case, floor=drawn.floor, acuity=drawn.acuity)
        item = Item(id=made.id, source="synthetic", split="train", lesson=lesson)

        told, kind, answer = grounded(item, library, seed=1)

        kinds.add(kind)
        known = {
            quote for passage in told.lesson.passages for quote in quotes_of(passage)
        }
        cited = [e for r in answer["reasons"] for e in r.get("evidence", ())]
        assert {each["quote"] for each in cited} <= known
        assert len(cited) == (len(answer["reasons"]) if told.lesson.passages else 0)
        assert "contrary" not in text_of(answer)
    assert kinds >= {Shown.RELEVANT, Shown.ABSENT}


def test_licences_are_told():
    assert {passage.licence for passage in few_passages()} == {"Apache-2.0"}
