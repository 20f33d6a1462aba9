"""The key-encryption key comes from where the operator says, or a sentence why not."""

import base64
import pickle
import sys
from pathlib import Path

import pytest

from gateway.store.cipher import KeyEncryptionKey
from gateway.store.errors import KeyFileError
from gateway.store.keyfile import next_key_file
from gateway.store.keysource import (
    KeyCommand,
    KeyGiven,
    KeyVariable,
    key_source,
    made_key,
    read_key,
    resolved,
)
from tests.store.samples import note, opened, texts

KEY = bytes(range(32))
NAME = "A_HOSPITAL_S_KEY"


def printing(text, *, status=0, complaint=""):
    program = (
        f"import sys; sys.stdout.write({text!r}); sys.stderr.write({complaint!r}); "
        f"sys.exit({status})"
    )
    return KeyCommand((sys.executable, "-c", program))


def test_a_key_that_was_used_goes_to_another_process_as_it_is():
    given = KeyGiven(KeyEncryptionKey(KEY, origin="a test"))
    wrapped = given.read().wrap(b"secret", b"place")

    received = pickle.loads(pickle.dumps(given)).read()

    assert received == given.read()
    assert received.unwrap(wrapped, b"place") == b"secret"


@pytest.mark.parametrize("written", [KEY.hex(), base64.b64encode(KEY).decode() + "\n"])
def test_a_variable_and_a_command_give_the_key_in_either_writing(monkeypatch, written):
    monkeypatch.setenv(NAME, written)

    assert KeyVariable(NAME).read().key == KEY
    assert printing(written).read().key == KEY


def test_a_log_is_founded_and_opened_with_a_key_that_no_file_holds(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(NAME, KEY.hex())
    ledger = opened(tmp_path, kek_file=KeyVariable(NAME))
    ledger.submit_sync(note("s", "1"))
    ledger.close()

    again = opened(tmp_path, kek_file=printing(KEY.hex()))

    assert texts(again, "s") == ["1"]
    again.close()
    assert not any(KEY in each.read_bytes() for each in tmp_path.iterdir())


@pytest.mark.parametrize("written", ["", "secret", "00" * 31, "zz" * 32, "ä" * 64])
def test_what_is_no_key_is_refused_and_not_repeated(monkeypatch, written):
    monkeypatch.setenv(NAME, written)

    with pytest.raises(KeyFileError, match="There is no key") as said:
        KeyVariable(NAME).read()

    assert "secret" not in str(said.value)


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)

    with pytest.raises(KeyFileError, match=NAME):
        KeyVariable(NAME).read()


def test_a_command_that_fails_is_named_and_what_it_printed_is_not(capfd):
    failing = printing("sesame", status=3, complaint="sesame")

    with pytest.raises(KeyFileError, match="status 3") as said:
        failing.read()

    assert "sesame" not in str(said.value) + "".join(capfd.readouterr())


def test_a_command_that_does_not_end_is_stopped():
    slow = KeyCommand((sys.executable, "-c", "import time; time.sleep(60)"), 0.2)

    with pytest.raises(KeyFileError, match=r"within 0\.2 seconds"):
        slow.read()


def test_a_command_that_is_not_there_is_named(tmp_path):
    with pytest.raises(KeyFileError, match="cannot be run"):
        KeyCommand((str(tmp_path / "kms"),)).read()


def test_a_source_that_was_asked_is_not_asked_again(tmp_path):
    assert resolved(None) is None
    assert resolved(tmp_path) == tmp_path
    given = resolved(printing(KEY.hex()))
    assert isinstance(given, KeyGiven)
    assert given.read().key == made_key(given).key == KEY
    assert KEY.hex() not in repr(given)


def test_settings_name_one_source(tmp_path):
    assert key_source(None, None, (), 1) is None
    assert key_source(tmp_path, None, (), 1) == tmp_path
    assert key_source(None, NAME, (), 1) == KeyVariable(NAME)
    assert key_source(None, None, ["kms"], 1) == KeyCommand(("kms",), 1)


def test_of_two_key_files_the_one_that_fits_is_taken(tmp_path):
    path = Path(tmp_path / "kek")
    path.write_bytes(KEY)
    next_key_file(path).write_bytes(KEY[::-1])
    old, new = KeyGiven(read_key(path)).kek, read_key(next_key_file(path))

    assert read_key(path, old.kek_id).key == KEY
    assert read_key(path, new.kek_id).key == KEY[::-1]
