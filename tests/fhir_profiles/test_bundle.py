import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.bundle import (
    processing_order,
    read_bundle,
    references,
    rewrite,
)
from fhir_profiles.lexeme import Lexeme
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.structure import check

FIRST = "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"
PATIENT = {"resourceType": "Patient", "id": "1"}


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method, url, resource=None, **request):
    content = {"request": {"method": method, "url": url, **request}}
    return content if resource is None else {**content, "resource": resource}


def refused(content, issues=()):
    with pytest.raises(InvalidResourceError) as error:
        read_bundle(content, issues)
    return [(issue.id, issue.entry) for issue in error.value.issues]


def test_a_transaction_gives_its_entries_as_they_stand():
    requests = read_bundle(
        bundle(
            {
                **entry("POST", "Patient", PATIENT, ifNoneExist="identifier=a|7"),
                "fullUrl": FIRST,
            },
            entry("PUT", "Patient/1", PATIENT, ifMatch='W/"3"'),
            entry("PUT", "Patient?identifier=a|7", PATIENT, ifNoneMatch="*"),
            entry("GET", "Patient/1", ifModifiedSince="2024-01-01T00:00:00Z"),
        )
    )

    first, second, third, fourth = requests.entries
    assert (first.full_url, first.type, first.id) == (FIRST, "Patient", None)
    assert (first.if_none_exist, first.resource) == ("identifier=a|7", PATIENT)
    assert (second.type, second.id, second.if_match) == ("Patient", "1", "3")
    assert (third.query, third.if_none_match) == ("identifier=a|7", "*")
    assert (fourth.id, fourth.if_modified_since) == ("1", "2024-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("Patient/1", ("Patient", "1", None)),
        ("Patient/1/_history/2", ("Patient", "1", None)),
        ("Patient?name=a", ("Patient", None, "name=a")),
        ("Patient/1/$everything?_count=5", ("Patient", "1", "_count=5")),
        ("metadata", (None, None, None)),
        ("?_type=Patient", (None, None, "_type=Patient")),
    ],
)
def test_a_get_may_ask_for_anything_the_server_reads(url, parts):
    [one] = read_bundle(bundle(entry("GET", url))).entries

    assert (one.type, one.id, one.query, one.url) == (*parts, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "Patient/1"),
        ("POST", "Patient?name=a"),
        ("POST", "/Patient"),
        ("POST", "Spaceship"),
        ("PUT", "Patient"),
        ("PUT", "Patient/a b"),
        ("PUT", "http://a.b/fhir/Patient/1"),
        ("DELETE", "Patient"),
        ("GET", ""),
        ("GET", "../Patient"),
        ("GET", 5),
    ],
)
def test_a_url_that_does_not_fit_its_method_is_refused(method, url):
    resource = PATIENT if method in ("POST", "PUT") else None

    assert ("bundle.url", 0) in refused(bundle(entry(method, url, resource)))


@pytest.mark.parametrize(
    "condition",
    [
        {"ifNoneExist": "everything"},
        {"ifNoneExist": "name=a b"},
        {"ifNoneMatch": "*"},
        {"ifModifiedSince": "2024-01-01T00:00:00Z"},
    ],
)
def test_a_condition_that_means_nothing_for_a_create_is_refused(condition):
    content = bundle(entry("POST", "Patient", PATIENT, **condition))

    assert refused(content) == [("bundle.condition", 0)]


def test_an_etag_without_quotation_marks_is_refused():
    content = bundle(entry("PUT", "Patient/1", PATIENT, ifMatch="3"))

    assert refused(content) == [("bundle.condition", 0)]


def test_a_transaction_names_every_failing_entry_at_once():
    content = bundle(
        entry("POST", "Patient", {"resourceType": "Patient", "gender": "x"}),
        entry("PUT", "Patient/2", PATIENT),
        {"resource": PATIENT},
    )

    assert refused(content, check(content)) == [
        ("binding.required", 0),
        ("bundle.url-id", 1),
        ("bundle.request-missing", 2),
    ]


def test_a_batch_refuses_only_what_is_wrong():
    content = bundle(
        entry("POST", "Patient", {"resourceType": "Patient", "gender": "x"}),
        entry("POST", "Patient", PATIENT),
        entry("PUT", "Patient/2", PATIENT),
        kind="batch",
    )

    requests = read_bundle(content, check(content))

    assert [one.index for one in requests.entries] == [1]
    assert [(one.index, one.issues[0].id) for one in requests.refused] == [
        (0, "binding.required"),
        (2, "bundle.url-id"),
    ]


