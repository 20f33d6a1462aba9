import pytest

from gateway.http import entry_reads
from tests.callers import FEED, NURSE
from tests.patients import MRN, complaint, patient, transaction, urn, vital
from tests.worklist import until

EVE = "Patient/eve"


def known(name="eve", **more):
    return {**patient(name), "id": name, **more}


def reading(*urls, kind="batch", method="GET", **request):
    entries = [{"request": {"method": method, "url": url, **request}} for url in urls]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def codes(answer):
    return [each["response"]["status"][:3] for each in answer.json["entry"]]


async def one(caller, url, **request):
    """Return the only entry of the answer to a Bundle that reads one address."""
    answer = await caller.push(reading(url, **request))
    (entry,) = answer.json["entry"]
    return entry


@pytest.fixture
async def eve(caller):
    """A Patient in two versions, with an Observation."""
    await caller.put(known())
    await caller.put(known(gender="male"))
    await caller.create(vital(EVE))
    return caller


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_a_read_gives_what_a_get_gives(eve, kind):
    entry = await one(eve, EVE, kind=kind)

    assert entry["resource"] == await eve.read(EVE)
    assert entry["response"]["status"] == "200 OK"
    assert entry["response"]["etag"] == 'W/"2"'
    assert entry["response"]["lastModified"]


async def test_an_older_version_is_read_by_its_number(eve):
    entry = await one(eve, f"{EVE}/_history/1")

    assert entry["resource"]["gender"] == "female"


@pytest.mark.parametrize(
    ("url", "kind", "size"),
    [
        (f"{EVE}/_history", "history", 2),
        ("Patient/_history?_count=1", "history", 1),
        ("_history", "history", 3),
        ("Patient?_id=eve", "searchset", 1),
        (f"Patient?identifier={MRN}%7Ceve", "searchset", 1),
        ("Patient/_search?gender=female", "searchset", 0),
        ("Observation", "searchset", 1),
        (f"{EVE}/$everything?_type=Patient", "searchset", 1),
    ],
)
async def test_any_read_may_be_an_entry(caller, url, kind, size):
    await caller.put(known())
    await caller.put(known(gender="male"))
    await caller.create({**vital(EVE), "effectiveDateTime": "2020-01-01"})

    bundle = (await one(caller, url))["resource"]

    assert bundle["type"] == kind
    assert len(bundle.get("entry", [])) == size


async def test_the_capabilities_may_be_an_entry(caller):
    kinds = [
        (await one(caller, url))["resource"]["resourceType"]
        for url in ("metadata", "metadata?mode=terminology")
    ]

    assert kinds == ["CapabilityStatement", "TerminologyCapabilities"]


async def test_a_page_of_an_entry_is_followed_by_its_link(eve):
    bundle = (await one(eve, "Patient/_history?_count=1"))["resource"]
    path = bundle["link"][1]["url"].partition("/fhir/")[2]

    following = (await one(eve, path))["resource"]

    assert following["entry"][0]["response"]["etag"] == 'W/"1"'


async def test_a_transaction_reads_what_it_wrote(caller):
    bundle = transaction(known(), vital(EVE))
    reads = reading(EVE, f"Observation?subject={EVE}", f"{EVE}/_history")
    bundle["entry"] = [*reads["entry"], *bundle["entry"]]

    entries = (await caller.push(bundle)).json["entry"]

    assert entries[0]["resource"]["id"] == "eve"
    assert entries[1]["resource"]["total"] == 1
    assert entries[2]["resource"]["total"] == 1
    assert entries[3]["response"]["status"] == "201 Created"


