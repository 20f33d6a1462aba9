"""What was accepted for later is carried out once, whoever writes in between."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from domain.events import REGISTRY
from gateway.intake.once import Once
from gateway.intake.reception import Currency
from gateway.intake.single import Target, update_plan
from gateway.intake.unit import Unit
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from tests.patients import patient

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger.open(tmp_path, registry=REGISTRY)
    yield ledger
    ledger.close()


def unit(gender):
    body = json.dumps({**patient("1"), "id": "eve", "gender": gender}).encode()
    current = Currency(at=NOW, window=DAY)
    plan = update_plan(
        body, Target(kind="Patient", id="eve"), current, key=None, actor="feed-1"
    )
    return Unit(
        plan=plan, context=Context(at=NOW, actor="feed", request="r"), window=DAY
    )


def test_a_request_that_is_begun_again_is_not_done_again(ledger):
    first = ledger.submit_sync(Once(unit=unit("female"), name="job/1/0"))
    ledger.submit_sync(unit("male"))
    head = ledger.head

    again = ledger.submit_sync(Once(unit=unit("female"), name="job/1/0"))

    assert again == first
    assert ledger.head == head


def test_another_request_with_the_same_content_is_another(ledger):
    ledger.submit_sync(Once(unit=unit("female"), name="job/1/0"))
    ledger.submit_sync(unit("male"))

    (answer,) = ledger.submit_sync(Once(unit=unit("female"), name="job/2/0"))

    assert answer.reference.version == 3


def test_it_foretells_what_its_unit_foretells(ledger):
    one = unit("female")

    assert Once(unit=one, name="job/1/0").reads(ledger.derive) == one.reads(
        ledger.derive
    )
