"""What the workers remember of cases is what the log says."""

from datetime import UTC, datetime

import pytest

from domain.events import REGISTRY, CaseInformed, CaseOpened
from domain.values import Reference
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.cases import CaseStates

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOM = Reference(type="Patient", id="p1", version=1)
NEWS = CaseInformed(encounter=None, triggers=(WHOM,))


def opened(name):
    return CaseOpened(
        case_id=name, patient=WHOM, encounter=None, previous=None, triggers=(), at=AT
    )


class Counting:
    """A log that counts the events it hands out."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.read = 0

    @property
    def erasures(self):
        return self.ledger.erasures

    def stream(self, name, *, after=0):
        events = self.ledger.stream(name, after=after)
        self.read += len(events)
        return events

    def tell(self, name, *events):
        context = Context(at=AT, actor="test", request="r1")
        self.ledger.submit_sync(
            lambda session: session.append(
                f"case/{name}", events, subject="Patient/p1", context=context
            )
        )


@pytest.fixture
def log(tmp_path):
    ledger = Ledger.open(tmp_path, registry=REGISTRY)
    yield Counting(ledger)
    ledger.close()


def test_each_event_of_a_long_case_is_read_once(log):
    states = CaseStates(log)
    log.tell("c1", opened("c1"))

    revisions = []
    for _ in range(20):
        revisions.append(states.of("c1").revision)
        log.tell("c1", NEWS)

    assert revisions == list(range(1, 21))
    assert log.read == 20


def test_a_case_that_was_forgotten_is_read_again(log):
    states = CaseStates(log, remembered=1)
    for name in ("c1", "c2"):
        log.tell(name, opened(name), NEWS)

    told = [states.of(name).case_id for name in ("c1", "c2", "c1", "c1")]

    assert told == ["c1", "c2", "c1", "c1"]
    assert log.read == 6


def test_an_unknown_case_has_no_state(log):
    assert not CaseStates(log).of("c1").exists


def test_what_was_erased_is_not_remembered(log):
    states = CaseStates(log)
    log.tell("c1", opened("c1"), NEWS)
    assert states.of("c1").revision == 2

    def erasing(session):
        context = Context(at=AT, actor="test", request="r1")
        keys = [each.key_id for each in session.keys_of(["Patient/p1"])]
        session.append("said", [NEWS], subject="", context=context)
        session.destroy(keys)

    log.ledger.submit_sync(erasing)

    assert not states.of("c1").exists
