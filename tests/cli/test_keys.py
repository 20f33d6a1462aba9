import json
import stat
import tomllib

from click.testing import CliRunner
from joserfc import jwk

from gateway.__main__ import main
from gateway.access.jose import read_keys, verified
from gateway.settings import Client
from tests.credentials import signed


def made(file, *options):
    return CliRunner().invoke(main, ["keys", str(file), *options])


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
