"""Rules of every Bundle, whatever is done with it (bdl-1 to bdl-12).

http://hl7.org/fhir/R4/bundle.html#invs and #bundle-unique. What a transaction or batch
asks of its requests is in `bundle.py`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from fhir_profiles.findings import Findings, Walk, at_path, gathered, placed
from fhir_profiles.linking import references
from fhir_profiles.shapes import Rule
from fhir_profiles.syntax import ID

Object = dict[str, Any]

_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.\-]*:\S+").fullmatch
_RESTFUL = re.compile(rf"https?://\S+/(?P<type>[A-Z][A-Za-z]+)/(?P<id>{ID})").fullmatch
_REQUESTS: Final = ("transaction", "batch", "history")
_RESPONSES: Final = ("transaction-response", "batch-response", "history")
_FIRST: Final = {"document": "Composition", "message": "MessageHeader"}
_USUAL: Final = dict.fromkeys(
    ("transaction", "batch"),
    frozenset((("fullUrl", "resource", "request"), ("resource", "request"))),
)
"""The names of entries about which bdl-2 to bdl-5 have nothing to say."""
_ONCE: Final = frozenset(("self", "first", "previous", "prev", "next", "last"))


def entries(bundle: Object) -> Iterator[tuple[int, Object]]:
    """Give every entry that is an object, with its index."""
    items = bundle.get("entry")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield index, item


def in_entry(findings: Findings, index: int) -> Findings:
    """Place findings into an entry."""
    return placed(placed(findings, index), "entry")


def _says(walk: Walk, sentence: str) -> Findings:
    return walk.report("bundle.invariant", sentence)


def _whole(bundle: Object, walk: Walk) -> Findings:
    """Check what holds for the Bundle itself (bdl-1, bdl-9, bdl-10)."""
    kind = bundle.get("type")
    found = []
    if "total" in bundle and kind not in ("searchset", "history"):
        found.append(_says(walk, "Only a searchset or history has a total (bdl-1)."))
    if kind == "document" and not _is_identified(bundle):
        found.append(
            _says(walk, "A document needs an identifier with system (bdl-9); add it.")
        )
    if kind == "document" and "timestamp" not in bundle:
        found.append(_says(walk, "A document needs a timestamp (bdl-10); add it."))
    return gathered(found)


def _is_identified(bundle: Object) -> bool:
    identifier = bundle.get("identifier")
    return isinstance(identifier, dict) and {"system", "value"} <= identifier.keys()


def _first(bundle: Object, walk: Walk) -> Findings:
    """Check which resource comes first (bdl-11, bdl-12)."""
    kind = bundle.get("type")
    wanted = _FIRST.get(kind) if isinstance(kind, str) else None
    first = next((_resource(entry) for _, entry in entries(bundle)), {})
    if wanted is None or first.get("resourceType") == wanted:
        return None
    return _says(walk, f"The first entry must be a {wanted} (bdl-11, bdl-12).")


def _links(bundle: Object, walk: Walk) -> Findings:
    met: set[str] = set()
    found = []
    links = bundle.get("link")
    for index, link in enumerate(links if isinstance(links, list) else ()):
        relation = link.get("relation") if isinstance(link, dict) else None
        if not isinstance(relation, str) or relation not in _ONCE:
            continue
        if relation in met:
            twice = _says(walk, f"The link {relation} is there twice; keep one.")
            found.append(placed(placed(twice, index), "link"))
        met.add(relation)
    return gathered(found)


def _each(bundle: Object, walk: Walk) -> Findings:
    """Check each entry by the Bundle's type (bdl-2 to bdl-5)."""
    kind = bundle.get("type")
    usual = _USUAL.get(kind) if isinstance(kind, str) else None
    if usual is not None and _are_all(bundle.get("entry"), usual):
        return None
    return gathered(
        in_entry(findings, index)
        for index, entry in entries(bundle)
        for findings in _entry(entry, kind, walk)
    )


