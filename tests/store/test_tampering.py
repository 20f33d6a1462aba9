"""Whatever is changed of what is sealed, in the file or in an export, is found out."""

import json
import random
import sqlite3
from base64 import b64decode, b64encode
from contextlib import closing

import pytest

from gateway.store.disclosure import Disclosures
from gateway.store.evidence import Checkpoint, EvidenceError, Row, Tree, leaf
from gateway.store.examination import examine
from gateway.store.export import Asked, export
from gateway.store.founding import require_begun
from gateway.store.keyfile import default_key_file
from gateway.store.notes import signed
from gateway.store.opening import unlock
from gateway.store.reading import snapshot
from gateway.store.verification import verify
from tests.store.samples import note, opened

COLUMNS = (
    *("position", "originator_id", "originator_version"),
    *("topic", "state", "leaf"),
)
LARGE = 3_000


class _Text(bytes):
    """A column's bytes that SQLite holds as text."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    ledger = opened(folder)
    for number in range(3):
        ledger.submit_sync(note(f"s{number % 2}", "x", subject=f"Patient/{number}"))
    ledger.close()
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    ledger = opened(folder)
    for number in range(LARGE // 100):
        texts = (f"note {number} {each}" for each in range(100))
        ledger.submit_sync(note(f"s{number}", *texts, subject=f"Patient/{number}"))
    ledger.close()
    return folder


@pytest.fixture
def exposed(request):
    """A folder's file as its owner may change it, and as it is put back after."""
    folder = request.getfixturevalue(request.param)
    kek = folder / "keys" / "kek"
    secret = kek.read_bytes()
    kek.unlink()  # the seal alone has to find everything
    with closing(
        sqlite3.connect(folder / "log.sqlite", isolation_level=None)
    ) as connection:
        connection.text_factory = _Text
        for (name,) in connection.execute(
            "SELECT CAST(name AS BLOB) FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name.decode()}")
        rows = connection.execute("SELECT * FROM stored_events").fetchall()
        yield folder, connection, rows
        connection.execute("DELETE FROM stored_events")
        _insert(connection, rows)
    kek.write_bytes(secret)


def _insert(connection, rows):
    for row in rows:
        forms = ("CAST(? AS TEXT)" if isinstance(each, _Text) else "?" for each in row)
        statement = f"INSERT INTO stored_events VALUES ({', '.join(forms)})"
        connection.execute(statement, row)


def _lines(folder, **asked):
    return [line.encode() for line in export(folder, Asked(**asked))]


def _refusal(lines, since=None):
    """Return why an export is refused, nothing if it is believed."""
    try:
        examine(lines, since=since, also=Disclosures().check)
    except EvidenceError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("exposed", ["small"], indirect=True)
@pytest.mark.parametrize("column", COLUMNS)
def test_every_changed_byte_of_every_row_is_found_and_its_row_named(exposed, column):
    folder, connection, rows = exposed
    place = COLUMNS.index(column)
    tried = 0
    for row in rows:
        for changed in _changes(row[place]):
            form = "CAST(? AS TEXT)" if isinstance(row[place], _Text) else "?"
            change = f"UPDATE stored_events SET {column} = {form} WHERE position = ?"
            try:
                connection.execute(change, (changed, row[0]))
            except sqlite3.IntegrityError:
                continue  # the table does not hold two rows in one place
            problems = verify(folder).problems
            moved = changed if column == "position" else row[0]
            connection.execute(change, (row[place], moved))

            assert problems, (row[0], changed)
            named = {each.position for each in problems}
            assert named & {row[0], row[0] + 1, moved, len(rows) - 1}, named
            tried += 1
    assert tried >= 8 * len(rows) - 8
    assert verify(folder).problems == ()


def _changes(value):
    """Give a value with each of its bytes changed."""
    if isinstance(value, int):
        yield from (value ^ (1 << (8 * each + each % 7)) for each in range(7))
        return
    for index in range(len(value)):
        content = bytearray(value)
        content[index] ^= 1 << index % 8
        yield bytes(content)


@pytest.mark.parametrize(
    "asked",
    [{}, {"positions": [1, 3]}, {"decrypted": True, "keys": True}],
    ids=["whole", "part", "disclosed"],
)
def test_every_changed_byte_of_an_export_is_found(small, asked):
    lines = _lines(small, **asked)
    content = b"".join(lines)
    assert _refusal(lines) == ""

    for index in range(len(content)):
        changed = bytearray(content)
        changed[index] ^= 1 << index % 8

        assert _refusal(bytes(changed).splitlines(keepends=True)), index


@pytest.mark.parametrize("exposed", ["large"], indirect=True)
def test_whatever_happens_to_rows_of_a_larger_log_is_found(exposed):
    folder, connection, rows = exposed
    chance = random.Random(41)
    for _ in range(12):
        harmed, first = _harmed(chance, rows)
        connection.execute("BEGIN")
        connection.execute("DELETE FROM stored_events")
        _insert(connection, harmed)
        connection.execute("COMMIT")

        problems = verify(folder).problems

        assert problems
        assert min(each.position for each in problems if each.position) == first


