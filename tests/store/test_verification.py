"""Whoever changes the file, wherever, is found out; an honest log is not accused."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.envelope import Place, sealed_state
from gateway.store.errors import KeyFileError, LogMissingError, StoreError
from gateway.store.founding import read_identity, write_head
from gateway.store.seal import (
    Head,
    LogIdentity,
    SignedHead,
    Signer,
    is_signed,
    leaf,
    link,
)
from gateway.store.verification import verify
from tests.store.samples import attack, erase, note, opened

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {
    "stored_events": (
        "position",
        "originator_id",
        "originator_version",
        "topic",
        "state",
        "leaf",
        "chain",
    ),
    "log_head": ("position", "chain", "at", "signature"),
    "log_info": ("name", "value"),
    "log_secrets": ("name", "wrapped"),
    "data_keys": ("key_id", "subject_tag", "generation", "kek_id", "wrapped"),
}
INSERTION = (
    "INSERT INTO stored_events SELECT 9, originator_id, 5, topic, state, leaf, chain "
    "FROM stored_events WHERE position = 8"
)
NEED_THE_KEY = {"log_secrets", "data_keys"}


def _written(folder: Path) -> Path:
    ledger = opened(folder)
    for number in range(4):
        for patient in ("Patient/1", "Patient/2"):
            ledger.submit_sync(note(patient, f"note {number}", subject=patient))
    ledger.close()
    return folder


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    return _written(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def folder(honest, tmp_path):
    return Path(shutil.copytree(honest, tmp_path / "copy"))


@pytest.fixture
def keyless(folder):
    shutil.rmtree(folder / "keys")
    return folder


def _places(folder: Path) -> list[tuple[int, str]]:
    return [(p.position, p.sentence) for p in verify(folder).problems]


def _sentences(folder: Path, **options) -> str:
    return " ".join(p.sentence for p in verify(folder, **options).problems)


def test_an_honest_log_is_not_accused(folder):
    steps = []

    verdict = verify(folder, progress=lambda done, total: steps.append((done, total)))

    assert (verdict.position, verdict.events, verdict.erased) == (8, 8, 0)
    assert verdict.authenticated
    assert verdict.problems == ()
    assert steps == [(8, 8)]


def test_the_seal_holds_without_any_key(keyless):
    verdict = verify(keyless)

    assert verdict.problems == ()
    assert not verdict.authenticated


def test_an_empty_log_verifies(tmp_path):
    opened(tmp_path).close()

    verdict = verify(tmp_path, expected=verify_head(tmp_path))

    assert (verdict.position, verdict.events, verdict.problems) == (0, 0, ())


def verify_head(folder: Path) -> Head:
    verdict = verify(folder)
    return Head.parse(f"{verdict.position}:{verdict.chain_hex}")


def test_a_long_log_tells_its_progress(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", *map(str, range(1001))))
    ledger.close()
    steps = []

    verify(tmp_path, progress=lambda done, total: steps.append((done, total)))

    assert steps == [(500, 1001), (1000, 1001), (1001, 1001)]


def _changed(value, index: int, mask: int):
    """Return the value with one byte changed, and how SQL keeps its type."""
    if isinstance(value, int):
        return value ^ (mask << (8 * (index % 7))), "?"
    content = bytearray(value)
    content[index % len(content)] ^= mask
    return bytes(content), "CAST(? AS TEXT)" if isinstance(value, _Text) else "?"


class _Text(bytes):
    """A column's bytes that SQLite holds as text."""


def _value(folder: Path, table: str, column: str, row: int):
    connection = sqlite3.connect(folder / "log.sqlite")
    connection.text_factory = _Text
    rows = connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
    connection.close()
    return rows[row % len(rows)]


