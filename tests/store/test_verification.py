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
from gateway.store.errors import (
    KeyFileError,
    LogDamagedError,
    LogMissingError,
    StoreError,
)
from gateway.store.evidence import EvidenceError, Tree
from gateway.store.export import export, public_keys
from gateway.store.founding import read_identity, write_head
from gateway.store.notes import SigningKey
from gateway.store.seal import Signer, appended
from gateway.store.subjects import joint
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
    ),
    "log_head": ("size", "edge", "note"),
    "log_info": ("name", "value"),
    "log_secrets": ("name", "wrapped"),
    "data_keys": (
        *("key_id", "subject_tag", "generation"),
        *("members", "kek_id", "wrapped"),
    ),
}
INSERTION = (
    "INSERT INTO stored_events SELECT 9, originator_id, 5, topic, state, leaf "
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

    verdict = verify(tmp_path, since=noted_in(tmp_path))

    assert (verdict.position, verdict.events, verdict.problems) == (0, 0, ())


def noted_in(folder: Path) -> str:
    """Return the checkpoint that an auditor notes of a folder."""
    return verify(folder).note


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
    content = bytearray(value or bytes(1))
    content[index % len(content)] ^= mask
    return bytes(content), "CAST(? AS TEXT)" if isinstance(value, _Text) else "?"


class _Text(bytes):
    """A column's bytes that SQLite holds as text."""


def _value(folder: Path, table: str, column: str, row: int):
    connection = sqlite3.connect(folder / "log.sqlite")
    connection.text_factory = _Text
    primary = connection.execute(f"PRAGMA table_info({table})").fetchall()
    of_the_row = [each[1].decode() for each in primary if each[5]]
    rows = connection.execute(
        f"SELECT {', '.join(of_the_row)}, {column} FROM {table}"
    ).fetchall()
    connection.close()
    *key, value = rows[row % len(rows)]
    return dict(zip(of_the_row, key, strict=True)), value


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
        key, value = _value(copy, table, column, row)
        changed, form = _changed(value, *change)
        chosen = " AND ".join(f"CAST({each} AS BLOB) = CAST(? AS BLOB)" for each in key)
        statement = f"UPDATE {table} SET {column} = {form} WHERE {chosen}"
        try:
            attack(copy, statement, changed, *key.values())
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
        ("UPDATE stored_events SET leaf = 'text' WHERE position = 5", 5),
        ("DELETE FROM stored_events WHERE position = 4", 5),
        ("DELETE FROM stored_events WHERE position = 1", 2),
        ("DELETE FROM stored_events WHERE position >= 7", 6),
        ("DELETE FROM stored_events", 0),
        ("UPDATE stored_events SET position = -1 WHERE position = 1", -1),
        ("UPDATE stored_events SET position = 99 WHERE position = 8", 99),
        (INSERTION, 9),
        ("UPDATE log_head SET size = 7", 8),
        ("UPDATE log_head SET edge = zeroblob(32)", 8),
        ("UPDATE log_head SET note = replace(note, 'time 2', 'time 3')", 8),
        ("UPDATE log_head SET note = replace(note, '—', '-')", 8),
        ("UPDATE log_head SET note = 'no note'", 8),
        ("UPDATE log_head SET note = 7.5, edge = 'x'", 8),
        ("DELETE FROM log_head", 8),
        ("UPDATE log_info SET value = 'other' WHERE name = 'tenant'", 8),
        ("UPDATE log_info SET value = '1' WHERE name = 'format'", 0),
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

    assert {3, 4} <= {position for position, _ in _places(keyless)}


def _reseal(folder: Path, signing_key: bytes | None = None) -> None:
    """Compute every leaf and the tree anew, and sign anew if there is a key."""
    connection = sqlite3.connect(folder / "log.sqlite")
    identity = read_identity(connection)
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    rows = connection.execute("SELECT * FROM stored_events ORDER BY position")
    tree = Tree()
    sealed, _ = appended(tree, [columns[1:5] for columns in rows.fetchall()])
    for position, *_, of_leaf in sealed:
        connection.execute(
            "UPDATE stored_events SET leaf = ? WHERE position = ?", (of_leaf, position)
        )
    key = SigningKey(identity.origin, signing_key or b"?" * 32)
    head = Signer(identity.origin, [key]).head(tree, "2026-01-01T00:00:00")
    if signing_key:
        write_head(connection, head)
    else:
        connection.execute("UPDATE log_head SET edge = ?", (head.edge,))
    for _, made in triggers:
        connection.execute(made)
    connection.commit()
    connection.close()


def test_a_forger_who_recomputes_the_whole_tree_cannot_sign_it(keyless):
    attack(keyless, "UPDATE stored_events SET state = x'00' WHERE position = 2")
    _reseal(keyless)

    assert "checkpoint is not of these rows" in _sentences(keyless)


def test_a_forger_who_brings_a_key_is_found_by_the_true_one(folder):
    noted, key = noted_in(folder), b"k" * 32
    public = SigningKey("", key).public.hex()
    before = _public_key(folder)
    attack(folder, "UPDATE log_info SET value = ? WHERE name = 'public_key'", public)
    _reseal(folder, key)

    assert "another public key than its own" in _sentences(folder)
    shutil.rmtree(folder / "keys")
    assert _sentences(folder) == ""  # consistent in itself: hence the next two
    assert "do not follow from the one you gave" in _sentences(
        folder, public_key=before
    )
    assert "of another log" in _sentences(folder, since=noted)


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
    ledger = opened(folder)
    attack(
        folder,
        "UPDATE stored_events SET state = (SELECT state FROM stored_events WHERE "
        "position = 2) WHERE position = 1",
    )

    with pytest.raises(StoreError, match="does not belong where"):
        ledger.read()

    ledger.close()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM data_keys", "data key of the row is missing"),
        ("UPDATE data_keys SET generation = 9", "does not belong where"),
        ("UPDATE data_keys SET generation = 1.5", "data key's row was changed"),
        ("UPDATE data_keys SET members = zeroblob(64)", "does not belong where"),
        ("UPDATE data_keys SET members = 'text'", "data key's row was changed"),
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
        "INSERT INTO data_keys SELECT zeroblob(16), zeroblob(32), 1, members, kek_id, "
        "wrapped FROM data_keys LIMIT 1",
    )

    assert _places(folder)[0][0] == 0