def _harmed(chance, rows):
    """Return rows to which one thing happened, and the position that must be named."""
    harmed, at = list(rows), chance.randrange(1, len(rows) - 1)
    what = chance.choice(["byte", "removed", "swapped", "cut", "replaced"])
    if what == "byte":
        state = bytearray(rows[at][4])
        state[chance.randrange(len(state))] ^= chance.randrange(1, 256)
        harmed[at] = (*rows[at][:4], bytes(state), rows[at][5])
        return harmed, at + 1
    if what == "removed":
        del harmed[at]
        return harmed, at + 2  # the row after the gap
    if what == "swapped":
        here, there = rows[at], rows[at - 1]
        harmed[at], harmed[at - 1] = (here[0], *there[1:]), (there[0], *here[1:])
        return harmed, at
    if what == "cut":
        return harmed[:at], at
    harmed[at] = (rows[at][0], *rows[at - 1][1:2], 7777, *rows[at - 1][3:])
    return harmed, at + 1


def test_whatever_happens_to_lines_of_a_larger_export_is_found(large):
    whole, part = _lines(large), _lines(large, positions=range(1000, 2000))
    chance = random.Random(42)
    assert (_refusal(whole), _refusal(part)) == ("", "")

    for lines in [whole] * 12 + [part] * 24:
        what = chance.choice(["byte", "removed", "doubled", "swapped", "cut", "bytes"])
        at = chance.randrange(1, len(lines) - 1)
        position = json.loads(lines[at])["position"]

        said = _refusal(_mangled(chance, lines, at, what))

        assert said, what
        if lines is whole or what in ("byte", "bytes", "doubled"):
            named = int(said.partition("position ")[2].partition(":")[0])
            assert named in (position - 1, position, position + 1), said


def _mangled(chance, lines, at, what):
    if what == "removed":
        return [*lines[:at], *lines[at + 1 :]]
    if what == "doubled":
        return [*lines[:at], lines[at], *lines[at:]]
    if what == "swapped":
        return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
    if what == "cut":
        return lines[:at]
    line = bytearray(lines[at])
    for _ in range(1 if what == "byte" else 9):
        line[chance.randrange(len(line))] ^= chance.randrange(1, 256)
    return [*lines[:at], bytes(line), *lines[at + 1 :]]


def test_an_export_that_was_cut_and_made_to_fit_is_not_of_its_checkpoint(large):
    lines = _lines(large)
    header = json.loads(lines[0]) | {"rows": 10}
    cut = [_line(header), *lines[1:11]]

    assert "checkpoint is not of these rows" in _refusal(cut)


def test_a_fork_of_a_large_log_is_refuted_by_a_checkpoint_from_before_it(large):
    """The key's holder tells another story: only what was noted shows that he did."""
    lines, key = _lines(large), _signing_key(large)
    chance = random.Random(43)
    for _ in range(4):
        at, size = chance.randrange(1, LARGE), chance.randrange(2, LARGE)
        fork = _forked(lines, key, at)
        noted = _checkpoint(lines, key, size)

        assert "Self-consistent only" in examine(fork)[-1]
        if at > size:  # what came later was not noted
            assert _refusal(fork, noted) == ""
        else:
            assert f"Not the log of your checkpoint of {size}" in _refusal(fork, noted)


def test_a_part_of_a_fork_has_no_proof_from_what_was_noted(large):
    lines, key = _lines(large), _signing_key(large)
    noted = _checkpoint(lines, key, 1000)
    fork = _forked(lines, key, 500)
    part = _lines(large, positions=[600, 700], since=noted)
    header = json.loads(part[0])
    forged = header | {"checkpoint": json.loads(fork[0])["checkpoint"]}
    (_, _, proof), *_ = header["grown"]
    root = _encoded(Checkpoint.parse(_checkpoint(fork, key, 1000)).root)

    assert _refusal(part, noted) == ""
    assert "did not only grow" in _refusal([_line(forged), *part[1:]], noted)
    forged["grown"] = [[1000, root, proof]]
    assert _refusal([_line(forged), *part[1:]], noted)
    forged |= {"grown": [], "rows": 0}
    assert "proves nothing" in _refusal([_line(forged)], noted)


def _signing_key(folder):
    with snapshot(folder) as log:
        found = unlock(log, require_begun(log, folder), default_key_file(folder))
    (key,) = found.foundation.signer.keys
    return key


def _forked(lines, key, at):
    """Return an export in which a row, all that follows from it and the seal differ."""
    told = json.loads(lines[at])
    told["topic"] = "note.noted.v9"
    row = Row._make([*map(told.get, Row._fields[:-1]), b64decode(told["state"])])
    changed = [*lines[:at], _line(told | {"leaf": _encoded(leaf(row))})]
    fork = [*changed, *lines[at + 1 :]]
    note = _checkpoint(fork, key, len(fork) - 1)
    return [_line(json.loads(lines[0]) | {"checkpoint": note}), *fork[1:]]


def _checkpoint(lines, key, size):
    """Return what the log's key signs of the first rows of an export."""
    tree = Tree()
    for line in lines[1 : size + 1]:
        tree.append(b64decode(json.loads(line)["leaf"]))
    text = Checkpoint(key.name, size, tree.root(), "2026-03-01T12:00:00").text
    return signed(text, [key])


def _encoded(content):
    return b64encode(content).decode()


def test_rows_that_are_left_out_of_a_part_are_not_missed_and_nobody_says_so(large):
    lines = _lines(large, positions=[5, 6, 7])
    header = json.loads(lines[0]) | {"rows": 2}

    assert _refusal([_line(header), lines[1], lines[3]]) == ""
    assert examine([_line(header), lines[1], lines[3]])[0].startswith(
        f"Proven: 2 of {LARGE} rows"
    )


def _line(told):
    return (json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n").encode()
