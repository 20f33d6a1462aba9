from datetime import UTC, datetime, timedelta

import pytest

from gateway.access import replay
from gateway.access.replay import Assertions, ReplayedError, TooManyAssertionsError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=5)
SECRET = b"s" * 32


@pytest.fixture
def file(tmp_path):
    return tmp_path / "assertions.sqlite"


def opened(file):
    return Assertions(file, SECRET)


def test_an_assertion_counts_once_also_after_a_restart(file):
    first = opened(file)
    first.use("a", "1", expires=SOON, now=NOW)
    with pytest.raises(ReplayedError):
        first.use("a", "1", expires=SOON, now=NOW)
    first.close()

    again = opened(file)
    with pytest.raises(ReplayedError):
        again.use("a", "1", expires=SOON, now=NOW)
    again.close()


def test_two_clients_may_choose_the_same_name(file):
    used = opened(file)
    used.use("a", "1", expires=SOON, now=NOW)

    used.use("b", "1", expires=SOON, now=NOW)

    for client in "ab":
        with pytest.raises(ReplayedError):
            used.use(client, "1", expires=SOON, now=NOW)
    used.close()


def test_what_has_expired_is_forgotten(file):
    used = opened(file)
    used.use("a", "1", expires=SOON, now=NOW)

    later = SOON + timedelta(minutes=5)
    used.use("a", "1", expires=later, now=SOON)

    with pytest.raises(ReplayedError):  # it counts anew, and once
        used.use("a", "1", expires=later, now=SOON)
    used.close()


def test_one_client_cannot_fill_the_disk_nor_keep_others_out(file, monkeypatch):
    monkeypatch.setattr(replay, "_MOST", 3)
    used = opened(file)
    for jti in "123":
        used.use("a", jti, expires=SOON, now=NOW)

    with pytest.raises(TooManyAssertionsError):
        used.use("a", "4", expires=SOON, now=NOW)
    used.use("b", "4", expires=SOON, now=NOW)
    used.use("a", "4", expires=SOON + timedelta(seconds=1), now=SOON)
    used.close()


def test_the_file_holds_nothing_that_a_client_sent(file):
    used = opened(file)
    used.use("a", "recognisable-text", expires=SOON, now=NOW)
    used.close()

    assert b"recognisable" not in file.read_bytes()
