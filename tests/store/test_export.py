"""An export proves itself to whoever has it, and says no more than it was asked to."""

import base64
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.store import evidence, examination
from gateway.store.disclosure import Disclosures
from gateway.store.errors import KeyFileError, LogDamagedError, LogMissingError
from gateway.store.evidence import EvidenceError
from gateway.store.examination import examine
from gateway.store.export import (
    Asked,
    _Export,
    export,
    newest_checkpoint,
    public_keys,
)
from gateway.store.founding import require_begun
from gateway.store.notes import SigningKey, signed
from gateway.store.reading import snapshot
from gateway.store.selection import positions_of
from gateway.store.signing import change_signing_key
from gateway.store.verification import verify
from tests.store.samples import (
    AT,
    CONTEXT,
    Level,
    Measured,
    Noted,
    Unit,
    Value,
    attack,
    erase,
    note,
    opened,
)

SIGNED = "Proven: the key you gave signs it, or one that follows from it."
_MEASURED = Measured(
    values=(Value(number=Decimal("37.50"), unit=Unit.CELSIUS),),
    at=AT,
    level=Level.HIGH,
    side="left",
    received=b'{"valueQuantity": {"value": 37.50}}',
    by_name={"a": 1},
)


@pytest.fixture
def folder(tmp_path):
    ledger = opened(tmp_path / "data")
    ledger.submit_sync(
        lambda s: s.append(
            "vital/1",
            [_MEASURED, replace(_MEASURED, received=b"\xff\x00")],
            subject="Patient/1",
            context=CONTEXT,
        )
    )
    ledger.submit_sync(note("note/1", "x"))
    ledger.close()
    return tmp_path / "data"


def lines(folder, **asked):
    return [line.encode() for line in export(folder, Asked(**asked))]


def rows(folder, **asked):
    return [json.loads(line) for line in lines(folder, **asked)][1:]