def test_a_batch_may_write_the_same_resource_twice():
    put = entry("PUT", "Patient/1", PATIENT)

    assert len(read_bundle(bundle(put, put, kind="batch")).entries) == 2


def test_a_put_and_a_delete_of_one_resource_cannot_stand_in_one_transaction():
    content = bundle(entry("PUT", "Patient/1", PATIENT), entry("DELETE", "Patient/1"))

    assert refused(content) == [("bundle.identity", 1)]


def test_an_empty_transaction_asks_for_nothing():
    empty = {"resourceType": "Bundle", "type": "transaction"}

    assert read_bundle(empty).entries == ()


def test_deletes_come_first_and_reads_come_last():
    requests = read_bundle(
        bundle(
            entry("GET", "Patient/1"),
            entry("PUT", "Patient/3", PATIENT | {"id": "3"}),
            entry("POST", "Patient", PATIENT),
            entry("DELETE", "Patient/2"),
        )
    )

    order = [one.index for one in processing_order(requests.entries)]
    assert order == [3, 2, 1, 0]


OBSERVATION = {
    "resourceType": "Observation",
    "identifier": [{"system": FIRST, "value": FIRST}],
    "subject": {"reference": FIRST},
    "focus": [{"reference": "Patient/9"}, {"reference": "Patient?identifier=a|7"}],
    "note": [{"text": FIRST}],
    "valueQuantity": {"value": Lexeme("72.50")},
    "extension": [{"url": "http://a.b/c", "valueUri": FIRST}],
    "contained": [{"resourceType": "Endpoint", "address": FIRST}],
}


def test_references_and_urns_in_uris_are_found_and_nothing_else():
    found = {link.path for link in references(OBSERVATION)}

    assert found == {
        ("identifier", 0, "system"),
        ("subject", "reference"),
        ("focus", 0, "reference"),
        ("focus", 1, "reference"),
        ("extension", 0, "valueUri"),
        ("contained", 0, "address"),
    }


def test_rewriting_replaces_references_and_leaves_the_rest_as_it_was():
    before = copy.deepcopy(OBSERVATION)

    after = rewrite(OBSERVATION, {FIRST: "Patient/42"})

    assert before == OBSERVATION
    assert after["subject"] == {"reference": "Patient/42"}
    assert after["contained"][0]["address"] == "Patient/42"
    assert after["identifier"] == [{"system": "Patient/42", "value": FIRST}]
    assert after["note"] == OBSERVATION["note"]
    assert after["valueQuantity"]["value"].text == "72.50"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["request", "method", "url", "resource", "fullUrl", "meta"])
            | st.sampled_from(["entry", "type", "id", "resourceType", "ifMatch"]),
            inner | st.sampled_from(["PUT", "GET", "Patient", "Patient/1", FIRST]),
            max_size=6,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(["transaction", "batch", "document", 5, None]), JSON)
def test_any_bundle_is_read_or_refused(kind, entries):
    content = {"resourceType": "Bundle", "type": kind, "entry": entries}
    issues = check(content)

    try:
        requests = read_bundle(content, issues)
    except InvalidResourceError:
        return

    assert kind in ("transaction", "batch")
    assert requests.type == kind


@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_rewriting_nothing_changes_nothing(resource):
    assert rewrite(resource, {}) == resource


def test_a_document_starts_with_a_composition_and_says_what_it_is():
    content = {
        "resourceType": "Bundle",
        "type": "document",
        "entry": [{"resource": PATIENT}],
    }

    sentences = " ".join(issue.diagnostics for issue in check(content))

    assert all(rule in sentences for rule in ("bdl-9", "bdl-10", "bdl-11"))


def test_a_searchset_has_each_link_once_and_ids_in_what_was_found():
    link = {"relation": "next", "url": "http://a.b"}
    found = {"resource": {"resourceType": "Patient"}, "search": {"mode": "outcome"}}
    content = {"resourceType": "Bundle", "type": "searchset", "total": 1}
    content |= {
        "link": [link, link],
        "entry": [found, {"resource": {"resourceType": "Patient"}}],
    }

    assert [issue.expression for issue in check(content)] == [
        "Bundle.link[1]",
        "Bundle.entry[0]",
        "Bundle.entry[1]",
    ]


def test_an_entry_of_a_history_has_request_and_response():
    wrong = {"resource": PATIENT, "request": {"method": "PUT", "url": "Patient/1"}}
    content = {"resourceType": "Bundle", "type": "history", "entry": [wrong]}

    assert [issue.id for issue in check(content)] == ["bundle.invariant"]
