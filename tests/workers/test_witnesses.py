"""Witnesses get each checkpoint once, and none that did not grow from what they saw."""

import asyncio
import base64
import errno
import hashlib
import math
import os
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError
from structlog.testing import capture_logs

from gateway.audit.strangers import is_own
from gateway.settings import SettingsError
from gateway.settings.witnesses import Witness
from gateway.store.evidence import Checkpoint, grown, opened
from gateway.store.growth import growth
from gateway.store.notes import SigningKey, WitnessKey
from gateway.store.verification import verify
from gateway.workers.witness_folder import KeptInFolder
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
        self.refusal = None  # a status and a text, whatever it is asked
        self.then = None  # the same from the second time on
        self.in_pieces = False

    async def answer(self, request):
        said = await self.add_checkpoint(request)
        if not self.in_pieces:
            return said
        answer = web.StreamResponse(status=said.status)
        await answer.prepare(request)
        await answer.write(said.body[:1])
        await asyncio.sleep(0.1)  # so that the rest is a piece of its own
        await answer.write(said.body[1:])
        return answer

    async def add_checkpoint(self, request):
        self.asked += 1
        if self.refusal:
            (status, text), self.refusal = self.refusal, self.then or self.refusal
            return web.Response(status=status, text=text)
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


@pytest.fixture
def without_links(monkeypatch):
    """A share that has no hard links, as many have none."""

    def refused(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)


@pytest.mark.usefixtures("without_links")
async def test_a_folder_without_hard_links_will_do(data, tmp_path):
    where = tmp_path / "kept"

    assert [await told(data, folder=where) for _ in range(2)] == ["", ""]
    grow(data)
    assert await told(data, folder=where) == ""

    files = [each for each in where.rglob("*") if each.is_file()]
    assert sorted(files) == kept(where)
    assert [Checkpoint.parse(each.read_text()).size for each in kept(where)] == [3, 6]


