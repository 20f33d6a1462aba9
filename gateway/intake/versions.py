"""A version as a caller names it: by the number in the ETag."""

import re

from domain.errors import StaleVersionError

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # SQLite's integers
_ETAG = re.compile(r'(?:W/)?"?(?P<number>[^"]*)"?')


def is_version(text: str) -> bool:
    """Say whether a text is the number of a version; they are counted from 1."""
    return _NUMBER.fullmatch(text) is not None


def version_of(etag: str) -> int:
    """Read `W/"3"`, or the 3 in it.

    Raises:
        StaleVersionError: it is no version of ours, so it cannot be the current one.

    """
    found = _ETAG.fullmatch(etag.strip())
    number = found["number"] if found else ""
    if not is_version(number):
        raise StaleVersionError(
            'If-Match is no version of this gateway: send it as W/"3", from the ETag.'
        )
    return int(number)
