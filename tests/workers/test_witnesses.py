"""Witnesses get each checkpoint once, and none that did not grow from what they saw."""

import asyncio
import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from gateway.settings import SettingsError
from gateway.settings.witnesses import Witness
from gateway.store.evidence import Checkpoint, grown, opened
from gateway.store.notes import SigningKey, WitnessKey
from gateway.store.verification import verify
from gateway.workers.witnessing import Witnessing, require_keys
from tests.store import samples
from tests.store.samples import note

SECRET = SigningKey("witness.test/w1", b"w" * 32)


def _vkey(kind=b"\x04"):
    key = kind + SECRET.public
    hint = hashlib.sha256(b"witness.test/w1\n" + key).digest()[:4]
    return f"witness.test/w1+{hint.hex()}+{base64.b64encode(key).decode()}"


class Endpoint:
    """A witness as c2sp.org/tlog-witness describes it, which knows one log's key."""

    def __init__(self, public_key):
        self.public_key = public_key
        self.seen = None
        self.asked = 0
        self.line = None  # instead of a cosignature

    async def add_checkpoint(self, request):
        self.asked += 1
        head, _, noted = (await request.text()).partition("\n\n")
        old, *proof = head.split("\n")
        size, hashes = int(old.removeprefix("old ")), list(map(base64.b64decode, proof))
        found = Checkpoint.parse(noted)
        opened(noted, found.origin, self.public_key)
        if size != (self.seen.size if self.seen else 0):
            return web.Response(
                status=409, text=f"{self.seen.size if self.seen else 0}\n"
            )
        if self.seen:
            roots = (self.seen.root, found.root)
            assert grown(size, found.size, hashes, [self.seen.root]) == roots
        self.seen = found
        return web.Response(text=self.line or _cosignature(found.text))


def _cosignature(text, time=1_700_000_000):
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    hint = WitnessKey.parse(_vkey()).key_id
    content = hint + time.to_bytes(8, "big") + SECRET._key.sign(message)
    return f"— witness.test/w1 {base64.b64encode(content).decode()}\n"


@pytest.fixture
def data(tmp_path):
    grow(tmp_path / "data")
    return tmp_path / "data"


def grow(folder, count=3):
    ledger = samples.opened(folder)
    for number in range(count):
        ledger.submit_sync(note("s", str(number), subject="Patient/1"))
    ledger.close()


def public_key(folder):
    ledger = samples.opened(folder)
    key = ledger._log.recorder._signer.public_key
    ledger.close()
    return key


async def told(data, **where):
    return (await Witnessing(data, [Witness(name="w", **where)]).once())["w"]


def kept(folder):
    return sorted(Path(folder).glob("*/*.checkpoint"))


async def test_a_folder_gets_a_file_for_each_checkpoint_and_only_when_the_log_grew(
    data, tmp_path
):
    where = tmp_path / "kept"

    assert [await told(data, folder=where) for _ in range(2)] == ["", ""]
    grow(data)
    assert await told(data, folder=where) == ""

    assert [each.name for each in kept(where)] == [
        "000000000000003.checkpoint",
        "000000000000006.checkpoint",
    ]
    grow(data)
    for file in kept(where):
        assert verify(data, since=file.read_text()).problems == ()


async def test_a_folder_refuses_a_log_that_did_not_grow_from_what_it_has(
    data, tmp_path
):
    where, older = tmp_path / "kept", tmp_path / "older"
    shutil.copytree(data, older)
    grow(data)
    assert await told(data, folder=where) == ""

    assert "older copy" in await told(older, folder=where)
    grow(older, 5)
    assert "rewritten" in await told(older, folder=where)
    assert len(kept(where)) == 1


async def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(
    data, tmp_path
):
    (tmp_path / "file").touch()

    assert "cannot be" in await told(data, folder=tmp_path / "file" / "kept")


async def test_what_a_witness_kept_and_cannot_be_read_is_told(data, tmp_path):
    assert await told(data, folder=tmp_path / "kept") == ""
    kept(tmp_path / "kept")[0].write_text("no checkpoint")
    grow(data)

    assert "cannot be read (EvidenceError)" in await told(
        data, folder=tmp_path / "kept"
    )


def git(folder, *arguments):
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path):
    origin, tree = tmp_path / "origin.git", tmp_path / "tree"
    origin.mkdir()
    git(origin, "init", "--quiet", "--bare", "--initial-branch=main")
    git(tmp_path, "clone", "--quiet", str(origin), str(tree))
    git(tree, "checkout", "--quiet", "-b", "main")
    return tree


async def test_a_repository_gets_a_commit_for_each_checkpoint(data, repository):
    for _ in range(2):
        assert await told(data, repository=repository) == ""
    grow(data)
    assert await told(data, repository=repository) == ""

    assert git(repository, "log", "--format=%s").splitlines() == [
        "Checkpoint of position 6",
        "Checkpoint of position 3",
    ]
    assert git(repository, "status", "--porcelain") == ""