def test_a_shared_key_that_forgets_one_of_those_who_share_it_is_found(folder):
    """Else the erasure of the one who is forgotten would leave it as it is."""
    ledger = opened(folder)
    ledger.submit_sync(note("s", "x", subject=joint(["Patient/1", "Patient/2"])))
    names = ledger.log.reader.names
    ledger.close()
    assert verify(folder).problems == ()

    attack(
        folder,
        "UPDATE data_keys SET members = ? WHERE length(members) > 0",
        names.subject("Patient/1"),
    )

    assert "does not belong where" in _sentences(folder)


def test_a_row_of_an_unknown_format_is_detected_under_the_right_seal(folder):
    attack(
        folder,
        "UPDATE stored_events SET state = CAST(x'03' || substr(state, 2) AS BLOB) "
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
    ledger = opened(folder)
    attack(folder, "UPDATE data_keys SET key_id = randomblob(16)")

    with pytest.raises(StoreError, match="missing from the log"):
        ledger.read()

    ledger.close()


def test_keys_that_no_erasure_destroyed_are_missed_and_the_seal_holds(folder):
    erase(folder)

    verdict = verify(folder)

    assert verdict.erased == 8
    assert {"no erasure tells of it" in each.sentence for each in verdict.problems} == {
        True
    }


def test_a_noted_head_is_found_again_in_a_log_that_grew(folder):
    noted = noted_in(folder)
    ledger = opened(folder)
    ledger.submit_sync(note("s", "more"))
    ledger.close()

    verdict = verify(folder, since=noted)

    assert verdict.problems == ()
    assert verdict.proven[-1] == "Proven: it grew from yours of 8."


def test_a_rollback_of_the_whole_file_is_found_by_a_noted_head(honest, folder):
    ledger = opened(folder)
    ledger.submit_sync(note("s", "more"))
    ledger.close()

    noted = noted_in(folder)

    assert verify(honest).problems == ()
    assert "was cut: you noted position 9" in _sentences(honest, since=noted)


@pytest.mark.parametrize("key", [True, False])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("log_id", b"\xff"), ("tenant", b"\xff"), ("format", b"2")),
        *(("public_key", b"\xff"), ("public_key", "ab"), ("public_key", "ab" * 33)),
    ],
)
def test_a_description_that_holds_anything_else_is_a_problem_and_not_a_crash(
    folder, name, value, key
):
    if not key:
        shutil.rmtree(folder / "keys")
    attack(folder, f"UPDATE log_info SET value = ? WHERE name = '{name}'", value)

    assert _sentences(folder) == "The log's own description was changed."
    for read in (public_keys, lambda data: list(export(data))):
        with pytest.raises(LogDamagedError, match="description was changed"):
            read(folder)


