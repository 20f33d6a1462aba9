"""Whoever knows the first signing key can follow every later one, and nobody else's."""

import base64
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from gateway.store import rotation, signing
from gateway.store.errors import (
    KeyFileError,
    LogDamagedError,
    LogLockedError,
    LogMissingError,
    LogUnavailableError,
)
from gateway.store.evidence import HANDOVER, OPEN_STATE, EvidenceError, leaf
from gateway.store.examination import examine
from gateway.store.export import Asked, export, newest_checkpoint, public_keys
from gateway.store.founding import read_identity
from gateway.store.keyfile import default_key_file
from gateway.store.notes import SigningKey, signed
from gateway.store.records import Passed
from gateway.store.rotation import rotate
from gateway.store.server import URL
from gateway.store.signing import change_signing_key
from gateway.store.verification import verify
from tests.store.samples import attack, note, opened, texts

SIGNED = "Proven: the key you gave signs it, or one that follows from it."


@pytest.fixture
def folder(tmp_path):
    _write(tmp_path / "data", "before")
    return tmp_path / "data"


def _write(folder, text, **options):
    ledger = opened(folder, **options)
    ledger.submit_sync(note("s", text, subject="Patient/1"))
    ledger.close()


def changed(folder, **options):
    return change_signing_key(folder, clock=lambda: "2026-04-01T00:00:00", **options)


def identity(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    found = read_identity(connection)
    connection.close()
    return found


def lines(folder, **asked):
    return [line.encode() for line in export(folder, Asked(**asked))]


def test_the_log_goes_on_under_a_new_key_and_the_first_is_enough_to_follow(folder):
    first, noted = identity(folder).public_key, newest_checkpoint(folder)
    assert [changed(folder).size for _ in range(2)] == [2, 3]
    _write(folder, "after")

    verdict = verify(folder, public_key=first, since=noted)

    assert verdict.problems == ()
    assert (verdict.events, verdict.authenticated) == (4, True)
    assert verdict.proven[1] == SIGNED
    assert examine(lines(folder), first, noted) == list(verdict.proven)


def test_who_knows_a_later_key_only_is_believed_too(folder):
    changed(folder)
    ledger = opened(folder)
    newest = ledger._log.recorder._signer.public_key
    ledger.close()

    assert newest != identity(folder).public_key
    assert examine(lines(folder), newest)[1] == SIGNED


def test_a_part_carries_what_introduces_its_key(folder):
    changed(folder)
    _write(folder, "after")

    part = lines(folder, positions=[3])

    assert examine(part, identity(folder).public_key)[0].startswith("Proven: 2 of 3")


def test_the_checkpoint_of_the_change_is_signed_by_both(folder):
    changed(folder)

    assert newest_checkpoint(folder).count("— ") == 2


def test_every_changed_byte_of_what_both_signed_is_found(folder):
    changed(folder)
    (folder / "keys" / "kek").unlink()  # the seal alone has to find it
    noted = newest_checkpoint(folder).encode()

    with closing(
        sqlite3.connect(folder / "log.sqlite", isolation_level=None)
    ) as connection:
        write = "UPDATE log_head SET note = CAST(? AS TEXT)"
        for harmed in _harmed(noted):
            connection.execute(write, (harmed,))

            assert verify(folder).problems, harmed
        connection.execute(write, (noted + b"anything at all\n",))
        assert verify(folder).problems
        connection.execute(write, (noted,))
        assert verify(folder).problems == ()


def test_every_changed_byte_of_an_export_with_a_change_is_found(folder):
    changed(folder)
    content = b"".join(lines(folder))

    for harmed in _harmed(content):
        with pytest.raises(EvidenceError):
            examine(harmed.splitlines(keepends=True))


def _harmed(content):
    """Give some bytes with each of them changed."""
    for index in range(len(content)):
        harmed = bytearray(content)
        harmed[index] ^= 1 << index % 8
        yield bytes(harmed)


def test_a_checkpoint_of_the_change_without_the_old_signature_is_refused(folder):
    changed(folder)
    whole = newest_checkpoint(folder).splitlines(keepends=True)

    attack(folder, "UPDATE log_head SET note = ?", "".join(whole[:-1]))

    assert "must have signed" in verify(folder).problems[-1].sentence


def test_readers_pass_over_the_change(folder):
    changed(folder)
    _write(folder, "after")
    ledger = opened(folder)

    assert isinstance(ledger.read()[1], Passed)
    assert texts(ledger, "s") == ["before", "after"]
    assert all(
        "next-key" not in str(line)
        for line in lines(folder, positions=[1, 3], decrypted=True)[1::2]
    )
    ledger.close()


def test_a_key_that_the_one_before_did_not_sign_is_not_followed(folder):
    changed(folder)
    origin = identity(folder).origin
    forged = (
        OPEN_STATE
        + signed(
            f"{origin}/next-key\nAAAA\ntime x\n", [SigningKey(origin, b"f" * 32)]
        ).encode()
    )
    attack(folder, "UPDATE stored_events SET state = ? WHERE position = 2", forged)

    assert 2 in [each.position for each in verify(folder).problems]
    with pytest.raises(LogDamagedError, match="signing key"):
        lines(folder, decrypted=True)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("state", "text"), ("leaf", "text"), ("topic", b"log"), ("topic", 7)),
        *(("originator_version", "x"), ("originator_version", b"x")),
        *(("originator_id", b"x"), ("state", b"\x02\xff\xfe"), ("state", b"")),
    ],
)
@pytest.mark.parametrize("with_key", [True, False])
def test_a_change_of_key_that_holds_anything_else_is_a_problem_and_not_a_crash(
    folder, column, value, with_key
):
    changed(folder)
    if not with_key:
        (folder / "keys" / "kek").unlink()

    attack(folder, f"UPDATE stored_events SET {column} = ? WHERE position = 2", value)

    assert verify(folder).problems


