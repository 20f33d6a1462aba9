from datetime import UTC, datetime

import pytest

from domain.claimed import RequestAnswered
from domain.errors import ErasedError, ReusedKeyError
from domain.receipt import NONE, Receipt, evolve, require_kept, same_request

ANSWERED = RequestAnswered(
    digest=b"x", answers=(("201", "Patient/1/_history/1"),), at=datetime.now(UTC)
)


def test_a_key_that_was_never_used_is_new():
    assert same_request(b"x", NONE) is False


def test_the_same_content_under_a_key_is_the_same_request():
    assert same_request(b"x", evolve(NONE, ANSWERED)) is True


def test_other_content_under_a_key_is_refused():
    with pytest.raises(ReusedKeyError, match="new key"):
        same_request(b"y", evolve(NONE, ANSWERED))


def test_the_latest_answer_is_remembered_and_counted():
    twice = evolve(evolve(NONE, ANSWERED), ANSWERED)

    assert twice == Receipt(
        count=2, digest=b"x", answers=ANSWERED.answers, at=ANSWERED.at
    )


def test_an_answer_that_was_erased_is_never_given_again_nor_the_request_repeated():
    require_kept(NONE, 0)
    require_kept(evolve(NONE, ANSWERED), 1)

    with pytest.raises(ErasedError, match="new request"):
        require_kept(NONE, 1)
