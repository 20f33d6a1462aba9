"""What a worker remembers of cases for which it can do nothing."""

import pytest

from gateway.store.errors import CiphertextError, LogUnavailableError
from gateway.workers import passed_over
from gateway.workers.passed_over import PassedOver

FAULT = CiphertextError("A row was changed.")


@pytest.fixture
def passed():
    return PassedOver("test")


def test_a_case_is_known_at_the_revision_that_failed_last(passed):
    for revision in (1, 2, 3):
        assert passed.of_others(FAULT, "c1", revision) == []

    assert [passed.has("c1", revision) for revision in (1, 2, 3)] == [0, 0, 1]
    assert [passed.rests("c1", revision) for revision in (1, 2, 3)] == [0, 0, 1]
    assert len(passed) == 1


def test_a_case_that_went_well_is_forgotten(passed):
    passed.of_others(FAULT, "c1", 1)

    passed.done("c1")
    passed.done("c2")

    assert not passed.has("c1", 1)
    assert not passed.rests("c1", 1)
    assert len(passed) == 0


def test_a_case_that_has_rested_is_tried_again(passed, monkeypatch):
    monkeypatch.setattr(passed_over, "_REST_S", 0)
    passed.of_others(FAULT, "c1", 1)

    assert passed.has("c1", 1)
    assert not passed.rests("c1", 1)


def test_what_passes_is_given_back(passed):
    disk = LogUnavailableError("The disk is full.")

    assert passed.of_others(disk, "c1") == [disk]
    assert len(passed) == 0
