"""What a request will read and write in the log, as far as it can be foretold.

A hint for the log's writer, so that a whole group is read at once. Where it is wrong,
for instance because a condition matched, the unit reads what it needs by itself.
"""

from collections.abc import Iterator

from domain.values import Reference
from gateway.intake.addresses import fresh
from gateway.intake.change import Change, Plan, Relevance
from gateway.intake.conditions import (
    UnsupportedConditionError,
    identifier_of,
    is_conditional,
)
from gateway.intake.streams import (
    episode_stream,
    identity_stream,
    receipt_stream,
    record_stream,
)
from gateway.intake.subjects import of_record
from gateway.store.foresight import Derive, Reads
from gateway.store.subjects import joint

SHARED = ""
"""The subject of what concerns no patient."""


def outlook(plan: Plan, derive: Derive) -> Reads:
    """Return the streams and subjects of a request that is made for the first time."""
    of = {each.index: fresh(derive, plan, each, generation=0) for each in plan.changes}
    written = {each.full_url: str(of[each.index]) for each in plan.changes}
    streams: set[str] = set()
    subjects = {SHARED}
    if plan.key is not None:
        streams.add(receipt_stream(plan.key))
    for change in plan.changes:
        reference = of[change.index]
        streams.add(record_stream(reference))
        streams.update(_identities(change))
        patient = _patient(change, reference, written)
        subjects.add(of_record(reference, patient))
        if change.relevance is not Relevance.NONE:
            streams.add(episode_stream(patient))
    return Reads(streams, {*subjects, joint(subjects)})


def _patient(
    change: Change, reference: Reference, written: dict[str | None, str]
) -> str:
    if change.type == "Patient":
        return str(reference)
    subject = change.subject or SHARED
    return written.get(subject, subject).partition("/_history/")[0]


def _identities(change: Change) -> Iterator[str]:
    for identifier in change.identifiers:
        yield identity_stream(change.type, identifier)
    conditions = [text for text in change.targets if is_conditional(text)]
    conditions += [
        f"{change.type}?{asked.rpartition('?')[2]}"
        for asked in (change.if_none_exist, change.condition)
        if asked
    ]
    for text in conditions:
        kind, _, query = text.partition("?")
        try:
            yield identity_stream(kind, identifier_of(query))
        except UnsupportedConditionError:
            continue  # the unit refuses it