def line(told):
    return (json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def grow(folder, *texts):
    ledger = opened(folder)
    ledger.submit_sync(note("note/1", *texts))
    ledger.close()


def test_an_export_holds_ciphertexts_and_no_word_of_what_they_say(folder):
    content = b"".join(lines(folder))

    assert b"37.50" not in content
    assert b"Device/feed" not in content
    assert examine(lines(folder))[0].startswith("Proven: 3 of 3 rows")


def test_a_row_also_says_everything_in_plain_json_if_so_asked(folder):
    row = rows(folder, decrypted=True)[0]

    assert row["decrypted"] == {
        "stream": "vital/1",
        "at": "2026-03-01T12:00:00.123456+00:00",
        "actor": "Device/feed",
        "request": "req-1",
        "address": "",
        "event": {
            "values": [{"number": "37.50", "unit": "Cel"}],
            "at": "2026-03-01T12:00:00.123456+00:00",
            "level": 1,
            "side": "left",
            "received": '{"valueQuantity": {"value": 37.50}}',
            "by_name": {"a": 1},
            "best": None,
            "exact": True,
        },
    }
    assert (row["position"], row["version"]) == (1, 1)
    assert row["topic"] == "vital.measured.v1"


def test_bytes_that_are_not_json_are_shown_as_base64(folder):
    told = [row["decrypted"]["event"] for row in rows(folder, decrypted=True)]

    assert told[1]["received"] == {"base64": "/wA="}
    assert told[2] == {"text": "x", "received": {"base64": ""}}


def test_what_is_said_in_clear_is_proven_by_disclosed_keys_and_only_by_them(folder):
    with_keys, without = Disclosures(), Disclosures()

    examine(lines(folder, decrypted=True, keys=True), also=with_keys.check)
    examine(lines(folder, decrypted=True), also=without.check)

    assert (with_keys.shown, with_keys.claimed) == (3, 0)
    assert (without.shown, without.claimed) == (0, 3)


@pytest.mark.parametrize("field", ["decrypted", "key"])
def test_words_that_were_not_sealed_are_found_where_the_key_is_disclosed(folder, field):
    told = lines(folder, decrypted=True, keys=True)
    row = json.loads(told[3])
    if field == "decrypted":
        row["decrypted"]["event"]["text"] = "y"
    else:
        row["key"] = base64.b64encode(b"k" * 32).decode()

    with pytest.raises(EvidenceError, match=r"position 3: .*(words|made from)"):
        examine([*told[:3], line(row)], also=Disclosures().check)


@pytest.mark.parametrize(
    "claim",
    [lambda _: None, lambda said: _with(said, 1.0), lambda s: _with(s, True)],
)
def test_words_are_those_that_were_sealed_to_the_letter(folder, claim):
    told = lines(folder, decrypted=True, keys=True)
    row = json.loads(told[1])
    assert row["decrypted"]["event"]["level"] == 1
    row["decrypted"] = claim(row["decrypted"])

    with pytest.raises(EvidenceError, match=r"position 1: .*words"):
        examine([told[0], line(row)], also=Disclosures().check)


def _with(said, level):
    return said | {"event": said["event"] | {"level": level}}


def test_that_a_row_was_erased_is_a_claim_too_where_its_key_is_not_there(folder):
    told = lines(folder, decrypted=True)
    claims = Disclosures()

    claimed = [line(json.loads(each) | {"decrypted": None}) for each in told[1:]]
    examine([told[0], *claimed], also=claims.check)

    assert (claims.shown, claims.claimed) == (0, 3)


def test_a_part_proves_each_of_its_rows(folder):
    grow(folder, *map(str, range(600)))

    part = lines(folder, positions=[2, 300, 603])

    assert [json.loads(each)["position"] for each in part[1:]] == [2, 300, 603]
    assert examine(part)[0].startswith("Proven: 3 of 603 rows")


def test_a_part_proves_that_the_log_grew_from_an_older_checkpoint(folder):
    noted = newest_checkpoint(folder)
    grow(folder, *map(str, range(600)))

    part = lines(folder, since=noted)

    assert len(part) == 1
    assert examine(part, since=noted)[-1] == "Proven: it grew from yours of 3."
    assert "Self-consistent only" in examine(part)[-1]
    with pytest.raises(EvidenceError, match=r"^No proof leads"):
        examine(lines(folder, positions=[1]), since=noted)
    with pytest.raises(EvidenceError, match="was cut"):
        examine(part, since=newest_checkpoint(_more(folder)))


def _more(folder):
    grow(folder, "one more")
    return folder


def test_a_proof_of_growth_that_was_changed_is_refused(folder):
    noted = newest_checkpoint(folder)
    grow(folder, *map(str, range(6)))
    header = json.loads(lines(folder, since=noted)[0])
    header["grown"][0][2][0] = base64.b64encode(b"x" * 32).decode()

    with pytest.raises(EvidenceError, match="did not only grow"):
        examine([line(header)])


@pytest.mark.parametrize("place", range(3))
def test_a_proof_of_growth_is_written_in_one_way_only(folder, place):
    header = json.loads(lines(folder, since=newest_checkpoint(folder))[0])
    size, _, hashes = header["grown"][0]
    assert (size, hashes) == (3, [])

    header["grown"][0][place] = (3.0, "", "")[place]

    with pytest.raises(EvidenceError, match="line 1"):
        examine([line(header)])


def test_the_path_of_an_only_row_is_written_in_one_way_only(tmp_path):
    grow(tmp_path, "x")
    head, only = lines(tmp_path, positions=[1])
    row = json.loads(only)
    assert row["path"] == []

    for instead in ("", {}):
        with pytest.raises(EvidenceError, match=r"line 2, .*written"):
            examine([head, line(row | {"path": instead})])


def test_an_export_of_no_row_proves_nothing_unless_it_proves_growth(folder, tmp_path):
    noted = newest_checkpoint(folder)
    header = json.loads(lines(folder)[0]) | {"rows": 0}
    opened(tmp_path / "new").close()

    with pytest.raises(EvidenceError, match="holds no row and proves nothing"):
        examine([line(header)], since=noted)
    assert examine(lines(folder, since=noted))[0].startswith("Proven: 0 of 3 rows")
    assert examine(lines(tmp_path / "new"))[0].startswith("Proven: 0 of 0 rows")


def test_an_empty_log_has_the_root_of_an_empty_tree(tmp_path):
    opened(tmp_path).close()
    key = SigningKey("", b"k" * 32)
    origin = evidence.origin_of("id", "default", key.public)
    text = evidence.Checkpoint(origin, 0, b"r" * 32, AT.isoformat()).text
    header = json.loads(lines(tmp_path)[0]) | {
        "log_id": "id",
        "public_key": base64.b64encode(key.public).decode(),
        "checkpoint": signed(text, [SigningKey(origin, b"k" * 32)]),
    }

    for grew in ([], [[0, base64.b64encode(b"r" * 32).decode(), []]]):
        with pytest.raises(EvidenceError, match="two roots of one size"):
            examine([line(header | {"grown": grew})])


def test_a_checkpoint_that_is_empty_or_none_is_told_of_before_any_line(folder):
    for since in ("", "garbage\n"):
        with pytest.raises(
            EvidenceError, match=r"^The checkpoint that you gave: A note"
        ):
            examine(lines(folder), since=since)
        with pytest.raises(EvidenceError, match="The checkpoint that you gave"):
            verify(folder, since=since)
        with pytest.raises(EvidenceError, match="not a checkpoint"):
            lines(folder, since=since)


def test_a_range_is_exported_with_what_introduces_its_keys_and_never_listed(folder):
    change_signing_key(folder, clock=AT.isoformat)  # position 4
    grow(folder, "5", "6")
    change_signing_key(folder, clock=AT.isoformat)  # position 7
    asked = Asked(positions=range(5, 8))

    with snapshot(folder) as log:
        identity = require_begun(log, folder)
        wanted, introducing = _Export(log, identity, asked, None)._part()
    part = lines(folder, positions=range(5, 8))

    assert wanted is asked.positions
    assert introducing == [4]
    assert [json.loads(each)["position"] for each in part[1:]] == [4, 5, 6, 7]
    assert examine(part)[0].startswith("Proven: 4 of 7 rows")
    assert part == lines(folder, positions=[7, 5, 6, 5])


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("UPDATE stored_events SET state = 'x' WHERE position = 2", {}),
        ("UPDATE stored_events SET topic = x'ff' WHERE position = 2", {}),
        ("UPDATE stored_events SET leaf = 'x' WHERE position = 2", {}),
        (
            "UPDATE stored_events SET leaf = 'x' WHERE position = 2",
            {"positions": [1]},
        ),
    ],
)
def test_a_value_of_another_type_is_not_exported_and_no_crash(folder, statement, asked):
    attack(folder, statement)

    with pytest.raises(LogDamagedError, match="written"):
        lines(folder, **asked)


