"""`audit verify` knows an erasure from a key that somebody destroyed, or put back."""

import shutil
import sqlite3

import pytest

from gateway.store.keyfile import default_key_file
from gateway.store.verification import verify
from tests.callers import FEED
from tests.erasure.command import erase, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.store.samples import attack

EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")


@pytest.fixture
async def folder(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data) as one:
        await one.called(FEED).push(EVE.bundle)
        await one.called(FEED).push(ADAM.bundle)
    return data


def keys(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    try:
        return dict(connection.execute("SELECT key_id, wrapped FROM data_keys"))
    finally:
        connection.close()


async def test_an_erasure_that_the_log_tells_of_is_no_problem(folder):
    await erase(folder, EVE.id)

    verdict = verify(folder)

    assert verdict.problems == ()
    assert verdict.erased > 0


async def test_a_key_that_is_gone_without_an_erasure_is_a_problem(folder):
    await erase(folder, EVE.id)
    attack(folder, "UPDATE data_keys SET wrapped = NULL")

    problems = verify(folder).problems

    assert any("no erasure tells of it" in each.sentence for each in problems)


async def test_a_key_that_was_put_back_is_a_problem(folder):
    before = keys(folder)
    await erase(folder, EVE.id)
    (gone, *_) = [each for each, wrapped in keys(folder).items() if wrapped is None]

    attack(
        folder, "UPDATE data_keys SET wrapped = ? WHERE key_id = ?", before[gone], gone
    )

    problems = verify(folder).problems
    assert any("and it is there" in each.sentence for each in problems)


async def test_without_the_key_the_reason_is_not_proven_and_that_is_said(folder):
    await erase(folder, EVE.id)
    shutil.move(default_key_file(folder), folder.parent / "kek")

    said = await run("audit", "verify", "--data", folder)

    assert said.exit_code == 0, said.output
    assert "not proven: why events were erased" in said.output
