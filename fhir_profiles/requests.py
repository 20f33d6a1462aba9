"""One entry of a transaction or batch: its request, read and checked.

http://hl7.org/fhir/R4/bundle.html#request and http.html#cond-update.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fhir_profiles.findings import Findings, Walk, gathered, placed
from fhir_profiles.problems import allowed
from fhir_profiles.release import resource_types
from fhir_profiles.syntax import ID

Object = dict[str, Any]

METHODS: Final = (("DELETE",), ("POST",), ("PUT", "PATCH"), ("GET", "HEAD"))
"""In the order in which a transaction is processed."""

_TARGET = re.compile(
    rf"(?P<type>[A-Z][A-Za-z]+)(?:/(?P<id>{ID})|\?(?P<query>\S+))?", re.ASCII
).fullmatch
_READ = re.compile(
    rf"(?P<type>[A-Z][A-Za-z]+)?(?:(?<=\w)/(?P<id>{ID}))?"
    r"(?:/?(?:_history|_search|metadata|\$)[^\s?]*)?(?:\?(?P<query>\S*))?",
    re.ASCII,
).fullmatch
_ETAG = re.compile(rf'(?:W/)?"(?P<version>{ID})"|(?P<any>\*)', re.ASCII).fullmatch
_FORMS: Final = {
    "POST": "Type",
    "PUT": "Type/id or Type?query",
    "PATCH": "Type/id or Type?query",
    "DELETE": "Type/id or Type?query",
    "GET": "a path such as Type/id or Type?query",
    "HEAD": "a path such as Type/id or Type?query",
}
_WITH_RESOURCE: Final = ("POST", "PUT", "PATCH")
_PATCHES: Final = ("Binary", "Parameters")
_CONDITIONS: Final = {
    "ifNoneExist": ("POST",),
    "ifMatch": ("PUT", "PATCH", "DELETE"),
    "ifNoneMatch": ("GET", "HEAD", "PUT"),
    "ifModifiedSince": ("GET", "HEAD"),
}
_ETAGS: Final = ("ifMatch", "ifNoneMatch")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one entry asks for."""

    index: int
    full_url: str | None
    method: str
    url: str
    """As written, without the server's base."""
    type: str | None
    """The resource type in the url; None for `metadata` or a search of all types."""
    id: str | None
    query: str | None
    """The search of a conditional interaction or a GET, without the question mark."""
    resource: Object | None
    if_none_exist: str | None
    """The search of a conditional create."""
    if_match: str | None
    """A version id, or `*`."""
    if_none_match: str | None
    """A version id, or `*`."""
    if_modified_since: str | None
    """A FHIR instant."""


def read_entry(index: int, entry: Object) -> Entry:
    """Read an entry about which `entry_findings` found nothing."""
    request = entry["request"]
    target = _target(request["method"], request["url"])
    parts = target.groupdict() if target else {}
    return Entry(
        index=index,
        full_url=entry.get("fullUrl"),
        method=request["method"],
        url=request["url"],
        type=parts.get("type"),
        id=parts.get("id"),
        query=parts.get("query"),
        resource=entry.get("resource"),
        if_none_exist=_search(request.get("ifNoneExist")),
        if_match=_version(request.get("ifMatch")),
        if_none_match=_version(request.get("ifNoneMatch")),
        if_modified_since=request.get("ifModifiedSince"),
    )


def entry_findings(entry: Object, walk: Walk) -> Findings:
    """Check the request of an entry against its resource."""
    request = entry.get("request")
    if not isinstance(request, dict):
        return walk.at("request", "bundle.request-missing")
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or method not in _FORMS:
        known = partial(allowed, method, _FORMS)
        return placed(walk.at("method", "bundle.method", known), "request")
    found = [*_resource(method, entry.get("resource"), walk)]
    if isinstance(url, str) and url:
        found += _url(method, url, entry.get("resource"), walk)
    else:
        found.append(_in_request(walk, "url", "bundle.url", method, _FORMS[method]))
    return gathered([*found, *_conditions(method, request, walk)])


def _resource(method: str, resource: object, walk: Walk) -> Iterator[Findings]:
    if method not in _WITH_RESOURCE and resource is not None:
        yield walk.at("resource", "bundle.resource-unexpected", method)
    if method in _WITH_RESOURCE and not isinstance(resource, dict):
        yield walk.at("resource", "bundle.resource-missing", method)


def _url(method: str, url: str, resource: object, walk: Walk) -> Iterator[Findings]:
    target = _target(method, url)
    if target is None:
        yield _in_request(walk, "url", "bundle.url", method, _FORMS[method])
    elif isinstance(resource, dict):
        yield from _agreement(method, target, resource, walk)


def _agreement(
    method: str, target: re.Match[str], resource: Object, walk: Walk
) -> Iterator[Findings]:
    named = resource.get("resourceType")
    if method == "PATCH":
        if named not in _PATCHES:
            yield walk.at("resource", "bundle.patch")
        return
    if target["type"] != named:
        yield _in_request(walk, "url", "bundle.url-type")
    if target["id"] is not None and target["id"] != resource.get("id"):
        yield _in_request(walk, "url", "bundle.url-id")


def _conditions(method: str, request: Object, walk: Walk) -> Iterator[Findings]:
    for name, methods in _CONDITIONS.items():
        value = request.get(name)
        if value is None:
            continue
        if method not in methods:
            remedy = f"it goes with {', '.join(methods)}"
            yield _in_request(walk, name, "bundle.condition", name, method, remedy)
        elif name in _ETAGS and _version(value) is None:
            remedy = 'write an ETag such as W/"3"'
            yield _in_request(walk, name, "bundle.condition", name, method, remedy)
        elif name == "ifNoneExist" and _search(value) is None:
            remedy = "write a search such as identifier=system|value"
            yield _in_request(walk, name, "bundle.condition", name, method, remedy)


def _target(method: str, url: str) -> re.Match[str] | None:
    """Match the url to the forms of the method; None where it fits none."""
    match = (_READ if method in ("GET", "HEAD") else _TARGET)(url)
    if match is None or not url:
        return None
    if match["type"] is not None and match["type"] not in resource_types():
        return None
    is_named = match["id"] is not None or match["query"] is not None
    fits = {"POST": not is_named, "GET": True, "HEAD": True}.get(method, is_named)
    return match if fits else None


def _version(etag: object) -> str | None:
    match = _ETAG(etag) if isinstance(etag, str) else None
    return None if match is None else match["version"] or match["any"]


def _search(query: object) -> str | None:
    if not isinstance(query, str) or "=" not in query or any(map(str.isspace, query)):
        return None
    return query.rpartition("?")[2]


def _in_request(walk: Walk, name: str, kind: str, *details: str) -> Findings:
    return placed(walk.at(name, kind, *details), "request")