def test_a_change_of_key_that_is_no_text_is_found_where_its_leaf_fits(folder):
    changed(folder)
    with closing(sqlite3.connect(folder / "log.sqlite")) as log:
        row = log.execute("SELECT * FROM stored_events WHERE position = 2").fetchone()
    state = OPEN_STATE + b"\xff\xfe"
    of_leaf = leaf((*row[:4], state))

    attack(
        folder,
        "UPDATE stored_events SET state = ?, leaf = ? WHERE position = 2",
        *(state, of_leaf),
    )

    assert "signing key is not whole" in verify(folder).problems[0].sentence
    with pytest.raises(LogDamagedError, match="not whole"):
        public_keys(folder)


@pytest.mark.parametrize("short", [b"", b"short", b"x" * 33])
def test_a_next_key_of_another_length_is_not_followed(folder, short):
    ledger = opened(folder)
    recorder = ledger._log.recorder
    origin, keys = identity(folder).origin, recorder._signer.keys
    text = f"{origin}/next-key\n{base64.b64encode(short).decode()}\n"
    state = OPEN_STATE + signed(text, keys).encode()
    recorder.insert_events([StoredEvent("00", 1, HANDOVER, state)])
    ledger.close()

    assert 2 in [each.position for each in verify(folder).problems]
    with pytest.raises(EvidenceError, match=r"position 2: .* next key"):
        examine(lines(folder))
    with pytest.raises(LogDamagedError, match="not whole"):
        public_keys(folder)


def test_a_key_that_was_replaced_forks_the_log_and_a_later_one_refutes_it(
    folder, tmp_path
):
    """What a stolen old key can do, as docs/evidence.md says."""
    stolen, old = Path(shutil.copytree(folder, tmp_path / "stolen")), identity(folder)
    before = newest_checkpoint(folder)
    changed(folder)
    _write(folder, "true")
    changed(stolen)  # another next key, which the same old one signed
    _write(stolen, "false")
    fork = lines(stolen)

    assert examine(fork, old.public_key, before)[1:] == [
        SIGNED,
        "Proven: it grew from yours of 1.",
    ]
    for key, noted in (
        (public_keys(folder)[-1].public, None),
        (b"", newest_checkpoint(folder)),
    ):
        with pytest.raises(EvidenceError, match=r"do not follow|that you gave"):
            examine(fork, key, noted)


