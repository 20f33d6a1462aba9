"""Whether a token is valid now (RFC 7519, 4.1.4 to 4.1.6)."""

from datetime import datetime, timedelta

from gateway.access.jose import BadTokenError, Claims

SKEW = timedelta(seconds=10)
"""By how much another machine's clock may be ahead of ours."""

_FOREVER = 10.0 * 365 * 24 * 3600  # seconds
_LARGEST = 2**53


def require_current(
    claims: Claims, now: datetime, *, longest: timedelta | None = None
) -> datetime:
    """Return when a token ends.

    Raises:
        BadTokenError: it has ended, has not begun, never ends, or ends after `longest`.

    """
    ends = _instant(claims, "exp")
    if ends is None or ends <= now.timestamp():
        raise BadTokenError("it has expired, or says no exp: make a new one.")
    latest = now + SKEW
    for name in ("nbf", "iat"):
        begins = _instant(claims, name)
        if begins is not None and begins > latest.timestamp():
            raise BadTokenError(f"its {name} is in the future: check the clock.")
    if longest is not None and ends > (latest + longest).timestamp():
        seconds = round(longest.total_seconds())
        raise BadTokenError(f"its exp is more than {seconds} seconds away.")
    return now + timedelta(seconds=min(ends - now.timestamp(), _FOREVER))


def _instant(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadTokenError(f"its {name} is no number of seconds.")
    if not -_LARGEST <= value <= _LARGEST:  # nor is what is no number at all
        raise BadTokenError(f"its {name} is no number of seconds.")
    return float(value)
