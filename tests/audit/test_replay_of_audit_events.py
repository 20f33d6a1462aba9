import asyncio
import sqlite3

import pytest
from click.testing import CliRunner

from gateway.audit.replay import replay
from gateway.cli.audit import audit
from gateway.cli.rebuild import rebuild
from gateway.projections.database import AUDIT_FILE
from tests.gateway_inside import gateway_inside
from tests.patients import patient


def silent(_done, _total):
    """Show no progress."""


@pytest.fixture
async def folder(tmp_path):
    """The data folder of a stopped gateway on which somebody wrote and read."""
    data = tmp_path / "data"
    async with gateway_inside(data, dev=True) as caller:
        await caller.put({**patient(), "id": "eve"})
        await caller.delete("Patient/eve")
        await caller.get("/fhir/Patient/eve")
        await caller.search("AuditEvent")
    return data


def audit_events(folder):
    with sqlite3.connect(folder / AUDIT_FILE) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM resource").fetchone()
    return count


async def test_audit_events_are_the_same_when_they_are_made_again(folder):
    result = replay(folder, progress=silent)

    assert result.same, result.findings
    assert result.audit_events >= 3


async def test_an_audit_event_that_was_taken_away_is_named(folder):
    with sqlite3.connect(folder / AUDIT_FILE) as connection:
        connection.execute("DELETE FROM resource WHERE position = 1")

    result = replay(folder, progress=silent)

    assert not result.same
    assert "AuditEvent/log-1" in result.findings[0].sentence


async def test_without_read_models_of_audit_events_they_are_made_all_the_same(folder):
    (folder / AUDIT_FILE).unlink()

    result = replay(folder, progress=silent)

    assert result.same
    assert result.compared
    assert result.audit_events >= 4


async def test_rebuilding_makes_the_audit_events_anew(folder):
    (folder / AUDIT_FILE).unlink()
    arguments = ["--data", str(folder)]

    rebuilt = await asyncio.to_thread(CliRunner().invoke, rebuild, arguments)

    assert rebuilt.exit_code == 0, rebuilt.output
    assert audit_events(folder) >= 4
    said = CliRunner().invoke(audit, ["replay", *arguments])
    assert said.output.endswith("same\n"), said.output
    assert f"audit events: {audit_events(folder)}" in said.output
