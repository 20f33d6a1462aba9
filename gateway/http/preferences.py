"""What a caller would rather have: the Prefer header (RFC 7240; R4, http.html#ops)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from aiohttp import web

Return = Literal["minimal", "representation", "OperationOutcome"]
_RETURNS: Final = MappingProxyType[str, Return](
    {"minimal": "minimal", "operationoutcome": "OperationOutcome"}
)


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """The preferences that the gateway honours; any other is ignored, as it may be."""

    returned: Return = "representation"
    lenient: bool = False  # unknown parameters are passed over, not refused
    respond_async: bool = False


def preferences(request: web.Request) -> Preferences:
    """Read every Prefer header of a request."""
    return stated(request.headers.getall("Prefer", []))


def stated(headers: Iterable[str]) -> Preferences:
    """Read Prefer headers; of a preference that is repeated the first counts."""
    found: dict[str, str] = {}
    for name, value in _pairs(headers):
        found.setdefault(name, value)
    return Preferences(
        returned=_RETURNS.get(found.get("return", "").lower(), "representation"),
        lenient=found.get("handling", "").lower() == "lenient",
        respond_async="respond-async" in found,
    )


def _pairs(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        for each in header.replace(";", ",").split(","):
            name, _, value = each.partition("=")
            yield name.strip().lower(), value.strip().strip('"')