def test_a_kept_node_of_another_type_is_not_built_upon(folder):
    grow(folder, *map(str, range(300)))
    attack(folder, "UPDATE seal_nodes SET hash = 'x'")

    with pytest.raises(LogDamagedError, match="not what was written"):
        lines(folder, positions=[300])


def test_growth_is_proven_from_checkpoints_of_this_log_only(folder, tmp_path):
    grow(tmp_path / "other", "x")
    later = newest_checkpoint(_more(Path(shutil.copytree(folder, tmp_path / "later"))))

    for wrong in (newest_checkpoint(tmp_path / "other"), later):
        with pytest.raises(EvidenceError, match="another log, or of a later"):
            lines(folder, since=wrong)
    forged = newest_checkpoint(folder).splitlines()
    forged[2] = base64.b64encode(b"x" * 32).decode()
    with pytest.raises(LogDamagedError, match="did not grow"):
        lines(folder, since="\n".join([*forged, ""]))


def test_a_row_that_was_changed_is_not_exported_as_a_part(folder):
    attack(folder, "UPDATE stored_events SET leaf = zeroblob(32) WHERE position = 2")

    with pytest.raises(LogDamagedError, match="position 2 does not lead"):
        lines(folder, positions=[2])


@pytest.mark.parametrize("positions", [[], range(4, 4), [4], [2, 9999]])
@pytest.mark.parametrize("grown", [False, True])
def test_rows_that_the_log_does_not_have_are_not_passed_over(folder, positions, grown):
    noted = newest_checkpoint(folder) if grown else None

    with pytest.raises(EvidenceError, match="ends at position 3"):
        lines(folder, positions=positions, since=noted)