async def test_a_folder_that_is_full_keeps_no_half_file(data, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    said = await told(data, folder=tmp_path / "kept")

    assert "No space left" in said
    assert not [each for each in (tmp_path / "kept").rglob("*") if each.is_file()]


@pytest.mark.usefixtures("without_links")
async def test_a_checkpoint_is_whole_before_it_has_its_name_without_links_too(
    data, tmp_path, monkeypatch
):
    seen = []
    sync = os.fsync

    def seeing(descriptor):
        seen.extend(kept(tmp_path / "kept"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", seeing)

    assert await told(data, folder=tmp_path / "kept") == ""
    assert seen == []
    assert len(kept(tmp_path / "kept")) == 1


@pytest.mark.usefixtures("without_links")
async def test_a_checkpoint_that_is_there_is_not_replaced_without_links_either(
    data, tmp_path
):
    place = KeptInFolder(tmp_path / "kept")
    told = growth(data, 0)
    await place.keep(told)

    await place.keep(replace(told, note=f"{told.note}— another line\n"))

    assert [each.read_text() for each in kept(place.folder)] == [told.note]


async def test_two_gateways_whose_processes_have_one_number_share_no_draft(
    data, tmp_path, monkeypatch
):
    """As in two containers, where each is process 1."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    place, told, drafts = KeptInFolder(tmp_path / "kept"), growth(data, 0), []
    both = threading.Barrier(2, timeout=60)
    sync = os.fsync

    def together(descriptor):
        both.wait()
        drafts.extend(place.folder.rglob("*.new"))
        both.wait()
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", together)

    await asyncio.gather(place.keep(told), place.keep(told))

    assert len(set(drafts)) == 2
    assert [each.read_text() for each in kept(place.folder)] == [told.note]


async def test_what_a_witness_kept_and_cannot_be_read_is_told_with_its_file(
    data, tmp_path
):
    assert await told(data, folder=tmp_path / "kept") == ""
    (file,) = kept(tmp_path / "kept")
    grow(data)
    for damaged in ("no checkpoint", file.read_text()[:40]):
        file.write_text(damaged)

        said = await told(data, folder=tmp_path / "kept")

        assert f"cannot be read (EvidenceError): {file}." in said
    file.rename(tmp_path / "away")
    assert await told(data, folder=tmp_path / "kept") == ""


async def test_what_a_witness_kept_and_is_no_text_is_told(data, tmp_path):
    assert await told(data, folder=tmp_path / "kept") == ""
    kept(tmp_path / "kept")[0].write_bytes(b"\xff\xfe")

    assert "cannot be read" in await told(data, folder=tmp_path / "kept")


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


async def test_a_draft_that_was_left_is_not_committed(data, repository):
    assert await told(data, repository=repository) == ""
    (file,) = kept(repository)
    draft = file.with_suffix(".1.new")
    draft.write_text("half a check")
    grow(data)

    assert await told(data, repository=repository) == ""

    files = git(repository, "ls-files").splitlines()
    assert [each.rpartition("/")[2] for each in files] == [
        "000000000000003.checkpoint",
        "000000000000006.checkpoint",
    ]
    assert draft.exists()


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


async def test_two_clones_that_push_to_one_branch_are_told_so(data, repository):
    other = repository.parent / "other"
    git(
        repository.parent,
        "clone",
        "--quiet",
        str(repository.parent / "origin.git"),
        other,
    )
    git(other, "checkout", "--quiet", "-b", "main")
    for each in (repository, other):
        git(each, "config", "push.default", "current")

    assert await told(data, repository=repository, push=True) == ""
    grow(data)

    said = await told(data, repository=other, push=True)
    assert "another clone pushes to this branch" in said


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
    app.router.add_post("/add-checkpoint", endpoint.answer)
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


async def test_a_size_that_comes_in_two_pieces_accuses_nobody(data, endpoint):
    grow(data, 30)
    endpoint.in_pieces, endpoint.refusal = True, (409, "12\n")
    endpoint.then = (409, "14\n")

    assert await told(data, url=endpoint.url) == "The endpoint answered 409."
    assert endpoint.asked == 2


async def test_a_cosignature_that_comes_in_two_pieces_is_kept(data, endpoint):
    endpoint.in_pieces = True

    assert await told(data, url=endpoint.url, key=_vkey()) == ""
    kept = (data / "witnesses" / "w.checkpoint").read_text()
    assert kept.endswith(_cosignature(endpoint.seen.text))


async def test_an_answer_without_end_is_told(data, endpoint):
    endpoint.line = _cosignature("x") + "x" * 70_000

    assert "has no end" in await told(data, url=endpoint.url)


async def test_an_answer_that_the_witness_did_not_sign_is_refused(data, endpoint):
    endpoint.line = _cosignature("another text\n")

    assert "not signed" in await told(data, url=endpoint.url, key=_vkey())


async def test_an_endpoint_that_saw_another_log_of_this_size_shows_a_fork(
    data, endpoint
):
    endpoint.refusal = (409, "3\n")

    assert "position 3, whose rows" in await told(data, url=endpoint.url)
    assert endpoint.asked == 2


async def test_an_endpoint_to_which_the_growth_is_not_proven_shows_a_fork(
    data, endpoint
):
    assert await told(data, url=endpoint.url) == ""
    endpoint.refusal = (422, "")

    assert "not the one that it saw" in await told(data, url=endpoint.url)


@pytest.mark.parametrize("refusal", [(422, ""), (409, "0\n"), (409, "none")])
async def test_an_endpoint_that_saw_nothing_yet_shows_no_fork(data, endpoint, refusal):
    endpoint.refusal = refusal

    assert await told(data, url=endpoint.url) == f"The endpoint answered {refusal[0]}."


async def test_an_endpoint_that_another_gateway_told_meanwhile_accuses_nobody(
    data, endpoint
):
    endpoint.refusal = (409, "2\n")
    endpoint.then = (409, "3\n")

    assert await told(data, url=endpoint.url) == "The endpoint answered 409."


async def test_an_endpoint_that_does_not_know_the_log_is_told_its_key(data, endpoint):
    endpoint.refusal = (404, "")
    assert "know this log's key" in await told(data, url=endpoint.url)

    endpoint.refusal = (500, "")
    assert await told(data, url=endpoint.url) == "The endpoint answered 500."


async def test_a_number_that_no_log_has_ends_nothing(data, endpoint):
    endpoint.refusal = (409, "9" * 5000)

    assert "answered 409" in await told(data, url=endpoint.url)


async def test_what_the_endpoint_took_and_cannot_be_read_any_more_is_asked_again(
    data, endpoint
):
    assert await told(data, url=endpoint.url) == ""
    (data / "witnesses" / "w.checkpoint").write_bytes(b"\xff")

    assert await told(data, url=endpoint.url) == ""


async def test_a_fault_that_nobody_foresaw_is_told_as_one(data):
    said = await told(data, url="http://witness..test/add-checkpoint")

    assert said == "It cannot be told (UnicodeError)."


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


async def running(witnessing, until):
    task = asyncio.create_task(witnessing.run())
    async with asyncio.timeout(60):
        while not until():
            assert not task.done()
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])


async def test_the_age_is_not_forgotten_when_the_gateway_stops(data, tmp_path):
    witness = Witness(name="w", folder=tmp_path / "kept")

    first = Witnessing(data, [witness])
    assert first.age() == math.inf  # it never had one
    await running(first, lambda: first.age() < math.inf)
    confirmed = data / "witnesses" / "w.confirmed"
    await running(first, confirmed.exists)
    assert is_own(confirmed.relative_to(data))

    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    confirmed.write_text(an_hour_ago.isoformat())
    assert 3600 <= Witnessing(data, [witness]).age() < 3700
    confirmed.write_text((an_hour_ago + timedelta(days=1)).isoformat())
    assert Witnessing(data, [witness]).age() < 100  # the clock was set back
    for unreadable in (b"", b"\xff", b"2026-01-01T00:00:00"):
        confirmed.write_bytes(unreadable)
        assert Witnessing(data, [witness]).age() == math.inf


async def test_one_witness_that_fails_keeps_no_other_from_the_checkpoint(
    data, tmp_path, endpoint
):
    endpoint.refusal = (409, "9" * 5000)
    bad = Witness(name="bad", url=endpoint.url)
    witnessing = Witnessing(data, [bad, Witness(name="good", folder=tmp_path / "k")])

    await running(witnessing, lambda: endpoint.asked and (data / "witnesses").is_dir())

    assert len(kept(tmp_path / "k")) == 1
    assert witnessing.age() == math.inf


async def test_what_cannot_be_noted_is_told_and_stops_nothing(data, tmp_path):
    (data / "witnesses").touch()
    witnessing = Witnessing(data, [Witness(name="w", folder=tmp_path / "kept")])

    with capture_logs() as logs:
        await running(witnessing, lambda: logs)

    assert "cannot be noted" in logs[0]["reason"]
    assert witnessing.age() < math.inf


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
