"""An auditor's commands, from noting a checkpoint to reading an export."""

import base64
import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from gateway.cli.audit import audit
from gateway.cli.rebuild import rebuild
from tests.gateway_process import ROOT
from tests.store.samples import attack, note, opened


@pytest.fixture
def data(tmp_path):
    ledger = opened(tmp_path / "data")
    for number in range(6):
        subject = f"Patient/{number % 2}"
        ledger.submit_sync(note(f"s{number % 2}", f"secret {number}", subject=subject))
    ledger.close()
    return tmp_path / "data"


@pytest.fixture
def run(data):
    def run(*arguments, expected=0, folder=data):
        where = ["--data", str(folder)] if folder else []
        done = CliRunner().invoke(audit, [*map(str, arguments), *where])
        assert done.exit_code == expected, (done.output, done.exception)
        return done.output

    return run


def _grown(data):
    ledger = opened(data)
    ledger.submit_sync(note("s0", "later", subject="Patient/0"))
    ledger.close()


def test_a_checkpoint_that_was_noted_proves_later_that_the_log_only_grew(
    run, data, tmp_path
):
    noted = tmp_path / "noted"
    run("checkpoint", "--output", noted)
    _grown(data)

    assert "grew from yours of 6" in run("verify", "--since", noted)
    assert "Self-consistent only" in run("verify")


def test_an_export_is_verified_without_the_folder(run, data, tmp_path):
    export, noted = tmp_path / "export.ndjson", tmp_path / "noted"
    run("checkpoint", "--output", noted)
    run("export", "--output", export)
    header = json.loads(export.read_text().partition("\n")[0])
    key = base64.b64decode(header["public_key"]).hex()
    data.rename(tmp_path / "away")

    said = run("verify", export, "--public-key", key, "--since", noted, folder=None)

    assert said.splitlines()[1:] == [
        "Proven: the key you gave signs it, or one that follows from it.",
        "Proven: it grew from yours of 6.",
    ]
    assert "secret" not in export.read_text()


def test_a_patient_s_part_is_opened_with_the_keys_that_come_with_it(run, tmp_path):
    export = tmp_path / "export.ndjson"
    run(
        "export", "--patient", "1", "--decrypted", "--disclose-keys", "--output", export
    )

    said = run("verify", export, folder=None)

    assert said.startswith("Proven: what 3 rows say, by their keys.\n")
    assert "Proven: 3 of 6 rows" in said
    assert "secret 1" in export.read_text()
    assert "secret 0" not in export.read_text()


def test_words_without_keys_are_said_to_be_not_proven(run, tmp_path):
    export = tmp_path / "export.ndjson"
    run("export", "--from", 2, "--to", 3, "--decrypted", "--output", export)

    assert "Not proven: what 2 rows say" in run("verify", export, folder=None)


@pytest.mark.parametrize("option", ["--decrypted", "--disclose-keys"])
@pytest.mark.parametrize("there", [True, False])
def test_what_is_in_clear_is_written_for_its_owner_alone(run, tmp_path, option, there):
    export = tmp_path / "export.ndjson"
    if there:
        export.write_text("older")
        export.chmod(0o644)

    run("export", option, "--output", export)

    assert stat.S_IMODE(export.stat().st_mode) == 0o600
    assert '"position":6' in export.read_text()


def test_who_has_an_older_file_open_does_not_read_what_is_in_clear(run, tmp_path):
    export = tmp_path / "export.ndjson"
    export.write_text("older")

    with export.open() as reader:
        run("export", "--decrypted", "--output", export)

        assert reader.read() == "older"
    assert "secret 3" in export.read_text()


def test_a_file_that_cannot_be_kept_private_is_not_written(run, tmp_path):
    away = tmp_path / "no" / "export.ndjson"

    assert "Error" in run("export", "--decrypted", "--output", away, expected=1)


@pytest.mark.parametrize(
    "asked",
    [
        ("export", "--patient", "nobody"),
        ("export", "--from", 500),
        ("prove", "--position", 99),
        ("prove", "--position", 2, "--position", 99),
    ],
)
def test_an_export_of_nothing_is_refused_and_leaves_no_file(run, tmp_path, asked):
    export = tmp_path / "export.ndjson"

    said = run(*asked, "--output", export, expected=1)

    assert "ends at position 6 and has no such row" in said
    assert not export.exists()