def test_the_rows_of_a_subject_are_those_that_its_keys_protect(folder):
    assert positions_of(folder, "Patient/1") == {1, 2}
    assert positions_of(folder, "Patient/2") == set()


def test_a_running_log_can_be_exported(folder):
    ledger = opened(folder)
    ledger.submit_sync(
        lambda s: s.append("n", [Noted(text="y")], subject="", context=CONTEXT)
    )

    assert [row["position"] for row in rows(folder)] == [1, 2, 3, 4]
    ledger.close()


def test_of_an_erased_event_only_its_place_and_seal_are_exported(folder):
    before = lines(folder)
    erase(folder)

    assert lines(folder) == before
    assert [row["decrypted"] for row in rows(folder, decrypted=True)] == [None] * 3
    assert not [row for row in rows(folder, keys=True) if "key" in row]


def test_only_what_is_said_in_clear_needs_the_key(folder):
    shutil.rmtree(folder / "keys")

    assert len(lines(folder)) == 4
    for asked in ({"decrypted": True}, {"keys": True}):
        with pytest.raises(KeyFileError):
            lines(folder, **asked)


def test_a_log_that_was_never_begun_cannot_be_exported(tmp_path):
    (tmp_path / "log.sqlite").touch()

    with pytest.raises(LogMissingError, match="never begun"):
        lines(tmp_path)
    with pytest.raises(LogMissingError, match="never begun"):
        positions_of(tmp_path, "Patient/1")


@pytest.mark.parametrize(
    "change",
    [
        {"format": "1"},
        {"tenant": "other"},
        {"public_key": ""},
        {"checkpoint": ""},
        {"checkpoint": None},
        {"grown": None},
        {"rows": 4},
        {"rows": 3.0},
        {"rows": True},
        {"grown": ""},
        {"grown": {}},
        {"more": 1},
    ],
)
def test_a_header_that_says_anything_else_is_refused(folder, change):
    told = lines(folder)

    with pytest.raises(EvidenceError, match="line"):
        examine([line(json.loads(told[0]) | change), *told[1:]])


@pytest.mark.parametrize(
    "change",
    [
        {"position": True},
        {"position": 1.0},
        {"version": "1"},
        {"topic": None},
        {"state": None},
        {"leaf": "AAAA"},
        {"path": []},
        {"path": 7},
        {"path": ""},
        {"more": 1},
        {"position": 2**63},
        {"version": 2**64},
        {"version": -(2**64)},
    ],
)
def test_a_row_that_says_anything_else_is_refused(folder, change):
    told = lines(folder)

    with pytest.raises(EvidenceError, match="line 2"):
        examine([told[0], line(json.loads(told[1]) | change), *told[2:]])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "position 3: The checkpoint is not of these rows"),
        ({"positions": [1, 2, 3]}, "position 2: The row is not in the log"),
    ],
)
def test_a_row_changed_with_its_leaf_is_named_in_a_part_and_found_at_the_end_of_a_whole(
    folder, asked, said
):
    told = lines(folder, **asked)
    row = json.loads(told[2])
    place = (2, row["originator"], row["version"], "x.v1")
    of_leaf = evidence.leaf((*place, base64.b64decode(row["state"])))
    row |= {"topic": "x.v1", "leaf": base64.b64encode(of_leaf).decode()}

    with pytest.raises(EvidenceError, match=said):
        examine([*told[:2], line(row), *told[3:]])


@pytest.mark.parametrize("which", [0, 1])
def test_a_line_whose_fields_are_in_another_order_is_refused(folder, which):
    told = lines(folder, decrypted=True)
    backwards = dict(reversed(json.loads(told[which]).items()))
    told[which] = line(backwards)

    with pytest.raises(EvidenceError, match=f"line {which + 1},.*written"):
        examine(told)


@pytest.mark.parametrize(
    "written",
    [b"", b"\n", b"null\n", b"[]\n", b"{}\n", b"\xff\n", b"[" * 100_000 + b"\n"],
)
def test_a_file_that_is_no_export_is_refused(written):
    with pytest.raises(EvidenceError, match="line"):
        examine([written] if written else [])


