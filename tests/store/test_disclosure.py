"""A disclosed key shows what was sealed only where the row is of that key alone.

The file of `assets/evidence` is one sealed row, once with the key that its id is made
from and once with another that opens it, too. Such a row takes seconds to make: choose
the keys, then a nonce under which both texts begin as they must, then a block under
which both tags are one.
"""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from eventsourcing.persistence import StoredEvent

from gateway.cli.audit import audit
from gateway.store import keyring
from gateway.store.disclosure import Disclosures
from gateway.store.envelope import Place, _associated
from gateway.store.evidence import (
    FORMAT,
    Checkpoint,
    EvidenceError,
    Tree,
    origin_of,
)
from gateway.store.examination import examine
from gateway.store.export import Asked, export
from gateway.store.keyring import data_key_id
from gateway.store.notes import SigningKey, signed
from gateway.store.verification import verify
from tests.store.samples import AT, CONTEXT, Noted, note, opened

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "evidence"
ROW = ASSETS / "one-row-opened-by-two-keys.ndjson"
PROVEN = "Proven: what 1 rows say, by their keys.\n"
REFUSED = "Error: line 2, position 1: The row's key id is not made from the disclosed"


def disclosed(lines):
    """Return of how many rows the words are shown, and of how many claimed."""
    found = Disclosures()
    examine(lines, also=found.check)
    return found.shown, found.claimed


def lines(folder):
    asked = Asked(decrypted=True, keys=True)
    return [line.encode() for line in export(folder, asked)]


def written(folder, *texts):
    ledger = opened(folder)
    ledger.submit_sync(note("s", *texts, subject="Patient/1"))
    ledger.close()


@pytest.fixture(params=[0, 1])
def told(request, tmp_path):
    """An export of the one row, with its key or with the other: its file, and which."""
    row = ROW.read_bytes().splitlines(keepends=True)[request.param]
    tree, secret = Tree(), b"k" * 32
    tree.append(base64.b64decode(json.loads(row)["leaf"]))
    public = SigningKey("", secret).public
    origin = origin_of("id", "t", public)
    text = Checkpoint(origin, 1, tree.root(), AT.isoformat()).text
    header = {
        "format": FORMAT,
        "log_id": "id",
        "tenant": "t",
        "public_key": base64.b64encode(public).decode(),
        "checkpoint": signed(text, [SigningKey(origin, secret)]),
        "grown": [],
        "rows": 1,
    }
    file = tmp_path / "export.ndjson"
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(head.encode() + b"\n" + row)
    return file, request.param


def test_the_one_row_tells_two_stories():
    one, other = map(json.loads, ROW.read_text().splitlines())
    sealed = ("position", "originator", "version", "topic", "state", "leaf")

    assert [one[name] for name in sealed] == [other[name] for name in sealed]
    assert one["decrypted"]["event"] == {"text": "acuity 5: he may wait"}
    assert other["decrypted"]["event"] == {"text": "acuity 1: see him at once"}


def test_of_two_keys_that_open_a_row_only_that_of_its_id_shows_what_was_sealed(told):
    file, which = told

    done = CliRunner().invoke(audit, ["verify", str(file)])

    assert done.exit_code == which
    assert done.output.startswith((PROVEN, REFUSED)[which])


def test_the_id_of_a_key_is_the_hash_that_the_documentation_states(tmp_path):
    written(tmp_path, "1")
    row = json.loads(lines(tmp_path)[1])
    tag, key = b"triage-gateway data key id", base64.b64decode(row["key"])
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in (tag, key))

    named = base64.b64decode(row["state"])[1:17]

    assert named == hashlib.sha256(framed).digest()[:16] == data_key_id(key)


def test_a_key_whose_id_is_not_its_own_opens_nothing_for_the_gateway(tmp_path):
    with pytest.MonkeyPatch.context() as forged:
        forged.setattr(keyring, "data_key_id", lambda _: b"i" * 16)
        written(tmp_path, "1")

    assert "A data key's id is not made from it." in str(verify(tmp_path).problems)


def _destroyed(session):
    keys = session.keys_of(["Patient/1"])
    session.append("said", [Noted(text="gone")], subject="", context=CONTEXT)
    session.destroy(key.key_id for key in keys if key.wrapped is not None)


def test_a_key_that_was_destroyed_and_made_again_is_another_key(tmp_path):
    for number in range(3):
        written(tmp_path, str(number))
        if number < 2:
            ledger = opened(tmp_path)
            ledger.submit_sync(_destroyed)
            ledger.close()

    rows = [json.loads(line) for line in lines(tmp_path)[1:]]

    hers = [row for row in rows if row["topic"] == "note.noted.v1"][::2]
    assert [row["decrypted"] is None for row in hers] == [True, True, False]
    assert len({base64.b64decode(row["state"])[1:17] for row in hers}) == 3
    assert disclosed(lines(tmp_path)) == (3, 2)


def test_what_a_key_opens_to_no_entry_at_all_is_refused_with_its_place(tmp_path):
    ledger = opened(tmp_path)
    ledger.submit_sync(note("s", "1"))
    reader, recorder = ledger._log.reader, ledger._log.recorder
    (row,) = recorder.rows_after(0)
    key = reader.keyring.opened(row.key, row.wrapped)
    place = Place(tenant="default", originator_id="00", version=1, topic="x.v1")
    state = key.cipher.encrypt(
        b"\xc1", _associated(place, key.key_id), b"\x01" + key.key_id
    )
    recorder.insert_events([StoredEvent("00", 1, "x.v1", state)])
    ledger.close()
    told = [line.encode() for line in export(tmp_path, Asked(keys=True))]

    with pytest.raises(EvidenceError, match="line 3, position 2: "):
        disclosed(told)
