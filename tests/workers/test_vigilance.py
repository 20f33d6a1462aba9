"""The last answers of a model say when it is too slow, too odd, or raises too often."""

import pytest

from domain.answers import Draft
from domain.values import Acuity
from gateway.settings.model_checks import ModelChecks
from gateway.workers.vigilance import Vigilance, answered

CHECKS = ModelChecks(window=10, least=4, median_seconds=5)


def said(acuity, *, seconds=1.0, shadow=False):
    """Return an answer about a case that the rules call urgent."""
    draft = Draft(acuity=Acuity(acuity) if acuity else None)
    return answered(draft, Acuity.URGENT, seconds, shadow=shadow)


FINE = said(3)
WITHHELD = answered(None, Acuity.URGENT, 1.0, shadow=False)
FAR = said(5)
RAISED = said(2)
SLOW = said(3, seconds=9.0)


def seen(*answers):
    vigilance = Vigilance(CHECKS)
    for each in answers:
        vigilance.note(each)
    return vigilance


@pytest.mark.parametrize("acuity", [1, 2, 4, 5])
def test_a_raise_or_two_levels_of_difference_bring_a_case_forward(acuity):
    found = said(acuity)

    assert found.raised == (acuity != 4)
    assert found.disagrees == (acuity in (1, 5))


@pytest.mark.parametrize("acuity", [1, 2, 5])
def test_in_shadow_no_case_is_brought_forward_though_they_disagree(acuity):
    found = said(acuity, shadow=True)

    assert not found.raised
    assert found.disagrees == (acuity != 2)


def test_a_model_that_cannot_assess_is_neither_withheld_nor_apart():
    found = said(None)

    assert (found.withheld, found.raised, found.disagrees) == (False, False, False)


@pytest.mark.parametrize(
    ("odd", "name"), [(WITHHELD, "withheld"), (FAR, "two levels"), (SLOW, "seconds")]
)
def test_what_crosses_its_limit_is_named_with_its_figure(odd, name):
    (figure,) = seen(odd, odd, odd, FINE).crossed()

    assert name in figure.name
    assert figure.value > figure.limit
    assert seen(odd, FINE, FINE, FINE).crossed() == ()


def test_too_few_answers_say_nothing():
    few = seen(WITHHELD, WITHHELD, WITHHELD)

    assert few.crossed() == ()
    assert few.raises() is None


def test_a_window_smaller_than_what_is_enough_is_enough_when_it_is_full():
    assert ModelChecks(window=3, least=20).enough == 3


def test_only_the_last_answers_count():
    assert seen(*[WITHHELD] * 10, *[FINE] * 10).crossed() == ()


def test_after_a_switch_the_count_begins_anew():
    vigilance = seen(*[WITHHELD] * 10)

    vigilance.forget()

    assert vigilance.crossed() == ()


def test_raises_are_counted_with_their_limit():
    raises = seen(RAISED, FAR, FINE, FINE).raises()

    assert (raises.raised, raises.answered, raises.limit) == (2, 4, 0.3)