def test_a_range_may_go_beyond_the_end(run):
    assert run("export", "--from", 5, "--to", 500).count("\n") == 3


@pytest.mark.parametrize(
    "noted", [b"", b"\n", b"\xff\xfe", b"o\n" + b"9" * 5000 + b"\nAA==\n\n"]
)
def test_a_file_that_is_no_checkpoint_is_told_in_a_sentence(run, tmp_path, noted):
    export, since = tmp_path / "export.ndjson", tmp_path / "noted"
    run("export", "--output", export)
    since.write_bytes(noted)

    for asked in (("verify",), ("prove",)):
        option = "--since" if asked == ("verify",) else "--from"
        assert "not a checkpoint" in run(*asked, option, since, expected=1)
    said = run("verify", export, "--since", since, expected=1, folder=None)
    assert "Error: The checkpoint that you gave: A note is not a checkpoint" in said


@pytest.mark.parametrize(
    "asked",
    [
        ("export",),
        ("export", "--decrypted"),
        ("prove", "--position", 1),
        ("checkpoint",),
    ],
)
def test_a_full_disk_is_told_in_a_sentence(run, asked):
    said = run(*asked, "--output", "/dev/full", expected=1)

    assert "Error: The output cannot be written (No space left on device)" in said


def test_what_nobody_reads_to_its_end_is_no_full_disk(data):
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "audit", "export", "--data", str(data)],
            cwd=ROOT,
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (1, "")


def test_a_file_that_cannot_be_read_is_told_in_a_sentence(run):
    said = run("verify", "/proc/self/mem", expected=1, folder=None)

    assert "Error: The file cannot be read (Input/output error). Not verified." in said


def test_one_row_and_the_growth_of_the_log_are_proven_alone(run, data, tmp_path):
    noted, proof = tmp_path / "noted", tmp_path / "proof"
    run("checkpoint", "--output", noted)
    _grown(data)
    run("prove", "--position", 2, "--from", noted, "--output", proof)

    said = run("verify", proof, "--since", noted, folder=None)

    assert "Proven: 1 of 7 rows" in said
    assert "grew from yours of 6" in said


@pytest.mark.parametrize("part", [("--from", 2, "--to", 3), ("--patient", "0")])
def test_a_part_proves_growth_from_a_checkpoint_that_it_is_given(
    run, data, tmp_path, part
):
    noted, file = tmp_path / "noted", tmp_path / "export.ndjson"
    run("checkpoint", "--output", noted)
    _grown(data)

    run("export", *part, "--since", noted, "--output", file)
    told = run("verify", file, "--since", noted, folder=None)
    run("export", *part, "--output", file)
    untold = run("verify", file, "--since", noted, expected=1, folder=None)

    assert "grew from yours of 6" in told
    assert untold.startswith("Error: No proof leads from 6: export it")


def test_growth_alone_is_proven_by_another_command_than_a_whole_export(run, tmp_path):
    noted, file = tmp_path / "noted", tmp_path / "export.ndjson"
    run("checkpoint", "--output", noted)

    said = run("export", "--since", noted, "--output", file, expected=2)

    assert "--since is for a part; see `audit prove --from`." in said
    assert not file.exists()
    run("prove", "--from", noted, "--output", file)
    told = run("verify", file, "--since", noted, folder=None)
    assert "grew from yours of 6" in told


@pytest.mark.parametrize("part", [("--patient", "nobody"), ("--from", 500)])
def test_a_part_without_a_row_is_refused_though_it_could_prove_growth(
    run, tmp_path, part
):
    noted, file = tmp_path / "noted", tmp_path / "export.ndjson"
    run("checkpoint", "--output", noted)

    said = run("export", *part, "--since", noted, "--output", file, expected=1)

    assert "ends at position 6 and has no such row" in said
    assert not file.exists()


def test_a_new_signing_key_is_followed(run, tmp_path):
    noted = tmp_path / "noted"
    run("checkpoint", "--output", noted)

    assert "from position 7 on" in run("rotate-signing-key")
    assert "grew from yours of 6" in run("verify", "--since", noted)