def test_a_note_that_the_key_signed_for_something_else_hands_nothing_over(folder):
    ledger = opened(folder)
    recorder = ledger._log.recorder
    other = signed("another/next-key\nAAAA\n", recorder._signer.keys)
    state = OPEN_STATE + other.encode()
    recorder.insert_events([StoredEvent("00", 1, HANDOVER, state)])
    ledger.close()

    with pytest.raises(EvidenceError, match=r"line 3, position 2: .* next key"):
        examine(lines(folder))


def test_a_row_in_clear_that_is_nothing_of_the_log_s_own_is_found(folder):
    attack(
        folder,
        "UPDATE stored_events SET state = CAST(x'02' || substr(state, 2) AS BLOB)",
    )

    assert "The row is not encrypted." in {p.sentence for p in verify(folder).problems}


@pytest.fixture
def gateways(tmp_path, postgres, monkeypatch):
    """Two gateways' folders, of one log in a server, with a key file of their own."""
    monkeypatch.setenv(URL, postgres.url)
    server, folders = postgres.fresh(), [tmp_path / "one", tmp_path / "two"]
    default_key_file(folders[1]).parent.mkdir(parents=True, mode=0o700)
    _write(folders[0], "before", server=server)
    shutil.copy(default_key_file(folders[0]), default_key_file(folders[1]))
    _write(folders[1], "before", server=server)
    return server, *folders


def test_a_gateway_with_the_old_key_writes_nothing_more(gateways):
    server, stopped, running = gateways
    ledger = opened(running, server=server)
    assert ledger.submit_sync(note("s", "in time")) == 3

    changed(stopped)
    with pytest.raises(LogUnavailableError, match="signing key was changed"):
        ledger.submit_sync(note("s", "too late"))
    ledger.close()

    assert verify(stopped).problems == ()
    _write(running, "after", server=server)
    assert verify(stopped).problems == ()


def _while_one_looks(monkeypatch, other):
    """Let another command do its work between a look at the log and its change."""
    look = signing._unlocked

    def slow(*asked):
        found = look(*asked)
        monkeypatch.setattr(signing, "_unlocked", look)
        other()
        return found

    monkeypatch.setattr(signing, "_unlocked", slow)


def test_of_two_changes_at_once_one_is_refused(gateways, monkeypatch):
    server, one, two = gateways
    _while_one_looks(monkeypatch, lambda: changed(two))

    with pytest.raises(LogUnavailableError, match="signing key was changed"):
        changed(one)

    assert verify(one).problems == ()
    assert newest_checkpoint(one).splitlines()[1] == "3"
    _write(one, "after", server=server)


def test_a_key_encryption_key_that_is_replaced_meanwhile_wraps_every_secret(
    gateways, monkeypatch
):
    server, one, two = gateways
    _while_one_looks(monkeypatch, lambda: rotate(two, source=None))

    with pytest.raises(KeyFileError, match="by another process meanwhile"):
        changed(one)

    _write(two, "after", server=server)
    assert verify(two).problems == ()


def test_a_signing_key_that_is_changed_meanwhile_outlives_a_rotation(
    gateways, monkeypatch
):
    server, one, two = gateways
    look = rotation._unlocked

    def slow(*asked):
        found = look(*asked)
        changed(one)
        return found

    monkeypatch.setattr(rotation, "_unlocked", slow)
    rotate(two, source=None)

    _write(two, "after", server=server)
    assert verify(two).problems == ()


def test_the_key_is_changed_only_where_nobody_writes_and_the_key_fits(folder, tmp_path):
    ledger = opened(folder)
    with pytest.raises(LogLockedError):
        changed(folder)
    ledger.close()
    with pytest.raises(KeyFileError):
        changed(folder, kek_file=tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogMissingError):
        changed(tmp_path / "empty")
    (tmp_path / "empty" / "log.sqlite").touch()
    with pytest.raises(LogMissingError, match="never begun"):
        changed(tmp_path / "empty")
    attack(folder, "DELETE FROM stored_events")
    with pytest.raises(LogDamagedError):
        changed(folder)