async def test_a_read_that_fails_undoes_nothing(caller):
    bundle = transaction(known())
    bundle["entry"] += reading("Patient/nobody", "Patient?x=1")["entry"]

    answer = await caller.push(bundle)

    assert codes(answer) == ["201", "404", "400"]
    said = answer.json["entry"][1]["response"]["outcome"]["issue"][0]
    assert said["expression"] == ["Bundle.entry[1].request.url"]
    assert (await caller.get(f"/fhir/{EVE}")).status == 200


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("Patient/eve", "410"),
        ("Patient/eve/_history/2", "410"),
        ("Patient/eve/_history/9", "404"),
        ("Patient/eve/$everything", "410"),
        ("Patient/eve/$validate", "404"),
        ("Observation/x/$everything", "404"),
        ("Patient/eve/_history/1/x", "404"),
        ("$job/7", "404"),
        ("Patient?_sort=x", "400"),
        ("_history?_sort=x", "400"),
    ],
)
async def test_a_read_is_refused_as_a_get_is(caller, url, status):
    await caller.put(known())
    await caller.delete(EVE)

    answer = await caller.push(reading(url))

    assert codes(answer) == [status]


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"ifNoneMatch": 'W/"2"'}, "304"),
        ({"ifNoneMatch": "*"}, "304"),
        ({"ifNoneMatch": 'W/"1"'}, "200"),
        ({"ifModifiedSince": "2999-01-01T00:00:00Z"}, "304"),
        ({"ifModifiedSince": "1999-01-01T00:00:00Z"}, "200"),
        ({"ifModifiedSince": "1999-01-01T00:00:00Z", "ifNoneMatch": "*"}, "304"),
    ],
)
async def test_a_read_may_be_conditional(eve, condition, status):
    entry = await one(eve, EVE, **condition)

    assert entry["response"]["status"][:3] == status
    assert ("resource" in entry) == (status == "200")


async def test_what_was_shown_as_its_time_is_not_news(eve):
    shown = (await eve.read(EVE))["meta"]["lastUpdated"]

    entry = await one(eve, EVE, ifModifiedSince=shown)

    assert entry["response"]["status"] == "304 Not Modified"


async def test_head_gives_no_resource(eve):
    entry = await one(eve, EVE, method="HEAD")

    assert "resource" not in entry
    assert entry["response"]["etag"] == 'W/"2"'


async def test_scopes_count_for_each_entry(strangers):
    await strangers.called(FEED).put(known())

    answer = await strangers.called(NURSE).push(reading(EVE, "AuditEvent"))

    assert codes(answer) == ["200", "403"]


async def test_nothing_is_written_where_a_read_is_not_allowed(strangers):
    bundle = transaction(known())
    bundle["entry"] += reading("AuditEvent/x")["entry"]

    answer = await strangers.called(FEED).push_anything(bundle)

    assert answer.status == 403
    assert (await strangers.called(FEED).get(f"/fhir/{EVE}")).status == 404


async def test_a_nurse_reads_her_worklist_in_one_batch(caller):
    await caller.push(transaction(known(), complaint(EVE, "chest pain")))

    async def look():
        return (await one(caller, f"Task?patient={EVE}"))["resource"].get("entry")

    (found,) = await until(look)
    focus = found["resource"]["focus"]["reference"]
    assert (await one(caller, focus))["resource"]["subject"]["reference"] == EVE


async def test_what_one_bundle_reads_has_a_limit(eve, monkeypatch):
    monkeypatch.setattr(entry_reads, "LARGEST", 1)

    answer = await eve.push(reading(EVE, EVE))

    assert codes(answer) == ["200", "400"]
    assert answer.json["entry"][1]["response"]["outcome"]["issue"][0]["code"] == (
        "too-costly"
    )


async def test_audit_events_come_with_what_they_tell_of_in_a_batch_too(eve):
    query = "AuditEvent?subtype=read&_include=AuditEvent:patient"
    await eve.read(EVE)

    entry = await one(eve, query)

    assert (
        entry["resource"]["entry"][1:]
        == (await eve.get(f"/fhir/{query}")).json["entry"][1:]
    )
    assert EVE in str(entry["resource"]["entry"][-1]["fullUrl"])


async def test_a_fault_of_ours_is_told_of_its_entry_alone(eve, monkeypatch):
    monkeypatch.setattr("gateway.http.history.only_visible", None)

    answer = await eve.push(reading(f"{EVE}/_history", EVE))

    assert codes(answer) == ["500", "200"]
    assert urn(0) not in answer.body.decode()
