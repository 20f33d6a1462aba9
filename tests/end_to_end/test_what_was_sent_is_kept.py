"""Promise 2: what the EHR sent comes back with the content that was sent."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_profiles.lexical import parse, serialise
from gateway.feed.files import transaction as as_transaction
from tests.gateway_inside import gateway_inside
from tests.patients import fresh_record, patient, transaction, urn, vital

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir"
SYNTHEA = sorted((SHARED / "synthea-r4" / "bundles").glob("*.json.gz"))
MEDICATION = sorted((SHARED / "medication-bundles").glob("*.json"))
HL7 = sorted((SHARED / "hl7-r4-examples" / "package").glob("*-*.json"))
SYNTHEA_SAMPLE = 6  # each is a megabyte; all of them are a benchmark's
# What R4 itself does not allow: targets of references, fullUrls of another id, a
# linkId that is missing, an empty narrative.
WRONG_IN_THEMSELVES = {
    "Bundle-10bb101f-a121-4264-a920-67be9cb82c74",
    "Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe",
    "Bundle-lri-example",
    "MedicationRequest-medrx0301",
    "Observation-clinical-gender",
    "Questionnaire-qs1",
    "Questionnaire-zika-virus-exposure-assessment",
}
pytestmark = pytest.mark.asyncio(loop_scope="module")
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/data is not beside this checkout"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(tmp_path_factory):
    async with gateway_inside(tmp_path_factory.mktemp("kept"), dev=True) as one:
        yield one


def normal(resource, links=()):
    """Return content without what the gateway may change: id, version, references."""
    content = {name: each for name, each in resource.items() if name != "id"}
    meta = {
        name: each
        for name, each in content.pop("meta", {}).items()
        if name not in {"versionId", "lastUpdated"}
    }
    return serialise(
        linked({**content, **({"meta": meta} if meta else {})}, dict(links))
    )


def linked(node, links):
    if isinstance(node, dict):
        ordered = sorted(node.items())
        return {name: linked(each, links) for name, each in ordered}
    if isinstance(node, list):
        return [linked(each, links) for each in node]
    return links.get(node, node) if isinstance(node, str) else node


async def stored(caller, reference):
    answer = await caller.get(f"/fhir/{reference}")
    assert answer.status == 200, reference
    return parse(answer.body)


async def changed(caller, body):
    """Push a Bundle; return which of its resources come back other than sent."""
    answer = await caller.request("POST", "/fhir", body)
    assert answer.status == 200, answer.body[:2000]
    sent = parse(body)["entry"]
    places = [each.partition("/_history")[0] for each in answer.locations]
    links = {
        entry["fullUrl"]: place
        for entry, place in zip(sent, places, strict=True)
        if "fullUrl" in entry
    }
    return [
        place
        for entry, place in zip(sent, places, strict=True)
        if normal(await stored(caller, place)) != normal(entry["resource"], links)
    ]


def _is_short(written):
    """More than 64 digits are refused, and said so: see tests of the parser."""
    return sum(each.isdigit() for each in written.partition("E")[0]) <= 64


DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15
).map(str).filter(_is_short) | st.sampled_from(
    [
        "0.010",
        "1.0",
        "1.00",
        "37.50",
        "100",
        "-0.0",
        "1E2",
        "1.5e-7",
        "0.1000000000000001",
    ]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(DECIMALS, min_size=1, max_size=8))
async def test_decimals_come_back_as_they_were_written(caller, written):
    whom = urn(0)
    values = [vital(whom, "8310-5", "VALUE") for _ in written]
    body = json.dumps(transaction(patient(fresh_record()), *values))
    for each in written:
        body = body.replace('"VALUE"', each, 1)

    answer = await caller.request("POST", "/fhir", body.encode())

    assert answer.status == 200, answer.body
    for each, location in zip(written, answer.locations[1:], strict=True):
        place = location.partition("/_history")[0]
        raw = (await caller.get(f"/fhir/{place}")).body.decode()
        assert f'"value":{each},' in raw
        found = await caller.search(f"Observation?_id={place.partition('/')[2]}")
        assert len(found) == 1


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\ufeff"),
    min_size=1,
).map(str.strip)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TEXTS.filter(bool))
async def test_any_text_comes_back_as_it_was_written(caller, text):
    sent = patient(fresh_record(), name=[{"text": text}])

    answer = await caller.create(sent)

    assert answer.status == 201, answer.body
    came = await caller.read(f"Patient/{answer.json['id']}")
    assert came["name"] == [{"text": text}]


async def test_every_element_comes_back_in_order_and_in_full(caller):
    sent = {
        "resourceType": "Patient",
        "meta": {
            "profile": ["http://example.org/profile"],
            "tag": [{"system": "urn:tags", "code": "red"}],
            "source": "urn:ehr",
        },
        "implicitRules": "http://example.org/rules",
        "language": "tlh",
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">Zoë &amp; Ø</div>',
        },
        "contained": [{"resourceType": "Organization", "id": "org", "name": "Clinic"}],
        "extension": [{"url": "http://example.org/x", "valueDecimal": 1.50}],
        "identifier": [{"system": "urn:example:mrn", "value": "ordered"}],
        "active": True,
        "name": [{"given": ["A", None], "_given": [None, {"id": "x"}]}],
        "_birthDate": {
            "extension": [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
                    "valueCode": "unknown",
                }
            ]
        },
        "managingOrganization": {"reference": "#org"},
    }
    sent["name"][0]["_given"] = [
        None,
        {"extension": [{"url": "urn:example:why", "valueString": "unknown"}]},
    ]

    answer = await caller.create(sent)

    assert answer.status == 201, answer.body
    came = answer.json
    assert [name for name in came if name != "id"] == list(sent)
    assert normal(came) == normal(sent)
    assert came["meta"]["tag"] == sent["meta"]["tag"]


async def test_whitespace_and_key_order_of_the_sender_do_not_matter(caller):
    body = b'{\n\t"birthDate" :"1980-01-01" ,\r\n  "resourceType":"Patient"\n}'

    answer = await caller.request("POST", "/fhir/Patient", body)

    assert answer.status == 201
    assert answer.json["birthDate"] == "1980-01-01"


async def test_an_update_keeps_the_older_content_too(caller):
    for value in ("37.0", "37.00"):
        body = json.dumps({**vital("Patient/x", "8310-5", 0), "id": "warm"})
        await caller.request(
            "PUT",
            "/fhir/Observation/warm",
            body.replace(": 0,", f": {value},").encode(),
        )

    first = await caller.get("/fhir/Observation/warm/_history/1")
    second = await caller.get("/fhir/Observation/warm/_history/2")

    assert str(first.exact["valueQuantity"]["value"]) == "37.0"
    assert second.exact["valueQuantity"]["value"] == Decimal("37.00")
    assert b"37.00" in second.body


@needs_shared
@pytest.mark.parametrize("file", MEDICATION, ids=lambda each: each.stem)
async def test_every_medication_bundle_is_kept(caller, file):
    assert await changed(caller, as_transaction(file.read_bytes())) == []


@needs_shared
@pytest.mark.parametrize("file", SYNTHEA[:SYNTHEA_SAMPLE], ids=lambda each: each.stem)
async def test_synthea_bundles_are_kept(caller, file):
    assert await changed(caller, gzip.decompress(file.read_bytes())) == []


@needs_shared
async def test_every_hl7_example_comes_back_equal(caller):
    refused = {}
    for file in HL7:
        body = file.read_bytes()
        kind = parse(body)["resourceType"]
        if kind == "AuditEvent":  # nobody writes the trail: test_audit_events.py
            continue
        answer = await caller.request("POST", f"/fhir/{kind}", body)
        if answer.status != 201:
            refused[file.name] = answer.json["issue"][0]["diagnostics"]
        else:
            assert normal(parse(answer.body)) == normal(parse(body)), file.name

    assert {name.partition(".")[0] for name in refused} == WRONG_IN_THEMSELVES
