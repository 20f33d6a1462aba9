"""Headers come from strangers, too."""

import asyncio
import json

import pytest

from tests.patients import MRN, patient


async def raw(caller, header):
    """Send a create with a header of any bytes; return the status line."""
    host, _, port = caller._base.removeprefix("http://").partition(":")
    body = json.dumps(patient("1")).encode()
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/fhir+json\r\nContent-Length: "
        + str(len(body)).encode()
        + b"\r\n"
        + header
        + b"\r\n\r\n"
        + body
    )
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "header",
    [
        b"If-None-Exist: identifier=" + MRN.encode() + b"|\xff",
        b"Idempotency-Key: \xff",
        b"Authorization: Bearer \xff",
        b"Prefer: \xff",
    ],
)
async def test_a_header_that_is_no_text_is_refused_and_the_log_goes_on(caller, header):
    status = await raw(caller, header)

    assert b" 400 " in status
    assert (await caller.create(patient("2"))).status == 201


async def test_a_form_is_read_by_a_search_only(caller):
    answer = await caller.request(
        "POST", "/fhir/Patient", b"{}", Content_Type="application/x-www-form-urlencoded"
    )

    assert answer.status == 415
