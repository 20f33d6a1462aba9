"""What is let in can be read by all that reads it afterwards."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import RecordAccepted
from domain.values import Reference
from fhir_profiles.catalogue import ALWAYS_REJECTED, GROUPS
from fhir_profiles.delivery import delivered
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.rule_groups import RuleGroupError, Rules, Treatment
from gateway.intake import admission
from gateway.intake.admission import QuarantineError
from gateway.intake.reception import Currency, change_of
from gateway.projections.digests import Digests
from gateway.projections.indexing import index
from gateway.translate.content import served
from tests.patients import complaint, encounter, patient, statement, transaction, vital

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def taggable(group):
    try:
        Rules({group: Treatment.TAG})
    except RuleGroupError:
        return False
    return True


LAX = Rules({group: Treatment.TAG for group in GROUPS if taggable(group)})
CAREFUL = Rules(
    {group: Treatment.QUARANTINE for group in GROUPS if group not in ALWAYS_REJECTED}
)
CURRENT = Currency(at=NOW, window=timedelta(hours=24), rules=LAX)
CONTAINED = {"resourceType": "Medication", "id": "m", "code": {"text": "x"}}
SAMPLES = [
    patient("1", maritalStatus={"text": "x"}),
    vital("Patient/1", at="2026-11-22T11:00:00Z"),
    complaint(
        "Patient/1", "chest pain", extension=[{"url": "urn:a", "valueCode": "b"}]
    ),
    encounter("Patient/1", "cough", period={"start": "2026-11-22"}),
    statement("Patient/1", "aspirin", contained=[CONTAINED]),
]
WORDS = [
    "done",
    "final",
    "#m",
    "#gone",
    "Patient/2",
    "Group/1",
    "a b",
    "urn:uuid:x",
    "",
]


def places(content, path=()):
    """Give the path of every text in some JSON."""
    items = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in items:
        if isinstance(value, str):
            yield (*path, key)
        else:
            yield from places(value, (*path, key))


@st.composite
def spoilt(draw):
    """Return a resource some of whose texts are others."""
    content = deepcopy(draw(st.sampled_from(SAMPLES)))
    known = [each for each in places(content) if each != ("resourceType",)]
    for path in draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)):
        target = content
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = draw(st.sampled_from(WORDS) | st.text(max_size=6))
    return json.dumps(content).encode()


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_whatever_is_let_pass_can_be_read_indexed_and_shown(body):
    try:
        admitted = admission.read(body, LAX)
    except InvalidResourceError:
        return

    change = change_of("POST", admitted.resource, body, CURRENT)
    marked = admission.marked(change, admitted.issues, admitted.violations)
    event = RecordAccepted(
        reference=Reference(type=change.type, id="1", version=1),
        received=body,
        violations=marked.violations,
    )
    shown = served(event, at=NOW)
    index(shown, Digests(bytes(32)))
    tags = shown["meta"].get("tag", [])
    assert {each["code"] for each in tags} == {
        each.partition(".")[0] for each in marked.violations
    }
    assert all(each.severity == "warning" for each in marked.warnings)


@settings(max_examples=100, deadline=None)
@given(spoilt())
def test_what_the_strictest_site_accepts_every_site_accepts(body):
    try:
        admission.read(body, CAREFUL)
    except InvalidResourceError:
        return

    assert not admission.read(body, LAX).violations


def test_every_issue_of_what_is_set_aside_has_its_place():
    body = json.dumps(transaction(patient(gender="x"), patient(gender="y")), indent=1)

    with pytest.raises(QuarantineError) as caught:
        admission.read_requests(delivered(body.encode()), body.encode(), CAREFUL)

    assert [each.entry for each in caught.value.issues] == [0, 1]
    assert all(each.line for each in caught.value.issues)


def test_an_entry_of_a_batch_is_marked_with_what_it_breaks_itself():
    bundle = transaction(patient(gender="x"), patient(), kind="batch")
    body = json.dumps(bundle).encode()
    admitted = admission.read_requests(delivered(body), body, LAX)
    first, second = (
        change_of("POST", each["resource"], b"", CURRENT, index=place)
        for place, each in enumerate(bundle["entry"])
    )

    assert admitted.marked(first).violations == ("binding.required",)
    assert admitted.marked(second).violations == ()
