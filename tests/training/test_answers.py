"""Reference answers: fair by every check of the service, or none at all."""

import json
from dataclasses import replace
from functools import cache

import pytest

from domain.values import Acuity
from inference.contract import output_schema
from inference.guard import check
from inference.parse import parse
from inference.prompt import case_refs
from training.answers import (
    LACKING,
    UnfairAnswerError,
    answer,
    lacks_key_data,
    require_fair,
    text_of,
)
from training.corpus import examples
from training.mistakes import Mistake, require_wrong, wrong_answer
from training.obedience import obeys
from training.reasons import Lesson


@cache
def lessons():
    return [
        Lesson(
            case=made.drawn.case,
            floor=made.drawn.floor,
            acuity=made.drawn.acuity,
            family=made.drawn.family.name,
            injected="injected" in made.drawn.twists,
        )
        for made in examples(60, seed=12)
    ]


@cache
def answered():
    return [(lesson, answer(lesson, seed="x")) for lesson in lessons()]


def complete():
    return next(
        (lesson, json.loads(json.dumps(made)))
        for lesson, made in answered()
        if lesson.acuity is Acuity.EMERGENT and made["reasons"]
    )


def test_every_answer_keeps_its_schema_and_no_check_fires():
    for lesson, made in answered():
        draft = parse(text_of(made), "stop")
        assert obeys(made, output_schema((), case_refs(lesson.case)))
        assert check(draft, lesson.case, ()).guards == ()


def test_the_level_is_the_reference_or_says_that_key_data_are_missing():
    for lesson, made in answered():
        level = made["acuity"]

        assert level == "cannot_assess" if lacks_key_data(lesson) else True
        assert level in {"cannot_assess", int(lesson.acuity)}
    assert any(lacks_key_data(lesson) for lesson in lessons())
    urgent = [lesson for lesson in lessons() if lesson.acuity <= Acuity.EMERGENT]
    assert not any(lacks_key_data(lesson) for lesson in urgent)


def test_what_a_nurse_decided_is_no_case_of_missing_data():
    lacking = next(each for each in lessons() if len(each.floor.missing) >= LACKING)
    calm = replace(lacking, acuity=Acuity.LESS_URGENT)

    assert lacks_key_data(calm)
    assert not lacks_key_data(replace(calm, decided=True))


def test_what_the_floor_lacks_is_asked_for():
    lacking = next(each for each in lessons() if "heart-rate" in each.floor.missing)

    made = answer(lacking, seed="x")

    assert "heart-rate" in made["missing_data"]
    assert "full-vitals" in made["suggested_actions"]
    assert made["confidence"] != "high"


def test_the_same_seed_gives_the_same_words():
    lesson, made = complete()

    assert answer(lesson, seed="x") == made


def test_an_answer_that_a_check_would_strip_stops_the_build():
    lesson, made = complete()

    made["reasons"][0]["text"] = "The pain needs aspirin tablets now."
    with pytest.raises(UnfairAnswerError, match="fails the checks"):
        require_fair(made, lesson)


def test_an_answer_outside_its_schema_stops_the_build():
    lesson, made = complete()

    with pytest.raises(UnfairAnswerError, match="breaks the schema"):
        require_fair({**made, "acuity": 6}, lesson)
    shuffled = dict(reversed(made.items()))
    with pytest.raises(UnfairAnswerError, match="breaks the schema"):
        require_fair(shuffled, lesson)


def test_a_schema_with_an_unknown_keyword_is_not_passed_over():
    with pytest.raises(KeyError):
        obeys(1, {"multipleOf": 2})
    assert not obeys("x", {"properties": {}})
    assert not obeys("x", {"items": {}, "minItems": 0, "maxItems": 1})


def test_every_wrong_answer_is_wrong_and_every_mistake_occurs():
    found = set()
    for seed in range(2):
        for lesson, right in answered():
            before = json.dumps(right)
            made = wrong_answer(lesson, right, seed=f"{seed} {lesson.family}")

            assert json.dumps(right) == before
            if made is None:
                assert right["acuity"] in {"cannot_assess", 5}
            else:
                require_wrong(made[1], lesson, made[0])
                found.add(made[0])
    assert found == set(Mistake)


def test_down_triage_is_the_mistake_that_is_made_most():
    made = [
        found[0]
        for number, (lesson, right) in enumerate(answered())
        if (found := wrong_answer(lesson, right, seed=f"{number}"))
    ]

    assert max(set(made), key=made.count) is Mistake.CALM


def test_a_right_answer_is_not_taken_for_a_wrong_one():
    lesson, right = complete()

    for kind in (Mistake.CALM, Mistake.DOSE):
        with pytest.raises(UnfairAnswerError, match="is not wrong"):
            require_wrong(right, lesson, kind)
    with pytest.raises(UnfairAnswerError, match="unreadable"):
        require_wrong({**right, "acuity": 9}, lesson, Mistake.DOSE)