@pytest.mark.parametrize("text", ["", "7", "x\n7\n\n", "a\n1\nAAAA\ntime x\n\n"])
def test_a_checkpoint_that_was_not_noted_from_here_is_refused(folder, text):
    with pytest.raises(EvidenceError):
        verify(folder, since=text)


def test_a_checkpoint_of_another_log_is_no_witness_of_this_one(folder, tmp_path):
    other = _written(tmp_path / "other")

    assert "of another log" in _sentences(folder, since=noted_in(other))


def test_what_is_no_checkpoint_of_the_log_does_not_show_that_it_was_cut(
    folder, tmp_path
):
    """However much it states: nobody signed that this log ever had so many rows."""
    other = _written(tmp_path / "other")
    ledger = opened(other)
    ledger.submit_sync(note("s", *map(str, range(9))))
    ledger.close()
    longer = noted_in(folder).replace("\n8\n", "\n99\n", 1)

    for since, sentence in (
        (noted_in(other), "A checkpoint is of another log."),
        (longer, "A note is not what was signed."),
        (longer.split("—")[0], "A note is not a checkpoint of such a log."),
    ):
        said = _sentences(folder, since=since)
        assert said == f"The checkpoint that you gave: {sentence}"


def test_a_checkpoint_that_lost_its_last_newline_is_believed(folder):
    noted = noted_in(folder)

    verdict = verify(folder, since=noted.rstrip("\n"))

    assert verdict.problems == ()
    assert verdict.proven[-1] == "Proven: it grew from yours of 8."


def _signing_key(folder: Path) -> bytes:
    ledger = opened(folder)
    with_key = ledger._log.recorder._signer.keys[0]._key.private_bytes_raw()
    ledger.close()
    return with_key


def test_who_holds_the_signing_key_can_rewrite_all_but_what_was_noted(folder):
    noted, key = noted_in(folder), _signing_key(folder)
    attack(
        folder, "UPDATE stored_events SET topic = 'note.noted.v9' WHERE position = 8"
    )
    _reseal(folder, key)
    shutil.rmtree(folder / "keys")

    believed = verify(folder)

    assert believed.problems == ()
    assert "Self-consistent only" in believed.proven[-1]
    assert "Not the log of your checkpoint of 8" in _sentences(folder, since=noted)


def test_who_holds_the_signing_key_can_cut_the_end_but_not_before_what_was_noted(
    folder,
):
    noted, key = noted_in(folder), _signing_key(folder)
    attack(folder, "DELETE FROM stored_events WHERE position > 6")
    _reseal(folder, key)

    assert verify(folder).problems == ()
    assert "was cut" in _sentences(folder, since=noted)


def test_many_problems_are_counted_rather_than_listed(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", *map(str, range(200))))
    ledger.close()
    attack(tmp_path, "UPDATE stored_events SET topic = 'x.v1'")
    shutil.rmtree(tmp_path / "keys")

    problems = verify(tmp_path).problems

    assert len(problems) == 101
    assert problems[-1].sentence == "100 further problems are not listed."


@pytest.fixture(scope="module")
def longer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("longer")
    ledger = opened(folder)
    ledger.submit_sync(note("s", *map(str, range(600))))
    ledger.close()
    return folder


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE seal_nodes SET hash = zeroblob(32) WHERE number = 1", 512),
        ("DELETE FROM seal_nodes WHERE number = 0", 256),
        ("INSERT INTO seal_nodes VALUES (2, 0, zeroblob(32))", 0),
    ],
)
def test_a_kept_node_of_the_seal_that_is_not_of_the_rows_is_found(
    longer, tmp_path, statement, place
):
    folder = Path(shutil.copytree(longer, tmp_path / "copy"))
    assert verify(folder).problems == ()
    attack(folder, statement)

    assert [position for position, _ in _places(folder)] == [place]


def test_a_row_that_was_changed_together_with_its_leaf_is_found_to_256(
    longer, tmp_path
):
    folder = Path(shutil.copytree(longer, tmp_path / "copy"))
    shutil.rmtree(folder / "keys")
    attack(folder, "UPDATE stored_events SET topic = 'x.v1' WHERE position = 300")
    _reseal(folder)

    assert _places(folder)[0] == (
        512,
        "One of the last 256 rows was changed, or their kept node.",
    )


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
    monkeypatch.setattr("gateway.store.sight.access", lambda *_: False)
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
