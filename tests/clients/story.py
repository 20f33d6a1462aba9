"""What every client's story needs: a key, an access token, a Task that waits."""

import json
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.callers import NURSE, Caller, caller_session
from tests.callers import token as bearer
from tests.worklist import assessed

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "system/*.cruds"


@dataclass(frozen=True, kw_only=True)
class Door:
    """A running gateway as its clients know it."""

    root: str
    client_id: str
    key: ECKey

    @property
    def base(self):
        return f"{self.root}/fhir"

    @property
    def token_url(self):
        with urllib.request.urlopen(
            f"{self.base}/.well-known/smart-configuration", timeout=10
        ) as said:
            return json.load(said)["token_endpoint"]

    @property
    def kid(self):
        return self.key.kid

    @property
    def nurse(self):
        """The token of a nurse whom the settings name."""
        return bearer(NURSE)


def assertion(door):
    """Return what proves the client, signed by its key (RFC 7523)."""
    claims = {
        "iss": door.client_id,
        "sub": door.client_id,
        "aud": door.token_url,
        "exp": int(time.time()) + 120,
        "jti": str(uuid4()),
    }
    header = {"alg": "ES384", "kid": door.kid}
    return jwt.encode(header, claims, door.key, algorithms=["ES384"])


def token_of(door):
    """Return an access token of the token endpoint."""
    form = {
        "grant_type": "client_credentials",
        "scope": SCOPE,
        "client_assertion_type": BEARER,
        "client_assertion": assertion(door),
    }
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(door.token_url, body, timeout=10) as answer:
        return json.load(answer)["access_token"]


def private_key_pem(door):
    return door.key.as_pem(private=True).decode()


async def waiting_task(door, patient):
    """Return a patient's Task once it is fully assessed."""
    async with caller_session() as session:
        nurse = Caller(session, door.root, NURSE)
        (task,) = await assessed(nurse, patient)
        return task
