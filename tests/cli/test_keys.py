import json
import stat
import tomllib

import pytest
from click.testing import CliRunner
from joserfc import jwk

from domain.events import REGISTRY
from gateway.__main__ import main
from gateway.access.jose import read_keys, verified
from gateway.settings import Client
from gateway.store.ledger import Ledger
from gateway.store.reading import snapshot
from tests.credentials import signed


def made(file, *options):
    return CliRunner().invoke(main, ["keys", "pair", str(file), *options])


def test_a_key_pair_is_for_the_client_alone_and_its_public_half_for_the_settings(
    tmp_path,
):
    file = tmp_path / "private.json"

    result = made(file, "--name", "2026-11")

    client = tomllib.loads(f'[[clients]]\nname = "a"\nrole = "feed"\n{result.output}')[
        "clients"
    ][0]
    (public,) = read_keys(Client(**client).jwks).values()
    private = jwk.import_key(json.loads(file.read_text()))
    assert verified(signed({"a": 1}, private), public, ["ES384"]) == {"a": 1}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert '"d"' not in result.output


def test_a_key_is_never_overwritten(tmp_path):
    file = tmp_path / "private.json"
    made(file)
    before = file.read_text()

    result = made(file)

    assert result.exit_code == 1
    assert "not there yet" in result.output
    assert file.read_text() == before


def test_the_key_encryption_key_is_replaced_by_a_command(tmp_path, monkeypatch):
    monkeypatch.setenv("A_KEY", "ab" * 32)
    ledger = Ledger.open(tmp_path, registry=REGISTRY)
    ledger.close()
    words = ["keys", "rotate", "--data", str(tmp_path)]

    in_place = CliRunner().invoke(main, words)
    moved = CliRunner().invoke(main, [*words, "--to", "env:A_KEY"])
    wrong = CliRunner().invoke(main, words)
    back = ["--key-file", "env:A_KEY", "--to", str(tmp_path / "keys" / "kek")]
    returned = CliRunner().invoke(main, [*words, *back])

    assert "data keys wrapped anew: 0" in in_place.output
    assert "name it in the settings" in moved.output
    assert (wrong.exit_code, returned.exit_code) == (1, 0)
    assert "is not the one" in wrong.output


def test_it_is_said_where_something_that_the_old_key_wrapped_is_left(tmp_path):
    Ledger.open(tmp_path, registry=REGISTRY).close()

    with snapshot(tmp_path) as log:
        assert log.execute("SELECT * FROM log_secrets").fetchall()
        done = CliRunner().invoke(main, ["keys", "rotate", "--data", str(tmp_path)])

    assert done.exit_code == 0
    assert "What was overwritten is still in the log's files" in done.output


@pytest.mark.parametrize("source", ["/no/such/file", "command:"])
def test_a_key_source_that_is_none_is_refused(tmp_path, source):
    words = ["keys", "rotate", "--data", str(tmp_path), "--key-file", source]

    assert CliRunner().invoke(main, words).exit_code == 2


def test_who_names_a_file_for_a_new_key_is_told_how_to_make_it(tmp_path):
    words = ["keys", "rotate", "--data", str(tmp_path), "--to", str(tmp_path / "new")]

    refused = CliRunner().invoke(main, words)

    assert refused.exit_code == 2
    assert "head -c 32 /dev/urandom" in refused.output


@pytest.mark.parametrize("words", ["command:", "command:'half"])
def test_a_command_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, words):
    arguments = ["keys", "rotate", "--data", str(tmp_path), "--to", words]

    refused = CliRunner().invoke(main, arguments)

    assert refused.exit_code == 2
    assert "Name a command." in refused.output
