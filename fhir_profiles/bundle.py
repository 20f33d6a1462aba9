"""Transactions and batches: what each entry asks for.

http://hl7.org/fhir/R4/http.html#transaction. `check` says whether the Bundle is
well-formed; here its requests are read, and what they cannot mean is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fhir_profiles.bundle_rules import entries, in_entry
from fhir_profiles.findings import OPAQUE, Findings, Walk, at_path, gathered
from fhir_profiles.linking import linked, references, rewrite
from fhir_profiles.problems import InvalidResourceError, Issue, masked, refusing
from fhir_profiles.requests import METHODS, Entry, entry_findings, read_entry

Object = dict[str, Any]

__all__ = (
    "Entry",
    "RefusedEntry",
    "Requests",
    "processing_order",
    "read_bundle",
    "references",
    "rewrite",
)

_ORDER: Final = {name: place for place, names in enumerate(METHODS) for name in names}
_WRITES: Final = ("PUT", "PATCH", "DELETE")


@dataclass(frozen=True, kw_only=True)
class RefusedEntry:
    """An entry of a batch that cannot be processed; the others can."""

    index: int
    issues: tuple[Issue, ...]


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What a transaction or batch asks for, in the order of the Bundle."""

    type: str
    """`transaction` or `batch`."""
    entries: tuple[Entry, ...]
    refused: tuple[RefusedEntry, ...]
    """Always empty for a transaction, which is all or nothing."""
    warnings: tuple[Issue, ...]


def read_bundle(
    bundle: Object, issues: Iterable[Issue] = (), urns: frozenset[str] | None = None
) -> Requests:
    """Read the requests of a Bundle; `issues` is what `check` said about it.

    `urns` is every urn: that a Reference in it names, where that is known, as from
    `delivered`; a Bundle that defines them all need not be searched for them.

    Raises:
        InvalidResourceError: with all issues, if the Bundle is neither transaction nor
            batch, if any entry of a transaction is wrong, or if a batch is wrong
            outside its entries.

    """
    kind = bundle.get("type")
    found = [*issues, *_issues(bundle, kind, urns)]
    errors = refusing(found)
    outside = [issue for issue in errors if issue.entry is None]
    if outside or (kind == "transaction" and errors):
        raise InvalidResourceError(found)
    wrong = {issue.entry for issue in errors}
    return Requests(
        type=str(kind),
        entries=tuple(
            read_entry(index, entry)
            for index, entry in entries(bundle)
            if index not in wrong
        ),
        refused=tuple(
            RefusedEntry(index=i, issues=tuple(e for e in found if e.entry == i))
            for i in sorted(index for index in wrong if index is not None)
        ),
        warnings=tuple(issue for issue in found if issue.severity != "error"),
    )


def processing_order(requests: Iterable[Entry]) -> list[Entry]:
    """Sort by the order of a transaction: DELETE, POST, PUT and PATCH, GET and HEAD."""
    return sorted(requests, key=lambda entry: _ORDER[entry.method])


def _issues(bundle: Object, kind: object, urns: frozenset[str] | None) -> list[Issue]:
    walk = Walk()
    found = gathered(_findings(bundle, kind, urns, walk)) or []
    for finding in found:
        finding.steps.append("Bundle")
    return [finding.issue(bundle) for finding in found]


def _findings(
    bundle: Object, kind: object, urns: frozenset[str] | None, walk: Walk
) -> Iterator[Findings]:
    if bundle.get("resourceType") != "Bundle":
        yield walk.report("bundle.resource-type", masked(bundle.get("resourceType")))
        return
    if kind not in ("transaction", "batch"):
        yield walk.at("type", "bundle.type")
        return
    for index, entry in entries(bundle):
        yield in_entry(entry_findings(entry, walk), index)
    if kind == "transaction":
        yield from _identities(bundle, walk)
        yield from _dangling(bundle, urns, walk)


def _identities(bundle: Object, walk: Walk) -> Iterator[Findings]:
    """Refuse a second write of one resource."""
    met: set[str] = set()
    for index, entry in entries(bundle):
        request = entry.get("request")
        if not isinstance(request, dict) or request.get("method") not in _WRITES:
            continue
        url = str(request.get("url"))
        if url in met:
            yield in_entry(walk.at("request", "bundle.identity"), index)
        met.add(url)


def _unknown(resource: Object, defined: set[str]) -> bool:
    """Say whether it may be that a reference leads nowhere."""
    texts = linked(resource) - defined
    return any(text.startswith(OPAQUE) for text in texts)


def _dangling(
    bundle: Object, urns: frozenset[str] | None, walk: Walk
) -> Iterator[Findings]:
    """Refuse a urn:uuid or urn:oid reference that no entry defines."""
    defined = {str(entry.get("fullUrl")) for _, entry in entries(bundle)}
    if urns is not None and urns <= defined:
        return
    for index, entry in entries(bundle):
        resource = entry.get("resource")
        if not isinstance(resource, dict) or not _unknown(resource, defined):
            continue
        for link in references(resource):
            is_known = link.text in defined or not link.text.startswith(OPAQUE)
            if not is_known and link.key == "reference":
                findings = walk.report("bundle.reference")
                yield in_entry(at_path(findings, ("resource", *link.path)), index)
