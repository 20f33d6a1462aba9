"""Who was erased after a backup does not come back with it, on any way."""

from contextlib import closing

import pytest

from domain.events import REGISTRY
from gateway.store.ledger import Ledger
from gateway.store.spool import Spool
from tests.callers import FEED, NURSE
from tests.erasure.command import erase, run
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import statement, transaction, vital
from tests.worklist import open_task, until

EVE, ADAM = ("evevev", "eve-chosen-1"), ("adamam", "adam-chosen-2")


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def key(data):
    return data / "keys" / "kek"


async def backed_up(data, tmp_path):
    made = await run("backup", "--data", data, "--output", tmp_path / "backup")
    assert made.exit_code == 0, made.output
    return tmp_path / "backup"


async def restored(backup, folder, key, *told):
    words = ("--from", backup, "--data", folder, "--key-file", key, *told)
    done = await run("restore", *words, "--verify")
    assert done.exit_code == 0, done.output
    assert "replayed: same" in done.output
    return done.output


def told_by(way, data):
    """Return how a restore is told of erasures."""
    newer = ("--newer", data, "--accept-loss")
    proofs = ("--proofs", data / "erasures")
    ways = {"log": newer, "proofs": proofs, "both": (*newer, *proofs)}
    return ways[way]


WAYS = pytest.mark.parametrize("way", ["log", "proofs", "both"])


def spool_of(data, key):
    with closing(Ledger.open(data, registry=REGISTRY, kek_file=key)) as ledger:
        return Spool(data, ledger.derive("jobs"))


def waiting(data, key):
    with closing(spool_of(data, key)) as spool:
        return [each.id for each in spool.every()]


async def with_a_request_that_waits(data, key, tmp_path):
    async with gateway_inside(data) as one:
        await one.called(FEED).push(Marked(*ADAM).bundle)
    with closing(spool_of(data, key)) as spool:
        spool.keep("job", at=1, head=b"{}", content=b"of a patient yet unknown")
    backup = await backed_up(data, tmp_path)
    with closing(spool_of(data, key)) as spool:
        spool.remove("job")  # it was carried out, and its answer was kept for a day
    return backup


@pytest.mark.parametrize("way", ["log", "proofs"])
async def test_a_request_that_waited_at_the_backup_brings_back_nobody(
    data, key, tmp_path, way
):
    backup = await with_a_request_that_waits(data, key, tmp_path)
    (data / "erasures").mkdir(exist_ok=True)

    said = await restored(backup, tmp_path / "new", key, *told_by(way, data))

    assert "not restored: 1 accepted requests" in said
    assert waiting(tmp_path / "new", key) == []


async def test_where_nobody_was_erased_a_request_that_waited_is_carried_on(
    data, key, tmp_path
):
    backup = await with_a_request_that_waits(data, key, tmp_path)

    said = await restored(backup, tmp_path / "new", key, "--no-newer")

    assert "not restored" not in said
    assert waiting(tmp_path / "new", key) == ["job"]


@WAYS
async def test_an_answer_that_tells_of_her_is_not_given_again(data, key, tmp_path, way):
    eve, adam = Marked(*EVE), Marked(*ADAM)
    async with gateway_inside(data) as one:
        feed = one.called(FEED)
        await feed.push(adam.bundle)
        asked = await feed.push_anything(
            transaction(eve.patient), Prefer="respond-async"
        )
        where = asked.headers["Content-Location"].partition("/fhir")[2]

        async def done():
            return (await feed.get(f"/fhir{where}")).status == 200

        await until(done)
    backup = await backed_up(data, tmp_path)
    assert (await erase(data, eve.id)).exit_code == 0

    said = await restored(backup, tmp_path / "new", key, *told_by(way, data))

    assert "erased again: 1 erasures" in said
    assert "not restored" not in said
    async with gateway_inside(tmp_path / "new", key_file=key) as one:
        feed = one.called(FEED)
        assert (await feed.get(f"/fhir{where}")).status == 404
        assert (await feed.get(f"/fhir/{eve.name}")).status == 410
        assert (await feed.get(f"/fhir/{adam.name}")).status == 200


@WAYS
async def test_what_was_another_s_before_it_was_hers_is_gone(data, key, tmp_path, way):
    eve, adam = Marked(*EVE), Marked(*ADAM)
    async with gateway_inside(data) as one:
        feed = one.called(FEED)
        await feed.push(transaction(eve.patient, adam.patient))
        await feed.put({**vital(adam.name), "id": "moved"})
        await feed.put({**vital(eve.name), "id": "moved"})
    backup = await backed_up(data, tmp_path)
    assert (await erase(data, eve.id)).exit_code == 0

    await restored(backup, tmp_path / "new", key, *told_by(way, data))

    async with gateway_inside(tmp_path / "new", key_file=key) as one:
        feed = one.called(FEED)
        assert (await feed.get("/fhir/Observation/moved")).status == 410
        assert await feed.search(f"Observation?patient={adam.name}") == []
        assert (await feed.get("/fhir/Observation/moved/_history/1")).status == 200
        assert (await feed.put({**vital(adam.name), "id": "moved"})).status == 201


async def test_what_was_judged_on_both_is_judged_again_without_her(data, key, tmp_path):
    eve, adam = Marked(*EVE), Marked(*ADAM)
    link = {"other": {"reference": eve.name}, "type": "seealso"}
    async with gateway_inside(data) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        await feed.push(transaction(eve.patient, statement(eve.name, "warfarin")))
        await feed.push(adam.bundle)
        await feed.put({**adam.patient, "link": [link]})
        await until(lambda: judged_on(nurse, adam, medicines=True))
    backup = await backed_up(data, tmp_path)
    assert (await erase(data, eve.id)).exit_code == 0

    await restored(backup, tmp_path / "new", key, *told_by("log", data))

    async with gateway_inside(tmp_path / "new", key_file=key) as one:
        nurse = one.called(NURSE)
        await until(lambda: judged_on(nurse, adam, medicines=False))
        assert (await nurse.get(f"/fhir/{eve.name}")).status == 410


async def judged_on(nurse, patient, *, medicines):
    task = await open_task(nurse, patient.name)
    return task if task and ("MedicationStatement" in str(task)) is medicines else None
