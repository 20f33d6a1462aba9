"""Whatever callers do, in whatever order, the gateway is what a small model says.

The model knows three Patients' worth of ids and record numbers: what each resource
says, at which version it is, whether it was deleted. Each step is sent to a gateway and
to the model; their answers are compared, and at the end all that can be read.
"""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.gateway_inside import gateway_inside
from tests.patients import MRN

IDS, RECORDS, GENDERS = ("a", "b", "c"), ("1", "2"), ("male", "female", "other")


class RefusalError(Exception):
    """The model refuses with an HTTP status."""


@dataclass(frozen=True)
class Known:
    """A Patient: its version, record number and gender; no number when deleted."""

    version: int
    record: str | None
    gender: str = ""


@dataclass
class Model:
    """What the gateway ought to know."""

    patients: dict[str, Known] = field(default_factory=dict)
    made: int = 0

    def do(self, step):
        """Carry a step out; return the status and the id."""
        kind, *rest = step
        return getattr(self, kind)(*rest)

    def put(self, identity, record, gender, version=None):
        known = self.patients.get(identity, Known(0, None))
        if version is not None and (known.record is None or known.version != version):
            raise RefusalError(412)
        content = (record, gender)
        if (known.record, known.gender) == content:
            return 200, identity
        status = 200 if known.record else 201
        self.patients[identity] = Known(known.version + 1, *content)
        return status, identity

    def create(self, record, gender):
        self.made += 1
        return self.put(f"made-{self.made}", record, gender)

    def create_if_none(self, record, gender):
        found = self.bearer(record)
        return (200, found) if found else self.create(record, gender)

    def put_by(self, record, gender):
        found = self.bearer(record)
        if found:
            return self.put(found, record, gender)
        return self.create(record, gender)

    def delete(self, identity):
        known = self.patients.get(identity)
        if known is not None and known.record is not None:
            self.patients[identity] = Known(known.version + 1, None)
        return 204, identity

    def delete_by(self, record):
        found = self.bearer(record)
        return self.delete(found) if found else (204, None)

    def patch(self, identity, gender):
        known = self.patients.get(identity)
        if known is None:
            raise RefusalError(404)
        if known.record is None:
            raise RefusalError(410)
        if known.gender == gender:
            return 200, identity
        return self.put(identity, known.record, gender)

    def bearer(self, record):
        found = self.bearers(record)
        if len(found) > 1:
            raise RefusalError(412)
        return found[0] if found else None

    def bearers(self, record):
        return [one for one, known in self.patients.items() if known.record == record]

    def whole(self, steps):
        """Carry out all of a transaction in FHIR's order; return what was touched."""
        order = sorted(steps, key=lambda each: "dcp".index(each[0][0]))
        before = Model(dict(self.patients))
        asked = [each[1] for each in steps if each[0] == "put_by"]
        done = [self.do(each)[1] for each in order]
        there = [one for each in asked for one in before.bearers(each)]
        return [each for each in (*done, *there) if each is not None]


def patient(record, gender, identity=None):
    named = {"id": identity} if identity else {}
    numbers = [{"system": MRN, "value": record}]
    return {
        "resourceType": "Patient",
        **named,
        "identifier": numbers,
        "gender": gender,
    }


def by(record):
    return f"Patient?identifier={MRN}|{record}"


def entry(step, mark):
    """Return the entry of a Bundle that asks for a step; `mark` begins every name."""
    kind, name, *rest = step
    return ENTRIES[kind](mark, mark + name, *rest)


def put(mark, identity, record, gender, version=None):
    asked = {"ifMatch": f'W/"{version}"'} if version else {}
    sent = patient(mark + record, gender, identity)
    return asks("PUT", f"Patient/{identity}", sent, **asked)


def create_if_none(_mark, record, gender):
    condition = by(record).partition("?")[2]
    return asks("POST", "Patient", patient(record, gender), ifNoneExist=condition)


ENTRIES = {
    "put": put,
    "create": lambda _, *said: asks("POST", "Patient", patient(*said)),
    "create_if_none": create_if_none,
    "put_by": lambda _, one, gender: asks("PUT", by(one), patient(one, gender)),
    "delete": lambda _, one: asks("DELETE", f"Patient/{one}"),
    "delete_by": lambda _, one: asks("DELETE", by(one)),
    "patch": lambda _, one, gender: asks("PATCH", f"Patient/{one}", to(gender)),
}


def asks(method, url, resource=None, **more):
    sent = {"resource": resource} if resource else {}
    return {**sent, "request": {"method": method, "url": url, **more}}


def to(gender):
    part = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Patient.gender"},
        {"name": "value", "valueCode": gender},
    ]
    parameter = [{"name": "operation", "part": part}]
    return {"resourceType": "Parameters", "parameter": parameter}


