"""Backups: whole or not at all, proven, without what was destroyed, restored as is."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from domain.retained import PatientErased
from gateway.store.backup import BackupRequest, back_up
from gateway.store.draft import whole_or_not_at_all
from gateway.store.errors import BackupError, LogDamagedError, LogMissingError
from gateway.store.later import as_of
from gateway.store.manifest import Kept, Manifest
from gateway.store.restore import (
    checkpoint_of,
    copy_log,
    copy_requests,
    prove,
    require_empty,
    waiting,
)
from gateway.store.spool import Spool
from gateway.store.verification import verify
from tests.store.samples import Servers, attack, erase, note, opened, texts

MADE = "2026-03-01T12:00:00+00:00"


def _quiet(_done, _total):
    pass


def _backed_up(folder, target, **more):
    asked = BackupRequest(
        folder=folder, target=target, key=None, made=MADE, program="test"
    )
    return back_up(asked, progress=more.get("progress", _quiet))


def _sound(backup, key, *known):
    return prove(backup, key_file=key, known=known, progress=_quiet)


def _copied(sound, folder, **more):
    with whole_or_not_at_all(folder) as draft:
        copy_log(
            sound,
            draft,
            server=None,
            destroyed=more.get("destroyed", ()),
            progress=_quiet,
        )
    return folder


@pytest.fixture
def data(tmp_path):
    ledger = opened(tmp_path / "data")
    ledger.submit_sync(note("s", "x", "y", subject="Patient/1"))
    ledger.submit_sync(note("t", "z", subject="Patient/2"))
    ledger.close()
    return tmp_path / "data"


@pytest.fixture
def key(data):
    return data / "keys" / "kek"


@pytest.fixture
def backup(data, tmp_path):
    _backed_up(data, tmp_path / "backup")
    return tmp_path / "backup"


def test_a_backup_is_made_while_the_log_is_written(data, tmp_path):
    ledger = opened(data)
    told = []

    def meanwhile(done, total):
        told.append((done, total))
        ledger.submit_sync(note("s", "meanwhile"))

    made = _backed_up(data, tmp_path / "backup", progress=meanwhile)

    ledger.close()
    assert made.size == 3
    assert verify(tmp_path / "backup").position == 3
    assert (3, 3) in told


def test_a_backup_says_what_it_is(backup, data):
    manifest = json.loads((backup / "manifest.json").read_text())

    assert manifest["size"] == 3
    assert manifest["made"] == MADE
    assert set(manifest["files"]) == {"log.sqlite", "checkpoint"}
    assert (backup / "checkpoint").read_text() == checkpoint_of(data)


def test_a_backup_is_for_its_owner_only(backup):
    modes = [path.stat().st_mode & 0o077 for path in (backup, backup / "log.sqlite")]

    assert modes == [0, 0]


def test_the_key_is_in_a_backup_only_when_it_is_asked_for(data, key, tmp_path):
    _backed_up(data, tmp_path / "without")
    back_up(
        BackupRequest(
            folder=data, target=tmp_path / "with", key=key, made=MADE, program="test"
        ),
        progress=_quiet,
    )

    assert not (tmp_path / "without" / "keys").exists()
    assert (tmp_path / "with" / "keys" / "kek").read_bytes() == key.read_bytes()


def test_a_backup_never_replaces_another(backup, data):
    before = (backup / "manifest.json").read_bytes()

    with pytest.raises(BackupError, match="there already"):
        _backed_up(data, backup)

    assert (backup / "manifest.json").read_bytes() == before


def test_a_folder_without_a_log_has_no_backup(tmp_path):
    with pytest.raises(LogMissingError):
        _backed_up(tmp_path, tmp_path / "backup")

    assert list(tmp_path.iterdir()) == []


def test_a_log_that_was_never_begun_has_no_backup(tmp_path):
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "log.sqlite")) as empty:
        empty.execute("CREATE TABLE other (x)")

    with pytest.raises(LogMissingError, match="never begun"):
        _backed_up(tmp_path / "data", tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


def test_a_log_that_was_changed_has_no_backup(data, tmp_path):
    attack(data, "UPDATE stored_events SET topic = 'x' WHERE position = 2")

    with pytest.raises(BackupError, match="position 2"):
        _backed_up(data, tmp_path / "backup")

    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(data, tmp_path):
    ledger = opened(data)
    ledger.submit_sync(note("s", "x" * 300_000))
    ledger.close()
    command = [sys.executable, "-m", "tests.store.full_backup"]

    done = subprocess.run(
        [*command, str(data), str(tmp_path / "backup")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert "cannot be written" in done.stdout, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_what_an_interrupted_backup_left_is_no_obstacle(data, tmp_path):
    (tmp_path / "backup.part").mkdir()
    (tmp_path / "backup.part" / "log.sqlite").write_bytes(b"half")

    made = _backed_up(data, tmp_path / "backup")

    assert made.size == 3
    assert not (tmp_path / "backup.part").exists()


def test_a_backup_holds_nothing_of_what_was_destroyed(data, tmp_path):
    with closing(sqlite3.connect(data / "log.sqlite")) as log:
        wrapped = [row[0] for row in log.execute("SELECT wrapped FROM data_keys")]
    erase(data)

    _backed_up(data, tmp_path / "backup")

    content = (tmp_path / "backup" / "log.sqlite").read_bytes()
    assert not any(each in content for each in wrapped)


def test_a_restored_log_is_the_same_and_goes_on(backup, key, tmp_path, data):
    folder = _copied(_sound(backup, key), tmp_path / "new")

    ledger = opened(folder, kek_file=key)
    assert texts(ledger, "s") == ["x", "y"]
    ledger.submit_sync(note("s", "after"))
    ledger.close()
    verdict = verify(folder, kek_file=key, since=checkpoint_of(data))
    assert verdict.problems == ()
    assert verdict.position == 4


def test_a_restored_log_is_append_only_again(backup, key, tmp_path):
    folder = _copied(_sound(backup, key), tmp_path / "new")

    with (
        closing(sqlite3.connect(folder / "log.sqlite")) as log,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        log.execute("DELETE FROM stored_events")


def test_the_key_in_a_backup_comes_back(data, key, tmp_path):
    asked = BackupRequest(
        folder=data, target=tmp_path / "backup", key=key, made=MADE, program="test"
    )
    back_up(asked, progress=_quiet)

    folder = _copied(_sound(tmp_path / "backup", None), tmp_path / "new")

    with closing(opened(folder)) as ledger:
        assert ledger.head == 3


def test_a_destroyed_key_is_never_written_again(backup, key, tmp_path):
    with closing(sqlite3.connect(backup / "log.sqlite")) as log:
        rows = log.execute("SELECT key_id, wrapped FROM data_keys").fetchall()
    (gone, wrapped), (_, kept) = rows

    folder = _copied(_sound(backup, key), tmp_path / "new", destroyed={gone})

    content = (folder / "log.sqlite").read_bytes()
    assert wrapped not in content
    assert kept in content
    assert verify(folder, kek_file=key).position == 3


def test_requests_come_back_only_where_they_are_asked_for(data, key, tmp_path):
    ledger = opened(data)
    secret = ledger.derive("jobs")
    ledger.close()
    with closing(Spool(data, secret)) as spool:
        for name in ("one", "two"):
            spool.keep(name, at=1, head=b"head", content=b"content")
        spool.finish("two", at=2, head=b"head", content=b"answer")
    _backed_up(data, tmp_path / "backup")
    sound = _sound(tmp_path / "backup", key)

    with_them = _copied(sound, tmp_path / "with")
    copy_requests(sound, with_them)
    without = _copied(sound, tmp_path / "without")

    assert waiting(sound) == 1
    assert not (without / "jobs.sqlite").exists()
    with closing(Spool(with_them, secret)) as spool:
        assert [each.id for each in spool.every()] == ["one", "two"]
        assert spool.content("two", done=True) == b"answer"


def test_a_backup_without_requests_has_none_that_wait(backup, key, tmp_path):
    sound = _sound(backup, key)

    folder = _copied(sound, tmp_path / "new")
    copy_requests(sound, folder)

    assert waiting(sound) == 0
    assert not (folder / "jobs.sqlite").exists()


def test_of_an_erasure_the_log_s_own_words_count_before_those_of_a_proof(backup):
    with closing(sqlite3.connect(backup / "log.sqlite")) as log:
        ((key_id,), *_) = log.execute("SELECT key_id FROM data_keys").fetchall()
    proof = PatientErased(
        erasure_id="one",
        patient=b"",
        keys=(key_id,),
        positions=((1, 9),),
        cases=(),
        jobs=(),
        reason="x",
        by="y",
        at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    full = replace(proof, patient=b"digest", cases=("case/1",))
    other = replace(proof, erasure_id="two", keys=(b"o" * 16,))

    found = as_of([full, other, proof], size=3, backup=backup)

    assert found == [replace(full, positions=((1, 3),))]


def test_documents_that_were_loaded_come_back_and_what_is_made_of_them_does_not(
    data, key, tmp_path
):
    (data / "knowledge").mkdir()
    for name in ("ab.jsonl", "cd.jsonl", ".kept-1", "ef.sqlite"):
        (data / "knowledge" / name).write_text(name)
    _backed_up(data, tmp_path / "backup")
    (tmp_path / "backup" / "knowledge" / "stray.jsonl").touch()

    folder = _copied(_sound(tmp_path / "backup", key), tmp_path / "new")

    found = {each.name: each.read_text() for each in (folder / "knowledge").iterdir()}
    assert found == {"ab.jsonl": "ab.jsonl", "cd.jsonl": "cd.jsonl"}


@pytest.mark.parametrize("name", ["log.sqlite", "checkpoint"])
def test_a_changed_file_of_a_backup_is_named(backup, key, name):
    content = bytearray((backup / name).read_bytes())
    content[50] ^= 1
    (backup / name).write_bytes(content)

    with pytest.raises(BackupError, match=f"{name} is missing or was changed"):
        _sound(backup, key)


def test_a_missing_file_of_a_backup_is_named(backup, key):
    (backup / "checkpoint").unlink()

    with pytest.raises(BackupError, match="checkpoint is missing"):
        _sound(backup, key)


def test_a_name_in_a_manifest_leads_nowhere_else(backup, key, tmp_path):
    (tmp_path / "outside").touch()
    manifest = json.loads((backup / "manifest.json").read_text())
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifest["files"]["../outside"] = {"size": 0, "sha256": empty}
    (backup / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(BackupError, match="outside is missing or was changed"):
        _sound(backup, key)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"format": "x"}', "{}"])
def test_without_its_manifest_nothing_is_a_backup(backup, key, content):
    (backup / "manifest.json").unlink()
    if content is not None:
        (backup / "manifest.json").write_text(content)

    with pytest.raises(BackupError):
        _sound(backup, key)


def test_a_backup_that_was_forged_with_its_manifest_does_not_verify(backup, key):
    attack(backup, "UPDATE stored_events SET topic = 'x' WHERE position = 2")
    _rewrite(backup)

    with pytest.raises(BackupError, match="position 2"):
        _sound(backup, key)


def test_a_newer_checkpoint_says_what_a_backup_lacks(backup, data, key):
    ledger = opened(data)
    ledger.submit_sync(note("s", "later", "still later"))
    ledger.close()

    sound = _sound(backup, key, checkpoint_of(data))

    assert sound.newest is not None
    assert sound.lost == 2


def test_an_older_checkpoint_is_part_of_the_backup(data, key, tmp_path):
    before = checkpoint_of(data)
    ledger = opened(data)
    ledger.submit_sync(note("s", "later"))
    ledger.close()
    _backed_up(data, tmp_path / "backup")

    sound = _sound(tmp_path / "backup", key, before)

    assert sound.newest is None
    assert sound.lost == 0


def test_a_backup_of_another_history_is_refused(data, backup, key, tmp_path):
    fork = tmp_path / "fork"
    _copied(_sound(backup, key), fork)
    for folder, text in ((data, "one"), (fork, "other")):
        ledger = opened(folder, kek_file=key)
        ledger.submit_sync(note("s", text))
        ledger.close()
    _backed_up(fork, tmp_path / "forked")

    with pytest.raises(BackupError, match="history"):
        _sound(tmp_path / "forked", key, checkpoint_of(data))


def test_a_checkpoint_of_another_log_is_refused(backup, key, tmp_path):
    opened(tmp_path / "other").close()

    with pytest.raises(BackupError, match="another log"):
        _sound(backup, key, checkpoint_of(tmp_path / "other"))


def test_what_is_no_checkpoint_is_refused(backup, key):
    with pytest.raises(BackupError, match="no checkpoint"):
        _sound(backup, key, "hello\n")


def test_a_restore_never_replaces_anything(data, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()

    require_empty(tmp_path / "empty", None)
    require_empty(tmp_path / "new", None)
    for taken in (data, tmp_path / "file"):
        with pytest.raises(BackupError, match="not empty"):
            require_empty(taken, None)


def test_a_restore_into_an_empty_folder_fills_it(backup, key, tmp_path):
    (tmp_path / "new").mkdir()

    folder = _copied(_sound(backup, key), tmp_path / "new")

    assert (folder / "log.sqlite").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with (
        pytest.raises(BackupError, match="cannot be written"),
        whole_or_not_at_all(tmp_path / "file" / "backup"),
    ):
        pass


def _rewrite(backup):
    """Make the manifest fit the files, as a forger would."""
    manifest = Manifest.read(backup)
    files = {name: Kept.of(backup / name) for name in manifest.files}
    Manifest(
        made=manifest.made,
        program=manifest.program,
        origin=manifest.origin,
        tenant=manifest.tenant,
        size=manifest.size,
        files=files,
    ).write(backup)


def test_a_log_in_a_server_is_backed_up_into_a_file(kept_by, tmp_path):
    kept_by("postgres")
    ledger = opened(tmp_path / "data")
    ledger.submit_sync(note("s", "x", "y", subject="Patient/1"))

    made = _backed_up(tmp_path / "data", tmp_path / "backup")

    ledger.close()
    verdict = verify(tmp_path / "backup", since=checkpoint_of(tmp_path / "data"))
    assert made.size == 2
    assert verdict.problems == ()
    assert (tmp_path / "backup" / "log.sqlite").is_file()


def test_a_backup_is_restored_into_a_server(backup, key, tmp_path, kept_by, data):
    kept_by("postgres")
    folder, server = tmp_path / "new", Servers.of(tmp_path / "new")
    require_empty(folder, server)
    with whole_or_not_at_all(folder) as draft:
        copy_log(
            _sound(backup, key),
            draft,
            server=server,
            destroyed=(),
            progress=_quiet,
        )

    ledger = opened(folder, kek_file=key)
    ledger.submit_sync(note("s", "after"))
    read = texts(ledger, "s")
    ledger.close()
    assert read == ["x", "y", "after"]
    assert not (folder / "log.sqlite").exists()
    verdict = verify(folder, kek_file=key, since=checkpoint_of(data))
    assert (verdict.position, verdict.problems) == (4, ())
    with pytest.raises(BackupError, match="There is a log in the"):
        require_empty(tmp_path / "other", server)
    with (
        server_connection(server) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        connection.execute("DELETE FROM stored_events")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE stored_events DISABLE TRIGGER stored_events_are_never_changed",
        "DROP TRIGGER data_keys_are_never_removed ON data_keys",
        "DROP TRIGGER data_keys_stay_whose_they_are ON data_keys",
    ],
)
def test_a_log_in_a_server_that_lost_its_guards_is_not_continued(
    kept_by, tmp_path, statement
):
    kept_by("postgres")
    opened(tmp_path).close()
    with server_connection(Servers.of(tmp_path)) as connection:
        connection.execute(statement)
        connection.commit()

    with pytest.raises(LogDamagedError, match="switched off"):
        opened(tmp_path)


def server_connection(server):
    options = f"-c search_path={server.schema}"
    return psycopg.connect(server.url, options=options)