async def test_a_repository_is_pushed_if_so_asked(data, repository):
    git(repository, "config", "push.default", "current")

    assert await told(data, repository=repository, push=True) == ""

    remote = git(repository, "ls-remote", "origin", "main")
    assert remote.split()[0] == git(repository, "rev-parse", "HEAD").strip()


async def test_a_push_that_failed_is_done_again(data, repository):
    git(repository, "config", "push.default", "current")
    remote = repository.parent / "origin.git"
    remote.rename(repository.parent / "away")

    assert "git push failed" in await told(data, repository=repository, push=True)
    (repository.parent / "away").rename(remote)
    assert await told(data, repository=repository, push=True) == ""

    assert git(repository, "ls-remote", "origin", "main")


async def test_a_folder_that_is_no_repository_is_told(data, tmp_path):
    (tmp_path / "plain").mkdir()

    assert "repository" in await told(data, repository=tmp_path / "plain")


async def test_a_machine_without_git_is_told_so(data, repository, monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert "git cannot be started" in await told(data, repository=repository)


async def test_a_git_that_hangs_is_ended(data, repository, monkeypatch):
    slow = repository.parent / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o700)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=":")
    monkeypatch.setattr("gateway.workers.witness_git._SECONDS", 0.2)

    assert "git add took too long" in await told(data, repository=repository)


@pytest.fixture
async def endpoint(data):
    endpoint = Endpoint(public_key(data))
    app = web.Application()
    app.router.add_post("/add-checkpoint", endpoint.add_checkpoint)
    app.router.add_post("/elsewhere", _moved)
    async with TestServer(app) as server:
        endpoint.url = str(server.make_url("/add-checkpoint"))
        endpoint.elsewhere = str(server.make_url("/elsewhere"))
        yield endpoint


async def _moved(_request):
    raise web.HTTPTemporaryRedirect("/add-checkpoint")


async def test_an_endpoint_checks_the_growth_and_cosigns_it(data, endpoint):
    where = {"url": endpoint.url, "key": _vkey()}

    assert await told(data, **where) == ""
    grow(data)
    assert await told(data, **where) == ""

    cosigned = (data / "witnesses" / "w.checkpoint").read_text()
    assert endpoint.seen.size == Checkpoint.parse(cosigned).size == 6
    assert cosigned.endswith(_cosignature(endpoint.seen.text))
    assert verify(data, since=cosigned).problems == ()


async def test_an_endpoint_that_knows_more_than_we_remember_is_told_from_there(
    data, endpoint
):
    assert await told(data, url=endpoint.url) == ""
    shutil.rmtree(data / "witnesses")
    grow(data)

    assert await told(data, url=endpoint.url) == ""
    assert (endpoint.seen.size, endpoint.asked) == (6, 3)


async def test_an_endpoint_that_saw_more_than_the_log_has_shows_that_it_was_cut(
    data, endpoint, tmp_path
):
    shutil.copytree(data, tmp_path / "older")
    grow(data)
    assert await told(data, url=endpoint.url) == ""

    assert "older copy" in await told(tmp_path / "older", url=endpoint.url)


async def test_an_answer_that_the_witness_did_not_sign_is_refused(data, endpoint):
    endpoint.line = _cosignature("another text\n")

    assert "not signed" in await told(data, url=endpoint.url, key=_vkey())


async def test_no_redirect_is_followed(data, endpoint):
    assert "answered 307" in await told(data, url=endpoint.elsewhere)
    assert endpoint.asked == 0


async def test_an_endpoint_that_is_not_there_is_told(data):
    assert "cannot be reached" in await told(data, url="http://127.0.0.1:9/")


async def test_the_age_grows_until_the_witness_has_the_newest(data, tmp_path):
    (tmp_path / "file").touch()
    witness = Witness(name="w", folder=tmp_path / "file", every_seconds=1)
    witnessing = Witnessing(data, [witness])
    running = asyncio.create_task(witnessing.run())

    async with asyncio.timeout(60):
        while witnessing.age() < 1.2:
            await asyncio.sleep(0.05)
        (tmp_path / "file").unlink()
        while witnessing.age() > 1:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait([running])

    assert len(kept(tmp_path / "file")) == 1
    assert Witnessing(data, []).age() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"folder": "a", "url": "https://witness.test/"},
        {"folder": "a", "key": "k"},
        {"folder": "a", "push": True},
        {"url": "ftp://witness.test/"},
        {"folder": "a", "name": "Not A Name"},
    ],
)
def test_a_witness_is_one_place(wrong):
    with pytest.raises(ValidationError):
        Witness(**({"name": "w"} | wrong))


def test_a_key_that_is_none_is_refused_at_the_start():
    good = Witness(name="w", url="https://witness.test/", key=_vkey())
    require_keys([good])

    for key in (_vkey(b"\x01"), "nonsense"):
        with pytest.raises(SettingsError, match="witness w"):
            require_keys([good.model_copy(update={"key": key})])
