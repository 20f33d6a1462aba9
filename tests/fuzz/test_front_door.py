"""Tens of thousands of broken requests: none fails the gateway or leaves a half.

`FUZZ_INPUTS=100000 pytest tests/fuzz` sends as many; `FUZZ_SEED` names another seed.
"""

import json
import os
import random

import pytest
from click.testing import CliRunner

from gateway.cli.audit import audit
from tests.callers import FEED, NURSE
from tests.fuzz.mutation import NAMES, TRICKY, encoded, generated, mutated
from tests.gateway_inside import gateway_inside
from tests.patients import (
    MRN,
    complaint,
    encounter,
    normal_vitals,
    patient,
    statement,
    transaction,
    urn,
    visit,
)

INPUTS = int(os.environ.get("FUZZ_INPUTS", "4000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
KINDS = ("Patient", "Observation", "Encounter", "MedicationStatement", "Task", "Bundle")
MEDIA = (
    "application/fhir+json", "application/json", "application/json-patch+json",
    "application/fhir+xml", "text/plain", "application/x-www-form-urlencoded", "",
)  # fmt: skip
HEADERS = (
    "If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since", "Prefer",
    "Idempotency-Key", "Accept", "Content-Encoding", "X-Forwarded-Host",
)  # fmt: skip
VALUES = (
    "", "*", 'W/"1"', "1", "identifier=a|b", "identifier=a", "respond-async", "gzip",
    "return=minimal", "return=OperationOutcome", "handling=lenient", "text/html", "é",
    "Wed, 21 Oct 2026 07:28:00 GMT", "yesterday", "evil.example", "k" * 300,
)  # fmt: skip
QUERIES = (
    "_count", "_sort", "_id", "_include", "_revinclude",
    "_has:Observation:patient:code",
    "_since", "_elements", "_summary", "_total", "identifier", "patient", "code",
    "date",
    "subject:Patient.identifier", "status:not", "name:exact", "value-quantity", "_page",
    "birthdate", "_lastUpdated", "_format", "priority", "x", "mode", "profile",
)  # fmt: skip
PATHS = (
    "/fhir/{kind}/{id}", "/fhir/{kind}", "/fhir", "/fhir/{kind}/{id}/_history",
    "/fhir/{kind}/{id}/_history/1", "/fhir/{kind}/_history", "/fhir/_history",
    "/fhir/{kind}/_search", "/fhir/{kind}/$validate", "/fhir/Patient/{id}/$everything",
    "/fhir/metadata", "/fhir/$quarantine", "/fhir/{kind}/{id}/x", "/fhir//", "/x",
)  # fmt: skip


def samples(whose="Patient/1"):
    """Return what a well-behaved sender sends."""
    whom = urn(0)
    return [
        patient(),
        encounter(whose, "chest pain"),
        complaint(whose, "short of breath"),
        statement(whose, "warfarin 5 mg"),
        *normal_vitals(whose),
        visit("fuzz", "headache"),
        transaction(patient("f2"), *normal_vitals(whom), kind="batch"),
        [{"op": "replace", "path": "/gender", "value": "male"}],
        {
            "resourceType": "Parameters",
            "parameter": [
                {
                    "name": "operation",
                    "part": [
                        {"name": "type", "valueCode": "delete"},
                        {"name": "path", "valueString": "Patient.gender"},
                    ],
                }
            ],
        },
    ]


class Sender:
    """Sends one broken request after the other."""

    def __init__(self, seed, caller):
        self.rng = random.Random(seed)
        self.callers = (caller.called(FEED), caller.called(NURSE))
        self.known = ["1", "x", "no-such-id", "a" * 65]

    async def send(self):
        rng = self.rng
        if rng.random() < 0.1:
            return "POST", await self.send_well_formed()
        method = rng.choice(("POST", "POST", "POST", "PUT", "PATCH", "GET", "DELETE"))
        answer = await rng.choice(self.callers).request(
            method, self.address(method), self.body(method), **self.headers()
        )
        self.learn(answer)
        return method, answer

    def sample(self, most=None):
        """Return something right about one of many patients."""
        return self.rng.choice(samples(f"Patient/{self.rng.randrange(500)}")[:most])

    async def send_well_formed(self):
        """Send what is right, so that the broken requests meet something."""
        sent = self.sample(-2)  # without the patches
        kind = sent["resourceType"]
        address = "/fhir" if kind == "Bundle" else f"/fhir/{kind}"
        answer = await self.callers[0].request("POST", address, sent)
        self.learn(answer)
        return answer

    def address(self, method):
        rng = self.rng
        path = rng.choice(PATHS if rng.random() < 0.6 else PATHS[:3])
        address = path.format(kind=rng.choice(KINDS), id=rng.choice(self.known[-50:]))
        if method == "GET" or rng.random() < 0.2:
            asked = rng.sample(QUERIES, rng.randint(0, 3))
            address += "?" + "&".join(f"{each}={self.value()}" for each in asked)
        return address

    def value(self):
        rng = self.rng
        text = rng.choice(
            (*VALUES, *(each for each in TRICKY if isinstance(each, str)))
        )
        return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "replace"))[:900]

    def headers(self):
        rng = self.rng
        chosen = {"Content-Type": rng.choice(MEDIA)} if rng.random() < 0.2 else {}
        for name in rng.sample(HEADERS, rng.choice((0, 0, 0, 1, 2))):
            chosen[name] = rng.choice(VALUES)
        return chosen

    def body(self, method):
        rng = self.rng
        if method in ("GET", "DELETE") and rng.random() < 0.9:
            return None
        if rng.random() < 0.15:
            return encoded(rng, generated(rng))
        content = mutated(rng, self.sample())
        if isinstance(content, dict) and method == "PUT" and rng.random() < 0.7:
            content["id"] = rng.choice(self.known[-50:])
        return encoded(rng, content)

    def learn(self, answer):
        place = answer.headers.get("Location", "").split("/_history/")[0]
        if place:
            self.known.append(place.rpartition("/")[2])


