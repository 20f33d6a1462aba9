"""Want of memory refuses a group, and those after it are written."""

import pytest

from gateway.store.errors import LogUnavailableError, LogUncertainError
from tests.store.samples import note, texts

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def failing(ledger, monkeypatch):
    """Let memory run out at the next call of something of the recorder."""

    def fail(name, *, after=False):
        recorder = ledger.log.recorder
        work = getattr(recorder, name)

        def once(*given, **named):
            monkeypatch.setattr(recorder, name, work)
            if after:
                work(*given, **named)
            raise MemoryError

        monkeypatch.setattr(recorder, name, once)

    return fail


def test_nothing_of_a_refused_group_is_kept_and_the_next_is(ledger, failing):
    ledger.submit_sync(note("case/1", "before"))
    failing("insert_events")

    with pytest.raises(LogUnavailableError, match="Nothing was kept"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["before", "after"]


def test_a_group_that_was_committed_all_the_same_is_answered_so(ledger, failing):
    failing("insert_events", after=True)

    ledger.submit_sync(note("case/1", "kept"))

    assert ledger.head == 1
    assert texts(ledger, "case/1") == ["kept"]


def test_elsewhere_in_a_group_nobody_can_tell(ledger, failing):
    failing("group")

    with pytest.raises(LogUncertainError, match="not done twice"):
        ledger.submit_sync(note("case/1", "refused"))
    ledger.submit_sync(note("case/1", "after"))

    assert texts(ledger, "case/1") == ["after"]
