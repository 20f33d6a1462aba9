"""Who calls the gateway in tests, and a small client that speaks for them."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import aiohttp

from gateway.settings import Client

FEED, NURSE, SECOND_NURSE, AUDITOR = "feed-1", "nurse-jo", "nurse-kim", "auditor-1"
OPERATOR = "operator-1"
_ROLES = {
    FEED: "feed",
    NURSE: "nurse",
    SECOND_NURSE: "nurse",
    AUDITOR: "auditor",
}
FHIR_JSON = "application/fhir+json"
_LARGE = 1024 * 1024  # bytes; aiohttp wants larger bodies as files


def token(name):
    return f"{name}-token-0123456789"


def _client(name, role):
    return Client(
        name=name,
        role=role,
        token_sha256=hashlib.sha256(token(name).encode()).hexdigest(),
        practitioner=f"Practitioner/{name}" if role == "nurse" else "",
        display=f"Nurse {name}" if role == "nurse" else "",
    )


CLIENTS = tuple(_client(name, role) for name, role in _ROLES.items())
WITH_OPERATOR = (*CLIENTS, _client(OPERATOR, "operator"))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def exact(self):
        """The body with every decimal as it was written."""
        return json.loads(self.body, parse_float=Decimal)

    @property
    def etag(self):
        return self.headers["ETag"]

    @property
    def resources(self):
        """The resources of a Bundle."""
        return [each["resource"] for each in self.json.get("entry", [])]

    @property
    def locations(self):
        """Where each entry of a transaction was put."""
        return [each["response"]["location"] for each in self.json["entry"]]

    @property
    def codes(self):
        """The issue types of an OperationOutcome."""
        return [each["code"] for each in self.json["issue"]]

    @property
    def said(self):
        """The sentences of an OperationOutcome."""
        return " ".join(each.get("diagnostics", "") for each in self.json["issue"])

    @property
    def places(self):
        """The expressions of an OperationOutcome."""
        return [
            place for each in self.json["issue"] for place in each.get("expression", [])
        ]


class Caller:
    """One client of the gateway."""

    def __init__(self, session, base, name=None):
        self._session = session
        self._base = base
        self._bearer = {"Authorization": f"Bearer {token(name)}"} if name else {}

    def called(self, name):
        """Speak as somebody else."""
        return Caller(self._session, self._base, name)

    async def request(self, method, path, body=None, **headers):
        sent = json.dumps(body).encode() if isinstance(body, dict | list) else body
        if sent is not None and len(sent) > _LARGE:
            sent = io.BytesIO(sent)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(
            method,
            f"{self._base}{path}",
            data=sent,
            headers={"Content-Type": FHIR_JSON, **self._bearer, **named},
            skip_auto_headers=("Content-Type",),
        ) as response:
            content = await response.read()
            return Answer(response.status, response.headers, content)

    async def get(self, path, **headers):
        return await self.request("GET", path, **headers)

    async def read(self, path):
        """Return what a GET gives, which must be there."""
        answer = await self.get(f"/fhir/{path}")
        assert answer.status == 200, (path, answer.body)
        return answer.json

    async def search(self, query):
        """Return the resources that a search finds."""
        answer = await self.get(f"/fhir/{query}")
        assert answer.status == 200, (query, answer.body)
        return answer.resources

    async def push(self, bundle, **headers):
        """Send a transaction or batch, which must be carried out."""
        answer = await self.push_anything(bundle, **headers)
        assert answer.status == 200, answer.body
        return answer

    async def push_anything(self, bundle, **headers):
        return await self.request("POST", "/fhir", bundle, **headers)

    async def create(self, resource, **headers):
        kind = resource["resourceType"]
        return await self.request("POST", f"/fhir/{kind}", resource, **headers)

    async def put(self, resource, **headers):
        address = f"{resource['resourceType']}/{resource['id']}"
        return await self.request("PUT", f"/fhir/{address}", resource, **headers)

    async def delete(self, path, **headers):
        return await self.request("DELETE", f"/fhir/{path}", **headers)


def caller_session():
    """Return a session for many callers at once; none meets a killed connection."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        timeout=aiohttp.ClientTimeout(total=20),
    )
