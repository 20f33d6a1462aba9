import json
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.store.errors import KeyFileError, LogMissingError
from gateway.store.export import export
from tests.store.samples import (
    AT,
    CONTEXT,
    Level,
    Measured,
    Noted,
    Unit,
    Value,
    erase,
    note,
    opened,
)

_MEASURED = Measured(
    values=(Value(number=Decimal("37.50"), unit=Unit.CELSIUS),),
    at=AT,
    level=Level.HIGH,
    side="left",
    received=b'{"valueQuantity": {"value": 37.50}}',
    by_name={"a": 1},
)


@pytest.fixture
def folder(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(
        lambda s: s.append(
            "vital/1",
            [_MEASURED, replace(_MEASURED, received=b"\xff\x00")],
            subject="Patient/1",
            context=CONTEXT,
        )
    )
    ledger.submit_sync(note("note/1", "x"))
    ledger.close()
    return tmp_path


def test_an_exported_row_says_everything_in_plain_json(folder):
    row = json.loads(json.dumps(next(export(folder))))

    assert len(bytes.fromhex(row.pop("leaf"))) == 32
    assert len(bytes.fromhex(row.pop("chain"))) == 32
    assert row == {
        "position": 1,
        "stream": "vital/1",
        "version": 1,
        "topic": "vital.measured.v1",
        "at": "2026-03-01T12:00:00.123456+00:00",
        "actor": "Device/feed",
        "request": "req-1",
        "address": "",
        "event": {
            "values": [{"number": "37.50", "unit": "Cel"}],
            "at": "2026-03-01T12:00:00.123456+00:00",
            "level": 1,
            "side": "left",
            "received": '{"valueQuantity": {"value": 37.50}}',
            "by_name": {"a": 1},
            "best": None,
            "exact": True,
        },
    }


def test_bytes_that_are_not_json_are_shown_as_base64(folder):
    rows = list(export(folder))

    assert rows[1]["event"]["received"] == {"base64": "/wA="}
    assert rows[2]["event"] == {"text": "x", "received": {"base64": ""}}


def test_an_export_can_begin_after_a_position(folder):
    assert [row["position"] for row in export(folder, after=1)] == [2, 3]


def test_a_running_log_can_be_exported(folder):
    ledger = opened(folder)
    ledger.submit_sync(
        lambda s: s.append("n", [Noted(text="y")], subject="", context=CONTEXT)
    )

    assert [row["position"] for row in export(folder)] == [1, 2, 3, 4]
    ledger.close()


def test_of_an_erased_event_only_its_place_and_seal_are_exported(folder):
    sealed = [(row["leaf"], row["chain"]) for row in export(folder)]
    erase(folder)

    rows = list(export(folder))

    assert [(row["leaf"], row["chain"]) for row in rows] == sealed
    assert [row["version"] for row in rows] == [1, 2, 1]
    assert {
        row[name]
        for row in rows
        for name in ("stream", "at", "actor", "request", "address", "event")
    } == {None}


def test_an_export_needs_the_key(folder, tmp_path_factory):
    with pytest.raises(KeyFileError, match="none"):
        next(export(folder, kek_file=tmp_path_factory.mktemp("x") / "none"))


def test_a_log_that_was_never_begun_cannot_be_exported(tmp_path):
    (tmp_path / "log.sqlite").touch()

    with pytest.raises(LogMissingError, match="never begun"):
        next(export(tmp_path))