def test_the_keys_that_sign_are_told_with_their_positions(folder):
    first = base64.b64decode(json.loads(lines(folder)[0])["public_key"])
    change_signing_key(folder, clock=AT.isoformat)

    older, newer = public_keys(folder)

    assert (older.first, older.public) == (1, first)
    assert newer.first == 4
    origin = newest_checkpoint(folder).partition("\n")[0]
    for key in (older, newer):
        assert key.verifier.startswith(f"{origin}+")
        assert examine(lines(folder), key.public)[1].startswith("Proven: the key")


def test_a_key_that_the_auditor_knows_is_asked_for(folder):
    header = json.loads(lines(folder)[0])
    key = base64.b64decode(header["public_key"])

    assert examine(lines(folder), key)[1] == SIGNED
    with pytest.raises(EvidenceError, match="do not follow"):
        examine(lines(folder), b"k" * 32)


def test_a_stranger_examines_an_export_with_two_files_and_nothing_of_ours(
    folder, tmp_path
):
    taken = tmp_path / "taken" / "gateway" / "store"
    taken.mkdir(parents=True)
    for module in (evidence, examination):
        shutil.copy(module.__file__, taken)
    for package in (taken.parent, taken):
        (package / "__init__.py").touch()
    export_file, noted = tmp_path / "export.ndjson", tmp_path / "noted"
    export_file.write_bytes(b"".join(lines(folder)))
    noted.write_text(newest_checkpoint(folder))
    key = base64.b64decode(json.loads(lines(folder)[0])["public_key"]).hex()

    done = subprocess.run(
        [
            *(sys.executable, "-m", "gateway.store.examination"),
            *(str(export_file), key, str(noted)),
        ],
        cwd=taken.parents[1],
        env={"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[1:] == [
        SIGNED,
        "Proven: it grew from yours of 3.",
    ]


def test_the_taken_program_says_what_the_command_says(folder, tmp_path, capsys):
    file, noted = tmp_path / "export.ndjson", tmp_path / "noted"
    file.write_bytes(b"".join(lines(folder)))
    noted.write_text(newest_checkpoint(folder))

    examination.main(str(file), "", str(noted))
    done = subprocess.run(
        [sys.executable, "-m", "gateway.store.examination", str(file)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "grew from yours of 3" in capsys.readouterr().out.splitlines()[2]
    assert "Self-consistent only" in done.stdout.splitlines()[2]


@pytest.mark.parametrize("keys", [True, False])
def test_the_taken_program_says_that_it_proves_no_words(folder, tmp_path, capsys, keys):
    file = tmp_path / "export.ndjson"
    file.write_bytes(b"".join(lines(folder, decrypted=True, keys=keys)))

    examination.main(str(file))

    assert (
        "Not proven: the words, or keys, that come with 3 rows"
        in capsys.readouterr().out
    )


def test_the_taken_program_tells_in_a_sentence_what_does_not_hold(folder, tmp_path):
    file, noted = tmp_path / "export.ndjson", tmp_path / "noted"
    file.write_bytes(b"".join(lines(folder)[:-1]))
    noted.write_bytes(b"\xff")

    (tmp_path / "empty").touch()
    whole = tmp_path / "whole.ndjson"
    whole.write_bytes(b"".join(lines(folder)))

    for given in (
        *([str(file)], [str(file), "zz"], [str(file), "", str(noted)], ["no"]),
        *([str(whole), "", str(tmp_path / "empty")], [str(whole), "", ""]),
    ):
        with pytest.raises(SystemExit, match="Not verified"):
            examination.main(*given)
    with pytest.raises(SystemExit, match="64 hexadecimal digits"):
        examination.main(str(whole), "zz")
    for given in ([], [str(whole), "", str(noted), "more"]):
        with pytest.raises(SystemExit, match="Give EXPORT"):
            examination.main(*given)


def test_the_page_that_is_taken_away_needs_the_standard_library_and_cryptography():
    source = Path(evidence.__file__).read_text()
    imported = {
        each.split()[1].partition(".")[0]
        for each in source.splitlines()
        if each.startswith(("import ", "from "))
    }

    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
