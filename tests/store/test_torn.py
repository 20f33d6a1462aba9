"""Pages that a power loss tears, and disks that lie: nothing else is ever read."""

import random
import shutil
import sqlite3
import struct

import pytest

from gateway.store.errors import LogDamagedError
from gateway.store.verification import verify
from tests.store.samples import note, opened, texts

GROUPS, ROUNDS = 30, 40
WAL_HEADER, FRAME_HEADER = 32, 24
WRITTEN = [str(number) for number in range(GROUPS)]


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A data folder as `kill -9` leaves it: all that was written since is in the WAL.

    With it the checkpoint that somebody noted at the end.
    """
    data = tmp_path_factory.mktemp("torn") / "data"
    ledger = opened(data)
    for text in WRITTEN:
        ledger.submit_sync(note("s", text + "y" * 900))
    noted = verify(data).note
    left = shutil.copytree(data, data.with_name("killed"))
    (left / "log.sqlite-shm").unlink()
    ledger.close()
    return left, noted


@pytest.fixture
def folder(killed, tmp_path):
    return shutil.copytree(killed[0], tmp_path / "data")


def read(folder):
    ledger = opened(folder)
    try:
        return [each.partition("y")[0] for each in texts(ledger, "s")]
    finally:
        ledger.close()


def flipped(file, place, chance):
    content = bytearray(file.read_bytes())
    content[place] ^= chance.randrange(1, 256)
    file.write_bytes(content)


def in_wal(folder):
    """Return the page size, and the numbers of the pages that the WAL holds."""
    content = (folder / "log.sqlite-wal").read_bytes()
    (page,) = struct.unpack_from(">I", content, 8)
    frames = range(WAL_HEADER, len(content), FRAME_HEADER + page)
    return page, {struct.unpack_from(">I", content, at)[0] for at in frames}


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_byte_changed_in_the_wal_cuts_the_log_and_a_checkpoint_tells(
    killed, folder, seed
):
    chance = random.Random(seed)
    wal = folder / "log.sqlite-wal"
    size = wal.stat().st_size
    # The first of them is the founding of the log, the last ones its newest groups.
    flipped(wal, chance.randrange(size // 2, size), chance)

    verdict = verify(folder, since=killed[1])
    seen = read(folder)

    assert seen == WRITTEN[: len(seen)]
    assert bool(verdict.problems) == (seen != WRITTEN)
    if seen != WRITTEN:
        assert "The log was cut" in verdict.problems[0].sentence


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_pages_torn_while_the_wal_is_merged_are_made_whole_from_it(folder, seed):
    chance = random.Random(seed)
    page, numbers = in_wal(folder)
    file = folder / "log.sqlite"
    with file.open("r+b") as database:
        for number in chance.sample(sorted(numbers), chance.randrange(1, 6)):
            start = chance.randrange(page)
            database.seek((number - 1) * page + start)
            database.write(chance.randbytes(page - start))

    assert read(folder) == WRITTEN
    assert verify(folder).problems == ()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_page_torn_after_that_is_named_or_holds_nothing_of_the_log(folder, seed):
    chance = random.Random(seed)
    file = folder / "log.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    before = rows(folder)
    content = bytearray(file.read_bytes())
    page = in_page(content)
    number = chance.randrange(1, len(content) // page)
    half = number * page + page // 2
    content[half : half + page // 2] = bytes(page // 2)
    file.write_bytes(content)

    try:
        problems = verify(folder).problems
    except LogDamagedError:
        return
    assert problems or rows(folder) == before


def in_page(content):
    (size,) = struct.unpack_from(">H", content, 16)
    return 65536 if size == 1 else size


def rows(folder):
    with sqlite3.connect(folder / "log.sqlite") as connection:
        found = connection.execute("SELECT * FROM stored_events").fetchall()
    connection.close()
    return found
