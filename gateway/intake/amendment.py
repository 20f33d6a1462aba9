"""A patch as the update that it makes of what is stored.

What a patch makes is kept as the gateway writes it: there are no bytes of a sender for
it. Elements that the patch does not touch say what they said, decimals to the last
digit; white space and the order of names may differ from what was received.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from domain import record
from domain.record import Record
from domain.values import Reference
from fhir_profiles.lexical import parse, serialise
from fhir_profiles.linking import linked, rewrite
from fhir_profiles.patching import Patch, PatchError
from fhir_profiles.problems import InvalidResourceError
from gateway.intake import admission
from gateway.intake.admission import Admitted
from gateway.intake.change import Change, Resource
from gateway.intake.reception import Currency, change_of
from gateway.intake.streams import record_stream
from gateway.store.session import Session

LARGEST = 512 * 1024
"""Bytes of a resource that can be patched: it is done where all decisions wait."""

_OURS = ("versionId", "lastUpdated")  # of meta; the gateway says them itself


def amendment(
    patch: Patch,
    current: Currency,
    *,
    index: int = 0,
    full_url: str | None = None,
    if_match: int | None = None,
) -> Callable[[Resource], Change | None]:
    """Return what gives the update that a patch makes of a resource.

    It gives None where the patch changes nothing, and raises PatchError where it does
    not fit the resource, or InvalidResourceError where its result breaks rules.
    """
    of_entry = partial(
        change_of, "PUT", index=index, full_url=full_url, if_match=if_match
    )

    def amended(resource: Resource) -> Change | None:
        try:
            patched = patch.apply(resource)
            before, after = _content(resource), _content(patched)
        except RecursionError:
            raise PatchError("The patch nests too deeply.") from None
        if after == before:
            return None
        _require_same_resource(resource, patched)
        if len(after) > LARGEST:
            raise _too_large()
        admitted = _admitted(after, current)
        identity = str(resource["id"])
        change = of_entry(admitted.resource, after, current, identity=identity)
        change = replace(change, settled=frozenset(linked(resource)))
        return admission.marked(change, admitted.issues, admitted.violations)

    return amended


def standing(session: Session, reference: Reference, state: Record) -> Resource:
    """Return a resource as a reader of its current version finds it.

    Raises:
        PatchError: it is too large to be patched.

    """
    stream = record_stream(reference)
    content = session.newest(stream, record.remember, record.NOTHING)
    if len(content.received) > LARGEST:
        raise _too_large()
    resource = rewrite(parse(content.received), dict(content.links))
    sent = resource.pop("meta", None)
    known = sent if isinstance(sent, dict) else {}
    meta = {**known, "versionId": str(state.version)}
    head = {"resourceType": reference.type, "id": reference.id, "meta": meta}
    return {**head, **{k: v for k, v in resource.items() if k not in head}}


def _content(resource: Resource) -> bytes:
    """Write a resource without what the gateway adds when it is read."""
    meta = resource.get("meta")
    if not isinstance(meta, dict):
        return serialise(resource)
    kept = {key: value for key, value in meta.items() if key not in _OURS}
    named = {key: kept if key == "meta" else each for key, each in resource.items()}
    if not kept:
        del named["meta"]
    return serialise(named)


def _require_same_resource(before: Resource, after: Resource) -> None:
    for name in ("resourceType", "id"):
        if after.get(name) != before[name]:
            raise PatchError(f"A patch does not change {name}: nothing was changed.")


def _admitted(content: bytes, current: Currency) -> Admitted:
    try:
        return admission.read(content, current.rules)
    except InvalidResourceError as error:
        # The sender has never seen these bytes, so that lines in them say nothing.
        raise InvalidResourceError(
            replace(each, line=None, column=None) for each in error.issues
        ) from None


def _too_large() -> PatchError:
    return PatchError(
        f"A resource of more than {LARGEST // 1024} KiB is not patched: update it "
        "by PUT."
    )
