"""Where a request came from and to: origin, host and TLS certificate."""

import hashlib
import re
import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from gateway.http.services import SERVICES

_HOST = re.compile(
    r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?"
)
_SCHEMES = ("https", "http")
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "Via")


def origin_of(request: web.Request) -> str:
    """Return scheme and host as the caller addressed the gateway.

    That is `public_url` where it is set. A proxy's X-Forwarded-Proto and
    X-Forwarded-Host count only where the settings say that there is one.
    """
    settings = request.app[SERVICES].settings
    if settings.public_url:
        return settings.origin
    scheme, host = request.scheme, request.host
    if settings.behind_proxy:
        scheme = _among(request, "X-Forwarded-Proto") or scheme
        host = _forwarded_host(request) or host
    return f"{scheme}://{host}"


def certificate_of(request: web.Request) -> str:
    """Return the SHA-256 of the caller's TLS certificate (DER), "" without one."""
    spoken = request.transport and request.transport.get_extra_info("ssl_object")
    if not isinstance(spoken, ssl.SSLObject):
        return ""
    shown = spoken.getpeercert(binary_form=True)
    return hashlib.sha256(shown).hexdigest() if shown else ""


def is_local(request: web.Request) -> bool:
    """Say whether a request addresses this machine, and no other site's page sent it.

    A page elsewhere may make a browser on this machine call the development gateway,
    by a name of its own that leads here (DNS rebinding) or by a form; a proxy on this
    machine may let everybody in.
    """
    if any(name in request.headers for name in _OF_PROXIES):
        return False
    origin = request.headers.get("Origin")
    if origin is not None and not _is_loopback(origin):
        return False
    return _is_loopback(f"//{request.host}")


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _among(request: web.Request, header: str) -> str | None:
    value = request.headers.get(header, "").partition(",")[0].strip().lower()
    return value if value in _SCHEMES else None


def _forwarded_host(request: web.Request) -> str | None:
    value = request.headers.get("X-Forwarded-Host", "").partition(",")[0].strip()
    return value if _HOST.fullmatch(value) else None
