"""A backup is restored, and lacks nothing that was acknowledged before it began."""

from types import SimpleNamespace

import pytest

from gateway.store.backup import BackupRequest, back_up
from tests.crash import backups
from tests.crash.checks import UnkeptError
from tests.crash.commands import CommandError
from tests.crash.journal import Journal, Written, location
from tests.gateway_inside import gateway_inside
from tests.patients import patient
from tests.store.samples import note, opened


def _backed_up(data, target):
    asked = BackupRequest(folder=data, target=target, key=None, made="", program="")
    back_up(asked, progress=lambda _done, _total: None)
    return target


def test_a_backup_without_what_was_there_before_it_is_noticed(tmp_path):
    data = tmp_path / "data"
    ledger = opened(data)
    ledger.submit_sync(note("s", "x"))
    before = backups.noted_in(data)
    target = _backed_up(data, tmp_path / "backup")
    ledger.submit_sync(note("s", "y"))
    later = backups.noted_in(data)
    ledger.close()
    backups.require_all(target, before)

    with pytest.raises(CommandError, match="does not verify"):
        backups.require_all(target, later)


def test_a_backup_that_is_half_a_backup_is_noticed(tmp_path):
    data = tmp_path / "data"
    opened(data).close()
    noted = backups.noted_in(data)
    target = _backed_up(data, tmp_path / "backup")
    (tmp_path / "backup.part").mkdir()

    with pytest.raises(CommandError, match="a part of one"):
        backups.require_all(target, noted)
    (target / backups.FILE).unlink()
    with pytest.raises(CommandError, match="no manifest"):
        backups.require_all(target, noted)


async def test_what_a_restored_backup_lacks_is_noticed(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, dev=True) as caller:
        known = location(await caller.create(patient("1")))
        target = _backed_up(data, tmp_path / "backup")
        lacking = location(await caller.create(patient("2")))
    scene = SimpleNamespace(
        victim=SimpleNamespace(data=data, postgres=None, variables={}),
        journal=Journal(),
    )
    there = Written(known, patient("1"), round=1)
    other = Written(lacking, patient("2"), round=1)

    with pytest.raises(ExceptionGroup) as raised:
        await backups.restored(scene, target, [there, other])

    (error,) = raised.value.exceptions
    assert isinstance(error, UnkeptError)
    assert lacking in str(error)
    assert (tmp_path / "restored-backup").is_dir()  # kept for whoever looks into it