@settings(max_examples=150, deadline=None)
@given(
    place=st.sampled_from([(t, c) for t, columns in COLUMNS.items() for c in columns]),
    row=st.integers(0, 100),
    change=st.tuples(st.integers(0, 2000), st.integers(1, 255)),
    with_key=st.booleans(),
)
def test_any_single_changed_byte_is_detected(honest, place, row, change, with_key):
    table, column = place
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(shutil.copytree(honest, Path(parent) / "copy"))
        rowid, value = _value(copy, table, column, row)
        changed, form = _changed(value, *change)
        statement = f"UPDATE {table} SET {column} = {form} WHERE rowid = ?"
        try:
            attack(copy, statement, changed, rowid)
        except sqlite3.IntegrityError:
            return  # the table itself refuses to hold two rows in one place

        if not with_key and table not in NEED_THE_KEY:
            shutil.rmtree(copy / "keys")

        try:
            problems = verify(copy).problems
        except StoreError:
            return

        assert problems


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE stored_events SET state = x'00' WHERE position = 5", 5),
        ("UPDATE stored_events SET topic = 'note.noted.v2' WHERE position = 5", 5),
        ("UPDATE stored_events SET topic = 7.5 WHERE position = 5", 5),
        ("UPDATE stored_events SET topic = CAST(x'ff' AS TEXT) WHERE position = 5", 5),
        ("UPDATE stored_events SET leaf = x'00' WHERE position = 5", 5),
        ("UPDATE stored_events SET chain = zeroblob(32) WHERE position = 5", 5),
        ("UPDATE stored_events SET chain = 'text' WHERE position = 5", 5),
        ("DELETE FROM stored_events WHERE position = 4", 5),
        ("DELETE FROM stored_events WHERE position = 1", 2),
        ("DELETE FROM stored_events WHERE position >= 7", 6),
        ("DELETE FROM stored_events", 0),
        ("UPDATE stored_events SET position = -1 WHERE position = 1", -1),
        ("UPDATE stored_events SET position = 99 WHERE position = 8", 99),
        (INSERTION, 9),
        ("UPDATE log_head SET position = 7", 8),
        ("UPDATE log_head SET chain = zeroblob(32)", 8),
        ("UPDATE log_head SET at = '2020-01-01T00:00:00+00:00'", 8),
        ("UPDATE log_head SET signature = zeroblob(64)", 8),
        ("UPDATE log_head SET at = 7.5, signature = 'x'", 8),
        ("DELETE FROM log_head", 8),
        ("UPDATE log_info SET value = 'other' WHERE name = 'tenant'", 1),
        ("UPDATE log_info SET value = '2' WHERE name = 'format'", 0),
        ("UPDATE log_info SET value = 'zz' WHERE name = 'public_key'", 0),
        ("DROP TABLE log_head", 8),
    ],
)
def test_an_attack_is_located_without_any_key(keyless, statement, place):
    attack(keyless, statement)

    assert place in [position for position, _ in _places(keyless)]


def test_two_rows_that_changed_places_are_detected(keyless):
    attack(keyless, "UPDATE stored_events SET position = 100 WHERE position = 3")
    attack(keyless, "UPDATE stored_events SET position = 3 WHERE position = 4")
    attack(keyless, "UPDATE stored_events SET position = 4 WHERE position = 100")

    assert "removed, inserted or moved" in _sentences(keyless)


def _reseal(folder: Path, signing_key: bytes | None = None) -> None:
    """Compute every leaf and link anew, and sign anew if there is a key."""
    connection = sqlite3.connect(folder / "log.sqlite")
    identity = read_identity(connection)
    chain, position = identity.genesis(), 0
    rows = connection.execute("SELECT * FROM stored_events ORDER BY position")
    for position, *columns, _, _ in rows.fetchall():
        of_leaf = leaf(position, *columns)
        chain = link(chain, of_leaf)
        connection.execute(
            "UPDATE stored_events SET leaf = ?, chain = ? WHERE position = ?",
            (of_leaf, chain, position),
        )
    if signing_key:
        signer = Signer(identity.log_id, signing_key)
        write_head(connection, signer.sign(Head(position, chain), "2026-01-01"))
    connection.commit()
    connection.close()


def test_a_forger_who_recomputes_the_whole_chain_cannot_sign_it(keyless):
    attack(keyless, "UPDATE stored_events SET state = x'00' WHERE position = 2")
    _reseal(keyless)

    assert "head was signed" in _sentences(keyless)


