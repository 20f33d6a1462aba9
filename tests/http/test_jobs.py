"""`Prefer: respond-async`: what was answered 202 is kept, and will be done once."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from domain.answers import Reviewer
from domain.errors import IllegalTransitionError, NotFoundError
from gateway.http import backlog as backlogs
from gateway.http import resumption
from gateway.http.backlog import ATTEMPTS, KEPT, MOST_OF_CLIENT, Backlog
from gateway.http.resumption import Head
from gateway.problems import ClientBusyError
from gateway.store.errors import LogUnavailableError, OverloadedError
from gateway.store.spool import Spool
from tests.callers import FEED, NURSE, Caller, caller_session
from tests.gateway_process import GatewayProcess
from tests.patients import fresh_record, patient, transaction, visit
from tests.worklist import until

ASYNC = {"Prefer": "respond-async"}


async def accept(caller, bundle, **headers):
    """Hand a Bundle in for later; return the path of its job."""
    answer = await caller.push_anything(bundle, **ASYNC, **headers)
    assert answer.status == 202, answer.body
    return urlsplit(answer.headers["Content-Location"]).path


async def done(caller, path):
    """Wait for the answer of a job."""

    async def look():
        answer = await caller.get(path)
        return None if answer.status == 202 else answer

    return await until(look)


async def test_a_bundle_is_accepted_and_answered_later(caller):
    path = await accept(caller, visit())

    answer = await done(caller, path)

    assert answer.status == 200
    assert answer.json["type"] == "transaction-response"
    assert [each["response"]["status"] for each in answer.json["entry"]] == [
        "201 Created",
        "201 Created",
    ]
    whom = answer.locations[0].partition("/_history")[0]
    assert (await caller.read(whom))["resourceType"] == "Patient"
    assert answer.headers["Expires"]


async def test_a_bundle_that_is_refused_is_refused_later(caller):
    path = await accept(caller, transaction({"resourceType": "Patient", "gender": "x"}))

    answer = await done(caller, path)

    assert answer.status == 422
    assert "Bundle.entry[0].resource.gender" in " ".join(answer.places)


async def test_the_same_bundle_twice_is_stored_once(caller):
    paths = [await accept(caller, visit()) for _ in range(2)]

    first, second = [await done(caller, each) for each in paths]

    assert first.locations == second.locations


async def test_a_key_is_as_good_as_without_waiting(caller):
    bundle = visit()
    answered = await caller.push(bundle, Idempotency_Key="k")

    later = await done(caller, await accept(caller, bundle, Idempotency_Key="k"))

    assert later.locations == answered.locations


async def test_the_entries_of_a_batch_are_answered_one_by_one(caller):
    read = {"request": {"method": "GET", "url": "Patient/nobody"}}
    bundle = transaction(patient("1"), kind="batch")
    bundle["entry"].append(read)

    answer = await done(caller, await accept(caller, bundle))

    codes = [each["response"]["status"][:3] for each in answer.json["entry"]]
    assert codes == ["201", "404"]


async def test_only_the_client_that_asked_may_look(strangers):
    path = await accept(strangers.called(FEED), visit())
    await done(strangers.called(FEED), path)

    for method in ("GET", "DELETE"):
        answer = await strangers.called(NURSE).request(method, path)
        assert answer.status == 404
    assert (await strangers.get(path)).status == 401


async def test_scopes_hold_for_what_is_done_later(strangers):
    path = await accept(strangers.called(NURSE), visit())

    answer = await done(strangers.called(NURSE), path)

    assert answer.status == 403


async def test_an_answer_that_was_fetched_can_be_deleted(caller):
    path = await accept(caller, visit())
    await done(caller, path)

    deleted = await caller.request("DELETE", path)

    assert deleted.status == 202
    assert (await caller.get(path)).status == 404


async def test_what_has_not_begun_can_be_cancelled(caller, monkeypatch):
    going, held = asyncio.Event(), asyncio.Event()
    carry_out = backlogs.carried_out

    async def slowly(*args):
        going.set()
        await held.wait()
        return await carry_out(*args)

    monkeypatch.setattr(backlogs, "carried_out", slowly)
    under_way = await accept(caller, visit("1"))
    await going.wait()
    waiting = await accept(caller, visit("2"))

    looks = [await caller.get(each) for each in (under_way, waiting)]
    cancelled = [await caller.request("DELETE", each) for each in (under_way, waiting)]
    held.set()

    assert [each.headers["X-Progress"] for each in looks] == [
        "in progress",
        "1 requests are before it",
    ]
    assert [each.status for each in cancelled] == [409, 202]
    assert (await done(caller, under_way)).status == 200
    assert (await caller.get(waiting)).status == 404
    assert len(await caller.search("Patient")) == 1


async def test_what_was_accepted_survives_a_kill(tmp_path):
    gateway = GatewayProcess(tmp_path, dev=True).start()
    whole = transaction(*(patient(fresh_record()) for _ in range(300)))
    async with caller_session() as session:
        caller = Caller(session, gateway.base)
        paths = [await accept(caller, whole), await accept(caller, visit("late"))]
        gateway.kill()
        gateway.start()
        try:
            answers = [await done(caller, each) for each in paths]
            found = (await caller.get("/fhir/Patient?_summary=count")).json["total"]
        finally:
            gateway.stop()

    assert [each.status for each in answers] == [200, 200]
    assert found == 301
    assert b"urn:example:mrn" not in (gateway.data / "jobs.sqlite").read_bytes()


# The backlog by itself, on a small application.


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        return self.now


def head(name="feed", target="/echo?x=%C3%A4"):
    return Head(
        method="POST",
        target=target,
        headers=[("Host", "gateway.example"), ("Content-Type", "text/plain")],
        scheme="https",
        remote="192.0.2.1",
        request_id="r",
        reviewer=Reviewer(name=name, reference="", display=""),
        scopes=(),
    )


async def echo(request):
    said = f"{request.url} {request.remote} {request.query['x']} ".encode()
    return web.Response(body=said + await request.read(), headers={"X-Said": "yes"})


@pytest.fixture
async def app():
    made = web.Application()
    made.router.add_post("/echo", echo)
    return made


@asynccontextmanager
async def running(backlog, app):
    task = asyncio.create_task(backlog.run(app))
    yield
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path, b"s" * 32)
    yield spool
    spool.close()


async def finished(backlog, job_id, client="feed"):
    async def look():
        return backlog.place(job_id, client) is None

    await until(look)
    return await backlog.answer(job_id)


async def test_a_request_is_carried_out_as_it_came(app, spool):
    backlog = Backlog(spool, clock=Clock())
    job_id = await backlog.accept(head(), b"body")

    async with running(backlog, app):
        answer, body, until_when = await finished(backlog, job_id)

    expected = "https://gateway.example/echo?x=%C3%A4 192.0.2.1 ä body".encode()
    assert (answer.status, body) == (200, expected)
    assert ("X-Said", "yes") in answer.headers
    assert until_when == Clock().now + KEPT


async def test_what_waits_and_what_is_done_is_known_after_a_restart(app, spool):
    before = Backlog(spool, clock=Clock())
    first = await before.accept(head(), b"1")
    async with running(before, app):
        await finished(before, first)
    second = await before.accept(head(), b"2")

    after = Backlog(spool, clock=Clock())

    assert (await after.answer(first))[1].endswith(b"1")
    assert after.place(second, "feed") == 0
    async with running(after, app):
        assert (await finished(after, second))[1].endswith(b"2")


async def test_one_client_may_not_take_all_the_room(spool):
    backlog = Backlog(spool, clock=Clock())
    for _ in range(MOST_OF_CLIENT):
        await backlog.accept(head(), b"")

    with pytest.raises(ClientBusyError):
        await backlog.accept(head(), b"")
    assert await backlog.accept(head("other"), b"")


async def test_all_together_may_not_fill_the_disk(spool, monkeypatch):
    monkeypatch.setattr(backlogs, "MOST_WAITING", 1)
    backlog = Backlog(spool, clock=Clock())
    await backlog.accept(head(), b"")

    with pytest.raises(OverloadedError):
        await backlog.accept(head("other"), b"")


async def test_answers_are_kept_for_some_time_and_only_so_many(app, spool, monkeypatch):
    monkeypatch.setattr(backlogs, "MOST_ANSWERS", 2)
    clock = Clock()
    backlog = Backlog(spool, clock=clock)
    jobs = [await backlog.accept(head(), b"") for _ in range(3)]

    async with running(backlog, app):
        await finished(backlog, jobs[-1])
        last = await backlog.accept(head(), b"")
        await finished(backlog, last)
        with pytest.raises(NotFoundError):
            backlog.place(jobs[0], "feed")
        clock.now += KEPT + timedelta(seconds=1)
        newest = await backlog.accept(head(), b"")
        await finished(backlog, newest)

    assert [each.id for each in spool.every()] == [newest]


async def test_what_the_gateway_cannot_do_now_is_done_in_a_moment(spool, monkeypatch):
    monkeypatch.setattr(backlogs, "_AGAIN_S", 0)
    statuses = [503, 503, 201]

    async def busy(_request):
        return web.Response(status=statuses.pop(0))

    app = web.Application()
    app.router.add_post("/echo", busy)
    backlog = Backlog(spool, clock=Clock())
    job_id = await backlog.accept(head(), b"")

    async with running(backlog, app):
        answer, _, _ = await finished(backlog, job_id)

    assert answer.status == 201


@pytest.mark.parametrize(("times", "left"), [(2, 0), (5, 3)])
async def test_so_is_a_batch_of_which_a_part_could_not_be_done(
    spool, monkeypatch, times, left
):
    monkeypatch.setattr(backlogs, "_AGAIN_S", 0)
    monkeypatch.setattr(backlogs, "_PATIENCE", 2)
    answers = [*([b'{"status":"503"}'] * times), b"{}"]

    async def busy(_request):
        return web.Response(body=answers.pop(0))

    app = web.Application()
    app.router.add_post("/echo", busy)
    backlog = Backlog(spool, clock=Clock())
    job_id = await backlog.accept(head(), b"")

    async with running(backlog, app):
        _, body, _ = await finished(backlog, job_id)

    assert len(answers) == left
    assert body == (b'{"status":"503"}' if left else b"{}")


async def test_a_request_that_ends_the_process_again_and_again_is_given_up(app, spool):
    job_id = await Backlog(spool, clock=Clock()).accept(head(), b"")
    for _ in range(ATTEMPTS):
        spool.begin(job_id)
    backlog = Backlog(spool, clock=Clock())

    with pytest.raises(IllegalTransitionError):
        await backlog.cancel(job_id, "feed")
    async with running(backlog, app):
        answer, body, _ = await finished(backlog, job_id)

    assert answer.status == 500
    assert b"smaller parts" in body


async def test_an_answer_that_is_deleted_while_it_is_fetched_is_not_found(app, spool):
    backlog = Backlog(spool, clock=Clock())
    job_id = await backlog.accept(head(), b"")
    async with running(backlog, app):
        await finished(backlog, job_id)
    spool.remove(job_id)  # as a DELETE does that comes first to the disk

    with pytest.raises(NotFoundError):
        await backlog.answer(job_id)


@pytest.mark.parametrize("step", ["begin", "finish"])
async def test_a_full_disk_is_waited_for_and_nothing_is_done_twice(
    app, spool, monkeypatch, step
):
    monkeypatch.setattr(backlogs, "_AGAIN_S", 0)
    failures = [LogUnavailableError("full")] * (ATTEMPTS + 1)
    done = getattr(spool, step)

    def full(*args, **named):
        if failures:
            raise failures.pop()
        return done(*args, **named)

    monkeypatch.setattr(spool, step, full)
    carried_out = []

    async def counted(*args):
        carried_out.append(args)
        return await resumption.carried_out(*args)

    monkeypatch.setattr(backlogs, "carried_out", counted)
    backlog = Backlog(spool, clock=Clock())
    job_id = await backlog.accept(head(), b"")

    async with running(backlog, app):
        answer, _, _ = await finished(backlog, job_id)

    assert answer.status == 200
    assert len(carried_out) == 1


async def test_a_client_that_hung_up_before_it_was_told_asked_for_nothing(spool):
    backlog = Backlog(spool, clock=Clock())
    asking = asyncio.create_task(backlog.accept(head(), b""))
    await asyncio.sleep(0)
    asking.cancel()

    await asyncio.wait([asking])

    assert asking.cancelled()
    assert spool.every() == []
