import hashlib
import os

import pytest

from gateway.settings import CONFIG, PREFIX, SettingsError, load

HASH = hashlib.sha256(b"a token").hexdigest()
CLIENTS = [{"name": "feed", "role": "feed", "token_sha256": HASH}]


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    monkeypatch, tmp_path
):
    file = tmp_path / "settings.toml"
    file.write_text('data = "from-file"\nport = 1\nhost = "10.0.0.1"\ndev = false\n')
    monkeypatch.setenv(CONFIG, str(file))
    monkeypatch.setenv(f"{PREFIX}PORT", "2")
    monkeypatch.setenv(f"{PREFIX}HOST", "127.0.0.1")

    settings = load({"host": "localhost", "dev": True})

    assert (settings.host, settings.port, str(settings.data)) == (
        "localhost",
        2,
        "from-file",
    )


def test_an_unknown_variable_is_named(monkeypatch):
    monkeypatch.setenv(f"{PREFIX}PROT", "8080")

    with pytest.raises(SettingsError, match="TRIAGE_GATEWAY_PROT"):
        load({"data": "x", "dev": True})


def test_an_unknown_name_in_the_file_is_named(monkeypatch, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('data = "x"\ndev = true\nprot = 1\n')
    monkeypatch.setenv(CONFIG, str(file))

    with pytest.raises(SettingsError, match="prot"):
        load({})


def test_a_settings_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv(CONFIG, str(tmp_path / "nowhere.toml"))

    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load({"data": "x", "dev": True})


def test_a_file_that_is_no_toml_is_refused_with_a_sentence(monkeypatch, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("data = ")
    monkeypatch.setenv(CONFIG, str(file))

    with pytest.raises(SettingsError, match="TOML"):
        load({})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"data": "x"}, "no clients"),
        ({"dev": True}, "data"),
        ({"data": "x", "dev": True, "host": "0.0.0.0"}, "loopback"),
        ({"data": "x", "dev": True, "behind_proxy": True}, "proxy"),
        ({"data": "x", "dev": True, "model_url": "http://h/v1"}, "model_name"),
        ({"data": "x", "clients": CLIENTS * 2}, "same name"),
        ({"data": "x", "clients": [{**CLIENTS[0], "role": "admin"}]}, "role"),
        ({"data": "x", "clients": [{**CLIENTS[0], "token_sha256": "x"}]}, "token"),
        ({"data": "x", "dev": True, "window_hours": 0}, "window_hours"),
        ({"data": "x", "dev": True, "port": 70000}, "port"),
    ],
)
def test_incomplete_and_contradictory_settings_are_refused(given, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load(given)


def test_a_refusal_does_not_show_the_values(monkeypatch):
    monkeypatch.setenv(f"{PREFIX}MODEL_TIMEOUT_SECONDS", "secret-value")

    with pytest.raises(SettingsError) as refused:
        load({"data": "x", "dev": True})

    assert "secret-value" not in str(refused.value)


def test_a_model_starts_in_shadow_wherever_it_runs():
    local = load({"data": "x", "dev": True})
    remote = load(
        {"data": "x", "dev": True, "model_url": "http://h/v1", "model_name": "m"}
    )

    assert local.model_shadow
    assert remote.model_shadow