def test_a_forger_who_brings_a_key_is_found_by_the_true_one(folder):
    noted, key = verify_head(folder), b"k" * 32
    public = Signer("", key).public_key.hex()
    before = _public_key(folder)
    attack(folder, "UPDATE log_info SET value = ? WHERE name = 'public_key'", public)
    _reseal(folder, key)

    assert "another public key than its own" in _sentences(folder)
    shutil.rmtree(folder / "keys")
    assert _sentences(folder) == ""  # consistent in itself: hence the next two
    assert "than the one given" in _sentences(folder, public_key=before)
    assert "noted" in _sentences(folder, expected=noted)


def _public_key(folder: Path) -> bytes:
    connection = sqlite3.connect(folder / "log.sqlite")
    statement = "SELECT value FROM log_info WHERE name = 'public_key'"
    (value,) = connection.execute(statement).fetchone()
    connection.close()
    return bytes.fromhex(value)


def test_the_public_key_that_the_auditor_knows_is_accepted(folder):
    assert verify(folder, public_key=_public_key(folder)).problems == ()


def test_ciphertexts_swapped_between_patients_are_detected_by_seal_and_by_key(folder):
    connection = sqlite3.connect(folder / "log.sqlite")
    states = dict(connection.execute("SELECT position, state FROM stored_events"))
    connection.close()
    for here, there in ((1, 2), (2, 1)):
        attack(
            folder,
            "UPDATE stored_events SET state = ? WHERE position = ?",
            states[there],
            here,
        )
    sealed = _places(folder)
    _reseal(folder)
    decrypted = _places(folder)

    assert {1, 2} <= {position for position, _ in sealed}
    assert {
        position for position, text in decrypted if "does not belong where" in text
    } == {1, 2}


def test_a_swapped_ciphertext_is_never_read_as_another_patients(folder):
    attack(
        folder,
        "UPDATE stored_events SET state = (SELECT state FROM stored_events WHERE "
        "position = 2) WHERE position = 1",
    )
    ledger = opened(folder)

    with pytest.raises(StoreError, match="does not belong where"):
        ledger.read()

    ledger.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM data_keys", "data key of the row is missing"),
        ("UPDATE data_keys SET generation = 9", "does not belong where"),
        ("UPDATE data_keys SET generation = 1.5", "data key's row was changed"),
        ("UPDATE data_keys SET kek_id = zeroblob(8)", "wrapped by another key"),
        ("UPDATE data_keys SET wrapped = zeroblob(90)", "unknown format"),
        ("UPDATE data_keys SET wrapped = x'01'", "not the one"),
        ("UPDATE data_keys SET wrapped = 'text'", "data key's row was changed"),
        ("DELETE FROM log_secrets", "secret of the log is missing"),
    ],
)
def test_damage_to_a_key_is_detected_with_the_key_file(folder, statement, sentence):
    attack(folder, statement)

    assert sentence in _sentences(folder)


def test_a_key_that_no_row_uses_is_checked_too(folder):
    attack(
        folder,
        "INSERT INTO data_keys SELECT zeroblob(16), zeroblob(32), 1, kek_id, wrapped "
        "FROM data_keys LIMIT 1",
    )

    assert _places(folder)[0][0] == 0


def test_a_row_of_an_unknown_format_is_detected_under_the_right_seal(folder):
    attack(
        folder,
        "UPDATE stored_events SET state = CAST(x'02' || substr(state, 2) AS BLOB) "
        "WHERE position = 3",
    )
    _reseal(folder)

    assert (3, "A stored state is of an unknown format.") in _places(folder)


def test_a_row_that_names_another_stream_is_refused(folder):
    ledger = opened(folder)
    reader, recorder = ledger._log.reader, ledger._log.recorder
    row = recorder.rows_after(0)[0]
    place = Place(
        tenant="default", originator_id="00", version=1, topic="note.noted.v1"
    )
    key = reader.keyring.opened(row.key, row.wrapped)
    state = sealed_state(reader.entry(row), place, key.key_id, key.cipher)
    recorder.insert_events([StoredEvent("00", 1, "note.noted.v1", state)])
    ledger.close()

    assert _places(folder) == [(9, "A row names another stream than it is stored in.")]


