"""What is durable is never answered by an error because it cannot be shown."""

import sqlite3

import pytest

from gateway.http import change
from gateway.store.errors import CiphertextError
from tests.gateway_inside import gateway_inside
from tests.patients import patient, transaction


@pytest.fixture(
    params=[
        sqlite3.OperationalError("unable to open database file"),
        OSError("too many open files"),
        CiphertextError("A row was changed."),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def unreadable(request, monkeypatch):
    def refuse(*_given):
        raise request.param

    monkeypatch.setattr(change.resources, "read", refuse)


@pytest.mark.usefixtures("unreadable")
async def test_a_write_is_answered_without_a_body(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        answer = await caller.create(patient())

    assert (answer.status, answer.body) == (201, b"")
    assert "/fhir/Patient/" in answer.headers["Location"]


@pytest.mark.usefixtures("unreadable")
async def test_so_is_each_entry_of_a_bundle(tmp_path):
    wanted = {"Prefer": "return=representation"}
    async with gateway_inside(tmp_path, dev=True) as caller:
        answer = await caller.push(transaction(patient()), **wanted)

    assert answer.status == 200
    (entry,) = answer.json["entry"]
    assert entry["response"]["status"] == "201 Created"
    assert "resource" not in entry