def _are_all(items: object, usual: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether each item is an object with names about which there is no rule."""
    if not isinstance(items, list) or {*map(type, items)} != {dict}:
        return False
    return usual.issuperset(map(tuple, items))


def _entry(entry: Object, kind: object, walk: Walk) -> Iterator[Findings]:
    if "search" in entry and kind != "searchset":
        yield _says(walk, "Only an entry of a searchset has search (bdl-2); remove it.")
    if "request" in entry and kind not in _REQUESTS:
        yield _says(walk, "A Bundle of this type has no request (bdl-3); remove it.")
    if ("response" in entry) != (kind in _RESPONSES):
        yield _says(
            walk,
            "An entry has a response exactly in a history, a transaction-response or a "
            "batch-response (bdl-4).",
        )
    if not {"resource", "request", "response"} & entry.keys():
        yield _says(walk, "An entry needs a resource, request or response (bdl-5).")
    if kind == "searchset":
        yield _match(entry, walk)


def _match(entry: Object, walk: Walk) -> Findings:
    search = entry.get("search")
    mode = search.get("mode") if isinstance(search, dict) else None
    resource = _resource(entry)
    is_outcome = resource.get("resourceType") == "OperationOutcome"
    if mode == "outcome" and not is_outcome:
        return _says(
            walk, "The mode outcome goes with an OperationOutcome; correct it."
        )
    if resource and not is_outcome and "id" not in resource:
        return _says(walk, "What a search finds has an id; add the resource's id.")
    return None


def _full_urls(bundle: Object, walk: Walk) -> Findings:
    """Check that every fullUrl is absolute, unique and fits the id (bdl-7, bdl-8)."""
    urls = [entry.get("fullUrl") for _, entry in entries(bundle)]
    uuids = {url for url in urls if type(url) is str and url[:9] == "urn:uuid:"}
    if len(uuids) == len(urls):
        return None
    met: set[tuple[str, str]] = set()
    found = []
    for index, entry in entries(bundle):
        url = entry.get("fullUrl")
        if not isinstance(url, str) or not url:
            continue
        key = (url, _version(_resource(entry)))
        wrong = _full_url(url, _resource(entry), walk)
        if key in met:
            wrong = walk.at("fullUrl", "bundle.full-url-duplicate")
        met.add(key)
        found.append(in_entry(wrong, index))
    return gathered(found)


def _full_url(url: str, resource: Object, walk: Walk) -> Findings:
    if url.startswith("urn:uuid:"):
        return None
    if not _ABSOLUTE(url):
        return walk.at("fullUrl", "bundle.full-url", "write urn:uuid: or http(s)://")
    if "/_history/" in url:
        return walk.at("fullUrl", "bundle.full-url", "leave /_history/ out")
    match = _RESTFUL(url)
    same_type = match is not None and match["type"] == resource.get("resourceType")
    if match and same_type and resource.get("id", match["id"]) != match["id"]:
        return walk.at("fullUrl", "bundle.full-url-id")
    return None


def _versions(bundle: Object, walk: Walk) -> Findings:
    """Check that what a document refers to is one entry, by its version if named.

    http://hl7.org/fhir/R4/bundle.html#references: a relative reference is resolved by
    the base of the entry's fullUrl.
    """
    if bundle.get("type") != "document":
        return None
    versions: dict[str, list[str]] = {}
    for _, entry in entries(bundle):
        url = str(entry.get("fullUrl"))
        versions.setdefault(url, []).append(_version(_resource(entry)))
    return gathered(
        in_entry(placed(at_path(walk.report(kind), link.path), "resource"), index)
        for index, entry in entries(bundle)
        for link in references(_resource(entry))
        if (kind := _unclear(link.text, str(entry.get("fullUrl")), versions))
    )


def _unclear(text: str, url: str, versions: dict[str, list[str]]) -> str | None:
    """Name what is wrong with a reference from the resource at that fullUrl."""
    target, _, version = text.partition("/_history/")
    match = _RESTFUL(url)
    base = url[: match.start("type")] if match else ""
    known = versions.get(target) or versions.get(base + target) or []
    if version and known and version not in known:
        return "bundle.version"
    return "bundle.ambiguous" if not version and len(known) > 1 else None


def _version(resource: Object) -> str:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return version if isinstance(version, str) else ""


def _resource(entry: Object) -> Object:
    resource = entry.get("resource")
    return resource if isinstance(resource, dict) else {}


BUNDLE_RULES: Final[tuple[Rule, ...]] = (
    _whole,
    _first,
    _links,
    _each,
    _full_urls,
    _versions,
)
"""The rules that `check` applies to every Bundle."""