def is_outcome(answer):
    try:
        return answer.json["resourceType"] == "OperationOutcome"
    except (ValueError, KeyError, TypeError):
        return False


@pytest.mark.timeout(7200)
async def test_no_request_breaks_the_gateway(tmp_path):
    statuses = {}
    async with gateway_inside(tmp_path / "data") as caller:
        sender = Sender(SEED, caller)
        for number in range(INPUTS):
            method, answer = await sender.send()

            assert answer.status < 500, (SEED, number, method, answer.body)
            if answer.status >= 400 and method != "HEAD":
                assert is_outcome(answer), (SEED, number, method, answer)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        ready = await caller.get("/health/ready")

    assert ready.status == 200, ready.body
    assert {200, 201, 400, 404, 422} <= set(statuses)
    where = ["--data", str(tmp_path / "data")]
    for command in ("verify", "replay"):
        proof = CliRunner().invoke(audit, [command, *where])
        assert proof.exit_code == 0, proof.output


async def test_a_refused_transaction_leaves_nothing_behind(tmp_path):
    rng = random.Random(SEED)
    kept = refused = 0
    async with gateway_inside(tmp_path / "data") as caller:
        feed = caller.called(FEED)
        for number in range(max(200, INPUTS // 20)):
            record = f"half-{number}"
            sent = mutated(rng, visit(record, "chest pain", ("8867-4", 80)), most=2)
            answer = await feed.push_anything(sent)
            found = await feed.search(f"Patient?identifier={MRN}|{record}")
            whole = json.dumps(sent).count(record)

            if answer.status >= 400:
                refused += 1
                assert found == [], (SEED, number, answer.body)
            elif whole:
                kept += 1
                assert len(answer.json["entry"]) == len(sent["entry"])

    assert kept > 3
    assert refused > 10


def test_the_seed_gives_the_same_inputs_again():
    first, second = (random.Random(SEED) for _ in range(2))

    made = [encoded(first, generated(first)) for _ in range(200)]

    assert made == [encoded(second, generated(second)) for _ in range(200)]
    assert set(NAMES) & set(json.dumps(samples()).replace('"', " ").split())