ID, RECORD, GENDER = map(st.sampled_from, (IDS, RECORDS, GENDERS))
STEP = st.one_of(
    st.tuples(st.just("put"), ID, RECORD, GENDER),
    st.tuples(st.just("put"), ID, RECORD, GENDER, st.integers(1, 3)),
    st.tuples(st.just("create"), RECORD, GENDER),
    st.tuples(st.just("create_if_none"), RECORD, GENDER),
    st.tuples(st.just("put_by"), RECORD, GENDER),
    st.tuples(st.just("delete"), ID),
    st.tuples(st.just("delete_by"), RECORD),
    st.tuples(st.just("patch"), ID, GENDER),
)


class Twin:
    """A gateway beside the model; `names` are the ids that the gateway made."""

    def __init__(self, caller, number):
        self.caller, self.model, self.names = caller, Model(), {}
        self.sent, self.mark = 0, f"{number}-"

    async def alone(self, step):
        """Send a step as a batch of one and compare the answer."""
        said = (await self.push("batch", [step])).json["entry"][0]["response"]
        try:
            status, identity = self.model.do(step)
        except RefusalError as refusal:
            status, identity = refusal.args[0], None
        assert int(said["status"][:3]) == status, (step, said)
        if identity is not None and "location" in said:
            self.learn(identity, said["location"])

    async def together(self, steps):
        """Send steps as a transaction; where it is refused nothing may change."""
        answer = await self.push("transaction", steps)
        trial = Model(dict(self.model.patients), self.model.made)
        try:
            touched = trial.whole(steps)
        except RefusalError:
            assert 400 <= answer.status < 500, (steps, answer.body)
            return
        places = [entry(each, "")["request"]["url"] for each in steps]
        places = [each for each in places if each != "Patient"]
        if answer.status == 422 and (_twice(touched) or _twice(places)):
            return  # two entries write to one resource
        assert answer.status == 200, (steps, answer.body)
        self.model = trial
        for step, each in zip(steps, answer.json["entry"], strict=True):
            if "location" in each["response"]:
                self.find(step, each["response"]["location"])

    def learn(self, identity, location):
        """Remember what the gateway called a resource, which is always the same."""
        _, named, _, version = location.split("/")
        assert self.names.setdefault(identity, named) == named
        assert self.model.patients[identity].version == int(version)

    def find(self, step, location):
        """Give the resource that a transaction created its name in the model."""
        named = location.split("/")[1]
        if named.startswith(self.mark) or named in self.names.values():
            return
        self.names[self.unnamed(*step[1:3])] = named

    def unnamed(self, record, gender):
        return next(
            one
            for one, known in self.model.patients.items()
            if one.startswith("made-") and one not in self.names
            if (known.record, known.gender) == (record, gender)
        )

    async def push(self, kind, steps):
        """Send a Bundle twice under one key; a success is repeated word by word."""
        self.sent += 1
        entries = [entry(each, self.mark) for each in steps]
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        key = f"{self.mark}{self.sent}"
        first = await self.caller.push_anything(bundle, Idempotency_Key=key)
        again = await self.caller.push_anything(bundle, Idempotency_Key=key)
        if b'"outcome"' not in first.body:
            assert again.body == first.body or first.status != 200, steps
        return first

    def expected(self):
        """Return what the model says can be read: each patient, each record's count."""
        known = self.model.patients.items()
        records = [one.record for _, one in known]
        return (
            {identity: self._version(one) for identity, one in known},
            {record: records.count(record) for record in RECORDS},
        )

    def _version(self, known):
        if known.record is None:
            return 410
        numbers = patient(self.mark + known.record, "")["identifier"]
        return str(known.version), known.gender, numbers

    async def read(self):
        """Return what the gateway says of the same."""
        return (
            {identity: await self._read(identity) for identity in self.model.patients},
            {
                record: len(await self.caller.search(by(self.mark + record)))
                for record in RECORDS
            },
        )

    async def _read(self, identity):
        named = self.names.get(identity, self.mark + identity)
        answer = await self.caller.get(f"/fhir/Patient/{named}")
        if answer.status != 200:
            return answer.status
        said = answer.json
        return said["meta"]["versionId"], said["gender"], said["identifier"]


def _twice(names):
    return len(names) > len(set(names))


async def test_any_history_is_what_the_model_says(tmp_path):
    number = count(1)
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None)
    @example([("put", "a", "1", "male"), ("put_by", "1", "male")])
    @example(
        [
            ("put", "a", "1", "male"),
            ("create", "1", "male"),
            [("delete", "a"), ("put_by", "1", "male")],
        ]
    )
    @given(st.lists(STEP | st.lists(STEP, min_size=2, max_size=4), max_size=12))
    def every(history):
        asyncio.run_coroutine_threadsafe(lived(history), loop).result(timeout=180)

    async def lived(history):
        twin = Twin(caller, next(number))
        for each in history:
            await (twin.together(each) if isinstance(each, list) else twin.alone(each))
        assert await twin.read() == twin.expected()

    async with gateway_inside(tmp_path / "data", dev=True) as caller:
        await asyncio.to_thread(every)
