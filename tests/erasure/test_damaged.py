"""An erasure succeeds beside faults of the program, and says what damage keeps it."""

import sqlite3

import pytest

from gateway.projections import projection
from gateway.translate.output import render
from tests.callers import FEED, NURSE
from tests.erasure.command import erase, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.worklist import open_task, until

EVE, ADAM = ("evevev", "eve-chosen-1"), ("adamam", "adam-chosen-2")


@pytest.fixture
def faulty(monkeypatch):
    """Let nothing be shown that is withheld from him: a fault of the program."""

    def failing(event, before, after, *, at):
        if event.topic == "assessment.withheld.v1" and ADAM[1] in str(after.patient):
            raise KeyError("a fault of the program at this event")
        return render(event, before, after, at=at)

    monkeypatch.setattr(projection, "render", failing)


async def passed_over(one):
    ready = await one.get("/health/ready")
    return "1 events could not be projected" in ready.body.decode()


async def status(data, path):
    async with gateway_inside(data) as one:
        return (await one.called(NURSE).get(f"/fhir/{path}")).status


@pytest.mark.usefixtures("faulty")
async def test_a_fault_at_what_is_shown_of_others_does_not_bring_her_back(tmp_path):
    data, eve, adam = tmp_path / "data", Marked(*EVE), Marked(*ADAM)
    async with gateway_inside(data) as one:
        await one.called(FEED).push(eve.bundle)
        await open_task(one.called(NURSE), eve.name)
        await one.called(FEED).push(adam.bundle)
        await until(lambda: passed_over(one))

    done = await erase(data, eve.id)

    assert done.exit_code == 0, done.output
    async with gateway_inside(data) as one:
        nurse = one.called(NURSE)
        assert (await nurse.get(f"/fhir/{eve.name}")).status == 410
        # He is the first now to whom a Device of ours gave advice.
        assert len(await nurse.search(f"Task?patient={adam.name}")) == 1
        assert await passed_over(one)


async def test_a_damaged_row_does_not_keep_her_and_is_told(tmp_path):
    data, eve = tmp_path / "data", Marked(*EVE)
    async with gateway_inside(data) as one:
        await one.called(FEED).push(eve.bundle)
        await open_task(one.called(NURSE), eve.name)
    with sqlite3.connect(data / "projections.sqlite") as read_models:
        read_models.execute(
            "UPDATE resource SET body = CAST(substr(body, 2) AS BLOB) "
            "WHERE type = 'Device'"
        )

    done = await erase(data, eve.id)

    assert done.exit_code == 1
    assert "triage-gateway rebuild" in done.output
    assert await status(data, eve.name) == 410
    rebuilt = await run("rebuild", "--data", data)
    assert rebuilt.exit_code == 0, rebuilt.output
    again = await erase(data, eve.id)
    assert again.exit_code == 0, again.output
    assert await status(data, eve.name) == 410


@pytest.mark.parametrize("name", ["projections.sqlite", "audit.sqlite"])
async def test_read_models_that_are_no_database_are_made_anew(tmp_path, name):
    data, eve = tmp_path / "data", Marked(*EVE)
    async with gateway_inside(data) as one:
        await one.called(FEED).push(eve.bundle)
        await open_task(one.called(NURSE), eve.name)
    (data / name).write_bytes(b"no database" * 1000)

    done = await erase(data, eve.id)

    assert done.exit_code == 0, done.output
    assert await status(data, eve.name) == 410
