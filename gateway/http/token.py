"""The token endpoint: POST /auth/token (SMART Backend Services, RFC 6749)."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from gateway.access.grant import OAuthError
from gateway.http.disclosure import disclose_client
from gateway.http.origin import certificate_of
from gateway.http.replies import FORM
from gateway.http.services import SERVICES

_LARGEST = 64 * 1024  # bytes of a form
_MOST_FIELDS = 20
_LONGEST_S = 10.0  # for the form; its sender holds one of the strangers' places
_UNKEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def token(request: web.Request) -> web.Response:
    """Give a client that proves itself a short-lived access token."""
    try:
        form = await _form(request)
        given = await request.app[SERVICES].desk.grant(form, certificate_of(request))
    except OAuthError as error:
        return _answer(
            {"error": error.code, "error_description": str(error)},
            status=error.status,
            headers={"Retry-After": "10"} if error.status in {429, 503} else {},
        )
    disclose_client(request, given.client)
    return _answer(
        {
            "access_token": given.token,
            "token_type": "bearer",
            "expires_in": given.seconds,
            "scope": given.scope,
        }
    )


async def _form(request: web.Request) -> dict[str, str]:
    packed = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    if request.content_type != FORM or packed:
        raise OAuthError("invalid_request", f"Send the request as {FORM}.")
    try:
        sent = parse_qsl(
            (await _body(request)).decode(),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:  # not in UTF-8, or too many
        raise OAuthError("invalid_request", "Send a small form in UTF-8.") from None
    form = dict(sent)
    if len(form) < len(sent):
        raise OAuthError("invalid_request", "Send each parameter once.")
    return form


async def _body(request: web.Request) -> bytes:
    """Read a small body: whoever sends it is not known yet."""
    received = bytearray()
    patience = request.app[SERVICES].settings.body_timeout_seconds
    try:
        async with asyncio.timeout(min(patience, _LONGEST_S)):
            async for chunk in request.content.iter_chunked(_LARGEST):
                received += chunk
                if len(received) > _LARGEST:
                    raise OAuthError("invalid_request", "The request is too large.")
    except ConnectionError:
        raise OAuthError("invalid_request", "The connection broke off.") from None
    except TimeoutError:
        raise OAuthError(
            "invalid_request", "The request did not arrive in time.", status=408
        ) from None
    return bytes(received)


def _answer(
    content: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    return web.json_response(
        content, status=status, headers={**_UNKEPT, **(headers or {})}
    )
