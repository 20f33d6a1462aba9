"""Sixteen clients that write and read without end, and believe only what they get."""

import asyncio
import random
from contextlib import suppress
from functools import partial
from itertools import count

import aiohttp

from tests.callers import Caller, caller_session
from tests.crash.journal import Sent, Written, location
from tests.patients import (
    MRN,
    conditional_visit,
    patient,
    put_visit,
    statement,
    transaction,
    visit,
    vital,
)

CLIENTS = 16
_PAUSE_S = 0.05
_BUSY = (429, 503)
_PULSE = ("8867-4", 128)
_WRITTEN = (200, 201)


class Load:
    """The clients of one data folder, and the journal that they share."""

    def __init__(self, base, journal, *, seed):
        self._base = base
        self.journal = journal
        self._seed = seed
        self.round = 0
        self.failed = False  # a client ended, or was ended by another's fault
        self._going = asyncio.Event()
        self._working = 0
        self._idle = asyncio.Condition()
        self._clients = []

    async def run(self):
        """Work until cancelled; a client that gets a wrong answer ends it all."""
        async with caller_session() as session, asyncio.TaskGroup() as clients:
            for number in range(CLIENTS):
                one = _Client(self, Caller(session, self._base), number, self._seed)
                self._clients.append(one)
                clients.create_task(one.run())

    def go(self, number):
        """Let the clients work through a round."""
        self.round = number
        self._going.set()

    async def pause(self):
        """Let nothing new begin; return once what was begun has ended."""
        self._going.clear()
        async with self._idle:
            await self._idle.wait_for(lambda: not self._working)

    def forget(self, whom):
        """Forget an erased patient; return how many versions went with her."""
        for each in self._clients:
            each.forget(whom)
        return self.journal.forget(whom)

    async def working(self, step):
        """Do one step, unless there is a pause."""
        await self._going.wait()
        self._working += 1
        try:
            await step()
        except BaseException:  # a cancelled step, too, was not acknowledged
            self.failed = True
            raise
        finally:
            self._working -= 1
            async with self._idle:
                self._idle.notify_all()


class _Client:
    def __init__(self, load, caller, number, seed):
        self._load = load
        self._journal = load.journal
        self._caller = caller
        self._number = number
        self._seed = f"{seed}/client/{number}"
        self._chance = None  # of each step its own: what one draws moves no other
        self._count = 0
        self._mine = []  # addresses that only this client updates
        self._patients = []
        self._own = []  # Bundles sent, with their keys

    async def run(self):
        steps = [
            (self._visit, 4),
            (self._more, 4),
            (self._shared, 2),
            (self._update, 4),
            (self._again, 1),
            (self._read, 4),
            (self._search, 1),
        ]
        choices, weights = zip(*steps, strict=True)
        for number in count():
            self._chance = random.Random(f"{self._seed}/{number}")
            (step,) = self._chance.choices(choices, weights)
            await self._load.working(step if number else self._visit)

    def forget(self, whom):
        """Speak no more of an erased patient."""
        latest = self._journal.latest
        self._patients = [each for each in self._patients if each != whom]
        self._mine = [each for each in self._mine if not latest[each].is_of(whom)]
        self._own = [each for each in self._own if not each[1].names(whom)]

    def _key(self):
        self._count += 1
        return f"{self._number}-{self._count}"

    async def _visit(self):
        """Bring a patient with a complaint, in one of three manners."""
        key = self._key()
        record = f"record-{key}"
        manners = (visit, conditional_visit, put_visit)
        bundle = self._chance.choice(manners)(record, "chest pain", _PULSE)
        bundle["identifier"] = {"system": "urn:example:bundles", "value": key}
        sent = Sent(key)
        locations = await self._transaction(bundle, sent)
        whom = locations[0].partition("/_history")[0]
        self._journal.patients.setdefault(whom, self._load.round)
        self._patients.append(whom)
        self._own.append((bundle, sent))

    async def _more(self):
        """Bring more of a patient who has a case."""
        if not self._patients:
            return
        key = self._key()
        whom = self._chance.choice(self._patients)
        bundle = transaction(
            statement(whom, f"warfarin {key}"), vital(whom, "9279-1", 16)
        )
        locations = await self._transaction(bundle, Sent(key), Idempotency_Key=key)
        self._mine.append(locations[0].partition("/_history")[0])

    async def _again(self):
        """Send a Bundle again that was acknowledged, much later."""
        if not self._own:
            return
        bundle, sent = self._chance.choice(self._own)
        await self._transaction(bundle, sent)

    async def _transaction(self, bundle, sent, **headers):
        send = partial(self._caller.push_anything, bundle, **headers)
        answer = await self._acknowledged(send)
        locations = answer.locations
        self._once(sent, tuple(locations))
        whom = locations[0].partition("/_history")[0]
        for entry, place in zip(bundle["entry"], locations, strict=True):
            self._note(place, _resolved(entry["resource"], whom))
        return locations

    async def _shared(self):
        """Create a patient whom other clients create at the same time."""
        key = self._key()
        name = f"shared-{self._load.round}-{self._chance.randrange(4)}"
        send = partial(
            self._caller.create,
            patient(name),
            If_None_Exist=f"identifier={MRN}|{name}",
            Idempotency_Key=key,
        )
        answer = await self._acknowledged(send)
        place = location(answer)
        told = self._journal.shared.setdefault(name, place)
        if told != place:
            raise AssertionError(f"{name} is {told} and {place}.")
        self._note(place, patient(name))

    async def _update(self):
        """Update something of one's own, on condition of its version."""
        if not self._mine:
            return
        key = self._key()
        last = self._journal.latest[self._chance.choice(self._mine)]
        kind, _, identity = last.address.partition("/")
        assert kind == last.content["resourceType"]
        content = {
            **last.content,
            "id": identity,
            "note": [{"text": f"noted by {key}"}],
        }
        send = partial(
            self._caller.put,
            content,
            If_Match=f'W/"{last.version}"',
            Idempotency_Key=key,
        )
        answer = await self._acknowledged(send)
        written = self._note(location(answer), content)
        if written.version != last.version + 1:
            raise AssertionError(f"{written.location} follows {last.location}.")

    async def _read(self):
        """Read a version that was acknowledged."""
        written = self._chance.choice(list(self._journal.written.values()))
        send = partial(self._caller.get, f"/fhir/{written.location}")
        answer = await self._acknowledged(send)
        self._journal.read(written, answer.body)

    async def _search(self):
        if not self._patients:
            return
        whom = self._chance.choice(self._patients)
        send = partial(self._caller.get, f"/fhir/Observation?patient={whom}")
        await self._acknowledged(send)

    async def _acknowledged(self, send):
        """Send until there is an answer; "busy" is none."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                answer = await send()
                if answer.status in _WRITTEN:
                    return answer
                if answer.status not in _BUSY:
                    raise AssertionError((answer.status, answer.body, send))
            self._journal.interrupted += 1
            await asyncio.sleep(_PAUSE_S)

    def _once(self, sent, answer):
        sent.answers.add(answer)
        if len(sent.answers) != 1:
            raise AssertionError(f"A repetition was answered anew: {sent.answers}.")

    def _note(self, place, content):
        self._journal.note(Written(place, content, self._load.round))
        return self._journal.written[place]


def _resolved(content, whom):
    subject = content.get("subject")
    if subject and subject["reference"].startswith("urn:"):
        return {**content, "subject": {"reference": whom}}
    return content
