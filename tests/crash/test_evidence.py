"""What the harness says and keeps when it ends before its last round."""

import asyncio
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tests.crash import harness
from tests.crash.asked import Asked
from tests.crash.checks import UnkeptError
from tests.crash.harness import Campaign
from tests.postgres import running

ASKED = Asked(seed="s", database="postgresql", rounds=1, faults=("kill",), every=1)


class Server:
    """A database server with a folder of its own."""

    def __init__(self, folder, *, fsync):
        assert fsync
        self.folder = folder
        self.data = folder / "data"
        self.kept = False

    def start(self):
        """It stands."""

    def stop(self):
        """It stays."""


@pytest.mark.parametrize(
    ("what", "error"),
    [("BROKEN", UnkeptError("x")), ("Interrupted", asyncio.CancelledError())],
)
async def test_the_server_s_files_are_kept_with_the_folder(
    tmp_path, monkeypatch, what, error
):
    async def entered(_scene):
        raise error

    def victim(folder, postgres):
        assert postgres is server
        return SimpleNamespace(data=folder / "data")

    said = []
    monkeypatch.setattr(harness.Scene, "__aenter__", entered)
    monkeypatch.setattr(harness, "Victim", victim)
    with running(fsync=True, kind=Server) as server:
        campaign = Campaign(ASKED, where=tmp_path, say=said.append, postgres=server)
        with pytest.raises(type(error)):
            await campaign.run()

    (folder,) = tmp_path.iterdir()
    begins = f"{what} in the start: {folder / 'data'} and {server.data}; again: python"
    assert said[-1].startswith(begins)
    assert server.folder.is_dir()
    server.folder.rmdir()


def test_a_server_that_did_nothing_wrong_leaves_nothing():
    with running(fsync=True, kind=Server) as server:
        assert server.folder.is_dir()

    assert not server.folder.exists()


def test_without_a_compiler_nothing_is_called_broken(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.crash.power.COMPILER", "no-such-compiler")

    asked = CliRunner().invoke(harness.main, ["--where", str(tmp_path), "--rounds", 1])

    assert asked.exit_code == 1
    assert "install gcc" in asked.output
    assert "BROKEN" not in asked.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fault", "server"], "server: not on sqlite."),
        (["--rounds", "0"], "'--rounds': 0 is not in the range x>=1."),
        (["--every", "0"], "'--every': 0 is not in the range x>=1."),
        (["--from", "0"], "'--from': 0 is not in the range x>=1."),
        (["--where", "/no/such/folder"], "does not exist."),
    ],
)
def test_what_cannot_be_asked_for_is_said(words, said):
    asked = CliRunner().invoke(harness.main, words)

    assert asked.exit_code == 2
    assert said in asked.output