def test_the_keys_of_the_log_are_printed_as_verify_and_a_witness_want_them(
    run, tmp_path
):
    export = tmp_path / "export.ndjson"
    run("rotate-signing-key")
    run("export", "--output", export)

    said = [each.split() for each in run("public-key").splitlines()]

    assert [each[3] for each in said if each[0] == "signs"] == ["1", "7"]
    keys = [each[-1] for each in said if each[1] == "--public-key"]
    for key in keys:
        assert "the key you gave signs it" in run("verify", "--public-key", key)
    verifiers = [each[-1].split("+", 2)[2] for each in said if each[1] == "a"]
    assert [base64.b64decode(each)[1:].hex() for each in verifiers] == keys
    origin = run("checkpoint").partition("\n")[0]
    assert {each[-1].partition("+")[0] for each in said if each[1] == "a"} == {origin}


def test_a_witness_is_told_by_hand(run, tmp_path):
    assert "has the newest" in run("witness", "--folder", tmp_path / "kept")
    assert len(list((tmp_path / "kept").glob("*/*.checkpoint"))) == 1
    (tmp_path / "file").touch()
    assert "Error" in run("witness", "--folder", tmp_path / "file", expected=2)
    assert "reached" in run("witness", "--url", "http://127.0.0.1:9/", expected=1)
    assert "name+id+key" in run(
        "witness", "--url", "http://127.0.0.1:9/", "--key", "x", expected=2
    )


@pytest.mark.parametrize(
    "asked",
    [
        ["verify", "--public-key", "00"],
        ["verify", "--public-key", "zz" * 32],
        ["export", "--patient", "1", "--case", "2"],
        ["export", "--from", "1", "--case", "2"],
        ["export", "--from", "3", "--to", "2"],
        ["prove"],
        ["witness"],
        ["witness", "--folder", "a", "--push"],
    ],
)
def test_what_cannot_be_meant_is_refused(run, asked):
    assert "Usage" in run(*asked, expected=2)


def test_a_folder_or_an_export_is_verified_not_both_and_not_none(run, tmp_path):
    file = tmp_path / "export.ndjson"
    run("export", "--output", file)

    assert "Usage" in run("verify", file, expected=2)
    assert "Usage" in run("verify", expected=2, folder=None)
    assert "Usage" in run("verify", tmp_path, expected=2, folder=None)


def test_a_fault_is_told_with_its_place_and_the_status_says_so(run, data, tmp_path):
    file, noted = tmp_path / "export.ndjson", tmp_path / "noted"
    run("export", "--output", file)
    noted.write_text("no checkpoint")
    file.write_text(file.read_text().replace("note.noted.v1", "note.noted.v2"))

    assert "line 2, position 1: " in run("verify", file, expected=1, folder=None)
    attack(data, "UPDATE stored_events SET topic = 'x.v1' WHERE position = 2")
    assert "position 2: The row was changed" in run("verify", expected=1)
    assert "Not verified" in run("verify", "--since", noted, expected=1)
    assert "Error" in run("prove", "--from", noted, expected=1)
    assert "No case" in run("export", "--case", "nobody", expected=1)
    with closing(sqlite3.connect(data / "log.sqlite")) as connection:
        connection.execute("DROP TABLE log_head")
    assert "Error" in run("checkpoint", expected=1)
    attack(data, "UPDATE log_info SET value = 'x' WHERE name = 'public_key'")
    assert "Error" in run("public-key", expected=1)
    assert "Error" in run("rotate-signing-key", expected=1)


@pytest.mark.parametrize("source", ["env:A_KEY", "command:cat {file}"])
def test_every_command_takes_the_key_from_where_it_is_kept(
    run, data, tmp_path, monkeypatch, source
):
    written = (data / "keys" / "kek").read_bytes().hex()
    (data / "keys" / "kek").unlink()
    (tmp_path / "kek").write_text(written)
    monkeypatch.setenv("A_KEY", written)
    key = ("--key-file", source.format(file=tmp_path / "kek"))

    assert "seal and ciphertexts" in run("verify", *key)
    assert "secret 3" in run("export", "--patient", "1", "--decrypted", *key)
    assert "from position 7 on" in run("rotate-signing-key", *key)
    rebuilt = CliRunner().invoke(rebuild, ["--data", str(data), *key])
    assert "rebuilt up to position 7" in rebuilt.output
