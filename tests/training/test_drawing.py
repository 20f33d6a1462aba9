"""Drawing one case: plausible, repeatable, never less urgent than the rules."""

import random

import pytest

from domain.values import Consciousness, Quality, Sex, Vital, VitalName
from training import noise
from training.drawing import draw
from training.families import FAMILIES
from training.physiology import measured
from training.scenario import Strain
from training.voices import CARER, LETTER, NURSE, PATIENT, Facts


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_case_is_what_its_family_says_and_never_less_urgent_than_the_rules(family):
    chance = random.Random(family.name)
    for degree in family.degrees:
        drawn = draw(chance, family, degree)

        assert drawn.acuity <= min(degree.acuity, drawn.floor.acuity)
        assert family.why in drawn.why
        assert family.citation in drawn.why
        assert drawn.case.complaints[0].text
        assert family.years[0] * 365 - 1 <= drawn.case.age.least


def test_the_same_chance_gives_the_same_case():
    family = FAMILIES[0]

    first = draw(random.Random(3), family, family.degrees[0])
    second = draw(random.Random(3), family, family.degrees[0])

    assert first == second


def test_vital_signs_move_together_with_the_strain():
    strain = Strain(heart=0.6, breathing=0.8, systolic=-0.4, saturation=-10, clouds=0.6)

    calm = [
        measured(random.Random(n), years=40, strain=strain, share=0) for n in range(80)
    ]
    worst = [
        measured(random.Random(n), years=40, strain=strain, share=1) for n in range(80)
    ]

    def mean(of, name):
        return sum(each.numbers[name] for each in of) / len(of)

    assert mean(worst, VitalName.HEART_RATE) > 1.4 * mean(calm, VitalName.HEART_RATE)
    assert mean(worst, VitalName.SYSTOLIC) < 0.7 * mean(calm, VitalName.SYSTOLIC)
    assert mean(calm, VitalName.OXYGEN_SATURATION) > 96
    assert all(each.consciousness is Consciousness.ALERT for each in calm)
    assert all(each.consciousness is not Consciousness.ALERT for each in worst)


def test_an_infant_beats_faster_than_an_adult():
    quiet = Strain()

    infant = measured(random.Random(1), years=0.1, strain=quiet, share=0)
    adult = measured(random.Random(1), years=50, strain=quiet, share=0)

    assert (
        infant.numbers[VitalName.HEART_RATE] > 1.5 * adult.numbers[VitalName.HEART_RATE]
    )


FACTS = Facts(
    told=("chest-pressure", "sweating"),
    absent=("fever",),
    minutes=90,
    years=61,
    sex=Sex.FEMALE,
    medicines=("bisoprolol",),
)


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        (PATIENT, ("I ", "not have")),
        (CARER, ("she ", "her ")),
        (NURSE, ("61F", "2h")),
        (LETTER, ("No fever",)),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_each_voice_speaks_its_own_way(voice, words):
    said = [voice.say(random.Random(n), FACTS) for n in range(30)]

    assert len(set(said)) > 10
    assert all(any(word.strip() in each for each in said) for word in words)
    assert not any("{my}" in each for each in said)


def test_a_small_child_does_not_speak_for_itself():
    family = next(each for each in FAMILIES if each.name == "bronchiolitis")

    voices = {
        draw(random.Random(n), family, family.degrees[0]).voice for n in range(40)
    }

    assert voices == {"carer", "nurse", "letter"}


def test_misspelling_changes_one_to_three_long_words_and_not_their_number():
    text = "crushing pressure across the middle of the chest"
    words = text.split(" ")

    for number in range(50):
        wrong = noise.misspelt(random.Random(number), text).split(" ")
        changed = [old for old, new in zip(words, wrong, strict=True) if new != old]
        assert 1 <= len(changed) <= 3
        assert min(map(len, changed)) >= 5


def vitals():
    family = next(each for each in FAMILIES if each.name == "pneumonia")
    cases = (draw(random.Random(n), family, family.degrees[0]) for n in range(50))
    return next(each.case.vitals for each in cases if not each.twists)


def test_what_is_not_measured_is_left_out_and_nothing_is_invented():
    whole = vitals()

    thinner = [noise.thinned(random.Random(n), whole) for n in range(40)]

    assert any(not each for each in thinner)
    assert all(set(each) <= set(whole) for each in thinner)


def test_a_contradiction_is_a_second_reading_or_an_unreadable_one():
    whole = vitals()

    for number in range(40):
        doubted = noise.contradicted(random.Random(number), whole)
        odd = [each for each in doubted if each not in whole]
        assert len(odd) == 1
        assert odd[0].quality is Quality.UNREADABLE or len(doubted) == len(whole) + 1


def test_without_a_number_there_is_nothing_to_contradict():
    mind = (
        Vital(
            name=VitalName.CONSCIOUSNESS,
            source=vitals()[0].source,
            consciousness=Consciousness.ALERT,
        ),
    )

    assert noise.contradicted(random.Random(1), mind) == mind
