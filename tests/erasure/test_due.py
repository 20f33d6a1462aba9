"""All who were kept for long enough, erased by one command."""

import asyncio
import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit import due, wanted
from gateway.cli import erase as command
from gateway.cli.own_log import own_log
from gateway.store.errors import OverloadedError
from gateway.store.reading import RowReader
from gateway.store.schema import KeyRow
from tests.callers import FEED, NURSE
from tests.erasure.command import BY, audited, killed_at, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import statement, transaction
from tests.worklist import open_task

WHO = [Marked(f"{word}{word}", f"{word}-chosen") for word in ("eve", "ada", "zoe")]


@pytest.fixture
async def data(tmp_path):
    folder = tmp_path / "data"
    async with gateway_inside(folder, retention_most_days=0) as one:
        for who in WHO:
            await one.called(FEED).push(transaction(who.patient))
            await one.called(FEED).read(who.name)  # it is shown by then
    return folder


async def erased(data):
    return await run("erase", "--data", data, "--due", "--by", "x", "--yes")


def patients_shown(data):
    with closing(sqlite3.connect(data / "projections.sqlite")) as read_models:
        rows = read_models.execute("SELECT * FROM resource WHERE type = 'Patient'")
        return len(rows.fetchall())


async def test_the_log_is_read_once_for_all_of_them(data, monkeypatch):
    opened, plain = Counter(), RowReader.entry

    def counted(reader, row):
        opened[row.position] += 1
        return plain(reader, row)

    monkeypatch.setattr(RowReader, "entry", counted)

    done = await erased(data)

    assert done.exit_code == 0, done.output
    assert done.output.count("proof: ") == len(WHO)
    # Who is due; what is theirs; what names them.
    assert max(opened.values()) == 3
    assert "same" in await audited(data)


async def test_a_shared_key_goes_once_and_is_counted_with_the_first(data):
    async with gateway_inside(data, retention_most_days=0) as one:
        assert len(await one.called(FEED).search("Patient")) == len(WHO)

    done = await erased(data)

    assert done.exit_code == 0, done.output
    said = await audited(data)
    each = [int(line.split()[1]) for line in done.output.splitlines() if told(line)]
    assert f"erased: {sum(each)}," in said


def told(line):
    return line.startswith("erased: ")


async def test_of_whom_only_the_keys_of_these_are_looked_up(data, monkeypatch):
    looked_up = []

    class Row(KeyRow):
        @classmethod
        def _make(cls, columns):
            looked_up.append(columns[0])
            return KeyRow(*columns)

    monkeypatch.setattr(wanted, "KeyRow", Row)

    done = await run("erase", "--data", data, "--patient", WHO[0].id, *BY, "--yes")

    assert done.exit_code == 0, done.output
    (proof,) = (data / "erasures").iterdir()
    assert {each.hex() for each in looked_up} == destroyed_by(proof)


def destroyed_by(proof):
    return set(json.loads(proof.read_text())["keys"])


@pytest.fixture
def a_year_later(monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=365)

    monkeypatch.setattr(command, "datetime", Later)


@pytest.mark.usefixtures("a_year_later")
async def test_nobody_is_young_again_because_somebody_else_was_erased(tmp_path):
    data, (eve, ada, _) = tmp_path / "data", WHO
    days = {"retention_least_days": 30, "retention_most_days": 300}
    link = {"other": {"reference": eve.name}, "type": "seealso"}
    async with gateway_inside(data, **days) as one:
        feed = one.called(FEED)
        await feed.push(transaction(eve.patient, statement(eve.name, "warfarin")))
        await feed.push(transaction(ada.patient))
        await feed.put({**ada.patient, "link": [link]})
        await feed.push(transaction({**ada.pain, "id": "pain"}))
        await open_task(one.called(NURSE), ada.name)

    first = await run("erase", "--data", data, "--patient", eve.id, *BY, "--yes")
    then = await erased(data)

    assert (first.exit_code, then.exit_code) == (0, 0), first.output + then.output
    assert f"due: {ada.name}" in then.output


async def test_nobody_who_writes_waits_for_who_is_due(data, monkeypatch):
    later = datetime.now(UTC) + timedelta(days=1)

    def busy(_work):
        raise OverloadedError("Too many wait.")

    def look():
        with own_log(data, None) as ledger:
            monkeypatch.setattr(ledger, "submit_sync", busy)
            return due.patients(ledger, later)

    found = await asyncio.to_thread(look)

    assert found == sorted(who.name for who in WHO)


async def test_after_a_crash_they_are_taken_out_of_what_is_shown(data):
    killed_at(data, None, step="gateway.cli.erase:bring_up_to_date", when="before")
    before = patients_shown(data)

    again = await erased(data)

    assert before == len(WHO)
    assert patients_shown(data) == 0
    assert "no file can be searched" in again.output
    assert again.exit_code == 0, again.output
    assert (await erased(data)).output == ""
