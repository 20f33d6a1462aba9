"""`If-Match` as a version number (FHIR R4, http.html#concurrency)."""

import re

from aiohttp import web

from domain.errors import StaleVersionError

_ETAG = re.compile(r'(?:W/)?"?(\d{1,18})"?')


def if_match(request: web.Request) -> int | None:
    """Return the version that the caller believes in, or None where none is sent.

    Raises:
        StaleVersionError: the header holds no version of ours.

    """
    sent = request.headers.get("If-Match")
    return None if sent is None else version_of(sent)


def version_of(etag: str) -> int:
    """Read an ETag as a version.

    Raises:
        StaleVersionError: it is none of ours, so it cannot be the current one.

    """
    found = _ETAG.fullmatch(etag.strip())
    if found is None:
        raise StaleVersionError(
            'If-Match is no version of this gateway: send it as W/"3", from the ETag.'
        )
    return int(found[1])