def test_a_row_without_its_key_cannot_be_read(folder):
    attack(folder, "UPDATE data_keys SET key_id = randomblob(16)")
    ledger = opened(folder)

    with pytest.raises(StoreError, match="missing from the log"):
        ledger.read()

    ledger.close()


def test_erased_rows_still_verify(folder):
    erase(folder)

    verdict = verify(folder)

    assert (verdict.erased, verdict.problems) == (8, ())


def test_a_noted_head_is_found_again_in_a_log_that_grew(folder):
    noted = verify_head(folder)
    ledger = opened(folder)
    ledger.submit_sync(note("s", "more"))
    ledger.close()

    assert verify(folder, expected=noted).problems == ()


def test_a_rollback_of_the_whole_file_is_found_by_a_noted_head(honest, folder):
    ledger = opened(folder)
    ledger.submit_sync(note("s", "more"))
    ledger.close()

    noted = verify_head(folder)

    assert verify(honest).problems == ()
    assert "replaced by an older one" in _sentences(honest, expected=noted)


@pytest.mark.parametrize(
    "text", ["", "7", "x:" + "0" * 64, "7:00", "7:zz", "-1:" + "0"]
)
def test_a_head_that_was_not_noted_from_here_is_refused(text):
    with pytest.raises(ValueError, match=r"hexadecimal|written as"):
        Head.parse(text)


def test_a_noted_head_is_read_as_it_was_written():
    head = Head(7, bytes(range(32)))

    assert Head.parse(f" {head}\n") == head


def test_a_signature_is_of_one_log_only():
    signer = Signer("one", b"k" * 32)
    signed = signer.sign(Head(1, b"c" * 32), "2026-01-01")

    one = LogIdentity(log_id="one", tenant="t", public_key=signer.public_key)
    two = LogIdentity(log_id="two", tenant="t", public_key=signer.public_key)

    assert is_signed(signed, one)
    assert not is_signed(signed, two)
    assert not is_signed(
        SignedHead(head=signed.head, at=signed.at, signature=b"short"), one
    )


def test_many_problems_are_counted_rather_than_listed(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", *map(str, range(200))))
    ledger.close()
    attack(tmp_path, "UPDATE stored_events SET topic = 'x.v1'")
    shutil.rmtree(tmp_path / "keys")

    problems = verify(tmp_path).problems

    assert len(problems) == 101
    assert problems[-1].sentence == "100 further problems are not listed."


def test_a_damaged_file_is_a_problem_and_not_a_crash(folder):
    path = folder / "log.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)

    assert "cannot be read" in _sentences(folder)


def test_a_key_file_that_was_named_must_fit(folder, tmp_path):
    (tmp_path / "kek").write_bytes(b"w" * 32)

    with pytest.raises(KeyFileError, match="not the one"):
        verify(folder, kek_file=tmp_path / "kek")
    with pytest.raises(KeyFileError, match="cannot be read"):
        verify(folder, kek_file=tmp_path / "none")


def test_a_folder_without_a_log_is_named(tmp_path):
    with pytest.raises(LogMissingError, match=str(tmp_path)):
        verify(tmp_path)

    (tmp_path / "log.sqlite").touch()
    with pytest.raises(LogMissingError, match="never begun"):
        verify(tmp_path)


def test_a_log_on_a_read_only_medium_verifies(folder, monkeypatch):
    monkeypatch.setattr("gateway.store.reading.access", lambda *_: False)
    before = sorted(path.name for path in folder.iterdir())

    verdict = verify(folder)

    assert verdict.problems == ()
    assert sorted(path.name for path in folder.iterdir()) == before


def test_another_process_verifies_a_log_that_is_being_written(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "before"))
    program = (
        "import sys; from pathlib import Path;"
        "from gateway.store.verification import verify;"
        "v = verify(Path(sys.argv[1])); print(v.events, v.problems, flush=True);"
        "sys.stdin.readline();"
        "v = verify(Path(sys.argv[1])); print(v.events, v.problems)"
    )
    auditor = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with auditor:
        first = auditor.stdout.readline()
        ledger.submit_sync(note("s", "after"))
        second, _ = auditor.communicate("again\n")
    ledger.close()

    assert (first, second) == ("1 ()\n", "2 ()\n")
