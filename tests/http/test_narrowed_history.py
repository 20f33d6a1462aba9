"""What a narrowed scope does not grant is not there, however its history is asked."""

import hashlib

import pytest

from gateway.settings import Client
from tests.callers import CLIENTS, FEED, token
from tests.gateway_inside import gateway_inside
from tests.patients import patient

NARROW = Client(
    name="narrow",
    scopes=("system/Patient.rs?_tag=urn:tag|shown",),
    token_sha256=hashlib.sha256(token("narrow").encode()).hexdigest(),
)


def tagged(identity, code):
    tag = {"system": "urn:tag", "code": code}
    return {**patient(identity), "id": identity, "meta": {"tag": [tag]}}


@pytest.mark.parametrize(
    "asked", ["", "_since=2990-01-01", "_at=1990-01-01", "_count=0"]
)
@pytest.mark.parametrize(
    ("identity", "status"), [("seen", 200), ("hidden", 404), ("gone", 404), ("no", 404)]
)
async def test_an_empty_page_of_a_history_does_not_tell_what_there_is(
    tmp_path, asked, identity, status
):
    async with gateway_inside(tmp_path / "d", clients=(*CLIENTS, NARROW)) as gateway:
        feed = gateway.called(FEED)
        await feed.put(tagged("seen", "shown"))
        await feed.put(tagged("hidden", "other"))
        await feed.put(tagged("gone", "other"))
        await feed.delete("Patient/gone")

        answer = await gateway.called("narrow").get(
            f"/fhir/Patient/{identity}/_history?{asked}"
        )

    assert answer.status == status
