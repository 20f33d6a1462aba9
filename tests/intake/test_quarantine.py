"""What breaks a site's rules: refused, set aside, or let pass with a tag."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
import pytest

from domain.events import REGISTRY
from domain.quarantined import QuarantineDismissed, QuarantineReleased
from gateway.audit.replay import replay
from gateway.intake.quarantine import whose
from gateway.projections.quarantine import story
from gateway.store.records import Erased, Recorded
from gateway.store.registry import EventRegistry
from tests.callers import AUDITOR, FEED, NURSE
from tests.gateway_inside import gateway_inside
from tests.patients import (
    MRN,
    complaint,
    patient,
    transaction,
    urn,
    vital,
)
from tests.worklist import assessed

OURS = "https://triage-gateway.example/fhir/CodeSystem/rule-group"
BAD_GENDER = {"gender": "whatever"}
UNSAFE = {
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>',
    }
}


def bad(record="1", **more):
    return patient(record, **BAD_GENDER, **more)


@pytest.fixture
async def tagging(tmp_path):
    """A gateway that lets codes pass which their value set does not have."""
    rules = {"binding": "tag", "narrative": "tag"}
    async with gateway_inside(tmp_path / "data", dev=True, rules=rules) as one:
        yield one


@pytest.fixture
async def careful(tmp_path):
    """A gateway that sets aside such codes, and values that cannot be read."""
    rules = {"binding": "quarantine", "value": "quarantine", "reference": "tag"}
    async with gateway_inside(tmp_path / "data", rules=rules) as one:
        yield one.called(FEED)


def parameters(answer):
    return {each["name"]: each for each in answer["parameter"]}


def place(answer):
    """Return the path of what was set aside."""
    return urlsplit(answer.headers["Location"]).path


async def waiting(feed, query=""):
    answer = await feed.get(f"/fhir/$quarantine{query}")
    assert answer.status == 200, answer.body
    return answer.json


async def test_without_a_setting_what_breaks_a_rule_is_refused(caller):
    answer = await caller.create(bad())

    assert answer.status == 422
    assert await caller.search("Patient") == []


async def test_what_is_let_pass_is_kept_as_sent_and_says_what_it_breaks(tagging):
    answer = await tagging.create(bad("7"))

    assert answer.status == 201
    kept = await tagging.read(f"Patient/{answer.json['id']}")
    assert kept["gender"] == "whatever"
    assert [(t["system"], t["code"]) for t in kept["meta"]["tag"]] == [
        (OURS, "binding")
    ]


async def test_a_tag_stands_beside_the_sender_s_own(tagging):
    own = {"system": "urn:example:tags", "code": "mine"}

    answer = await tagging.create(bad(meta={"tag": [own]}))

    assert [each["code"] for each in answer.json["meta"]["tag"]] == ["mine", "binding"]


async def test_who_prefers_an_outcome_is_told_what_was_let_pass(tagging):
    answer = await tagging.create(bad(), Prefer="return=OperationOutcome")

    assert answer.status == 201
    told = {each.get("details", {}).get("text"): each for each in answer.json["issue"]}
    assert told["binding.required"]["severity"] == "warning"


async def test_what_breaks_no_rule_has_no_tag(tagging):
    answer = await tagging.create(patient())

    assert "tag" not in answer.json["meta"]


async def test_an_entry_of_a_transaction_is_tagged_by_itself(tagging):
    answer = await tagging.push(transaction(bad("1"), patient("2")))

    first, second = [await tagging.read(each) for each in answer.locations]
    assert [each["code"] for each in first["meta"]["tag"]] == ["binding"]
    assert "tag" not in second["meta"]


async def test_a_corrected_version_loses_its_tag(tagging):
    first = (await tagging.create(bad("1"))).json

    answer = await tagging.put({**patient("1"), "id": first["id"]})

    assert answer.status == 200
    assert "tag" not in answer.json["meta"]


async def test_a_script_in_a_narrative_is_never_let_pass(tagging):
    answer = await tagging.create(patient(**UNSAFE))

    assert answer.status == 422
    assert "security" in answer.codes


async def test_what_is_set_aside_is_durable_listed_and_not_used(careful):
    answer = await careful.create(bad("7"))

    assert answer.status == 202
    assert answer.codes[0] == "informational"
    assert "code-invalid" in answer.codes
    assert "Patient.gender" in answer.places
    assert await careful.search("Patient") == []
    listed = await waiting(careful)
    assert listed["total"] == 1
    said = parameters(listed["entry"][0]["resource"])
    assert said["status"]["valueCode"] == "waiting"
    assert said["client"]["valueString"] == FEED
    assert (said["method"]["valueCode"], said["url"]["valueUri"]) == ("POST", "Patient")
    assert said["group"]["valueCode"] == "binding"
    assert "whatever" not in json.dumps(listed)


async def test_what_is_set_aside_is_shown_with_the_very_bytes(careful):
    sent = json.dumps(bad("7"), indent=3).encode()
    answer = await careful.request("POST", "/fhir/Patient", sent)

    shown = await careful.get(place(answer))

    assert shown.status == 200
    content = parameters(shown.json)["content"]["valueBase64Binary"]
    assert b64decode(content) == sent


async def test_no_case_is_opened_by_what_is_set_aside(careful):
    whom = f"Patient/{(await careful.create(patient('8'))).json['id']}"

    answer = await careful.create(complaint(whom, "chest pain", status="done"))

    assert answer.status == 202
    assert await careful.search("Task") == []


async def test_what_any_rule_rejects_is_refused_not_set_aside(careful):
    answer = await careful.create(bad(unknownElement=1))

    assert answer.status == 422
    assert (await waiting(careful))["total"] == 0


async def test_bytes_that_are_no_json_are_always_refused(careful):
    answer = await careful.request("POST", "/fhir/Patient", b'{"resourceType": ')

    assert answer.status == 400
    assert (await waiting(careful))["total"] == 0


async def test_a_transaction_is_set_aside_as_a_whole(careful):
    answer = await careful.push_anything(transaction(patient("1"), bad("2")))

    assert answer.status == 202
    assert await careful.search("Patient") == []
    assert (await waiting(careful))["total"] == 1


async def test_a_transaction_with_one_rejected_entry_is_refused(careful):
    wrong = patient("3", unknownElement=1)

    answer = await careful.push_anything(transaction(bad("2"), wrong))

    assert answer.status == 422
    assert (await waiting(careful))["total"] == 0


async def test_an_entry_of_a_batch_is_set_aside_by_itself(careful):
    wrong = patient("3", unknownElement=1)
    batch = transaction(patient("1"), bad("2"), wrong, kind="batch")

    answer = await careful.push(batch)

    answered = [each["response"] for each in answer.json["entry"]]
    assert [each["status"][:3] for each in answered] == ["201", "202", "422"]
    assert answered[1]["location"].startswith("$quarantine/")
    assert len(await careful.search("Patient")) == 1
    shown = await careful.get(f"/fhir/{answered[1]['location']}")
    assert parameters(shown.json)["url"]["valueUri"] == "Patient"


async def test_the_same_request_waits_once(careful):
    first = await careful.create(bad("7"))
    second = await careful.create(bad("7"))

    assert place(first) == place(second)
    assert (await waiting(careful))["total"] == 1


async def test_the_corrected_content_is_used_and_the_release_tells_of_it(careful):
    held = await careful.create(bad("7"))

    answer = await careful.request("POST", f"{place(held)}/$rerun", patient("7"))

    assert answer.status == 200, answer.body
    (kept,) = await careful.search("Patient")
    location = answer.json["entry"][0]["response"]["location"]
    assert location == f"Patient/{kept['id']}/_history/1"
    shown = parameters((await careful.get(place(held))).json)
    assert shown["status"]["valueCode"] == "released"
    assert shown["resource"]["valueReference"]["reference"] == location
    assert json.loads(b64decode(shown["corrected"]["valueBase64Binary"])) == patient(
        "7"
    )
    assert (await waiting(careful))["total"] == 0
    assert (await waiting(careful, "?status=released"))["total"] == 1


async def test_what_is_still_wrong_goes_on_waiting(careful):
    held = await careful.create(bad("7"))

    for body in (None, bad("8")):
        answer = await careful.request("POST", f"{place(held)}/$rerun", body)
        assert answer.status == 422
        assert answer.places == ["Patient.gender"]

    assert (await waiting(careful))["total"] == 1
    assert await careful.search("Patient") == []


async def test_what_was_released_is_not_run_again(careful):
    held = await careful.create(bad("7"))
    await careful.request("POST", f"{place(held)}/$rerun", patient("7"))

    answer = await careful.request("POST", f"{place(held)}/$rerun", patient("7"))

    assert answer.status == 409
    assert len(await careful.search("Patient")) == 1


async def test_a_request_is_run_again_with_its_own_conditions(careful):
    known = (await careful.create(patient("9"))).json
    held = await careful.create(bad("9"), If_None_Exist=f"identifier={MRN}|9")

    answer = await careful.request("POST", f"{place(held)}/$rerun", patient("9"))

    assert answer.json["entry"][0]["response"]["status"] == "200"
    assert [each["id"] for each in await careful.search("Patient")] == [known["id"]]


async def test_an_update_is_run_again_on_the_version_that_it_names(careful):
    first = (await careful.create(patient("10"))).json
    held = await careful.put({**bad("10"), "id": first["id"]}, If_Match='W/"1"')
    await careful.put({**patient("10", active=True), "id": first["id"]})
    corrected = {**patient("10"), "id": first["id"]}

    answer = await careful.request("POST", f"{place(held)}/$rerun", corrected)

    assert answer.status == 412
    assert (await waiting(careful))["total"] == 1


async def test_a_released_transaction_opens_its_case(careful):
    bundle = transaction(bad("11"), complaint(urn(0), "chest pain"))
    held = await careful.push_anything(bundle)
    corrected = transaction(patient("11"), complaint(urn(0), "chest pain"))

    answer = await careful.request("POST", f"{place(held)}/$rerun", corrected)

    assert answer.status == 200, answer.body
    whom = answer.locations[0].partition("/_history")[0]
    assert await assessed(careful.called(NURSE), whom)


async def test_the_sender_s_own_correction_under_its_key_is_not_doubled(careful):
    held = await careful.create(bad("12"), Idempotency_Key="k")
    await careful.request("POST", f"{place(held)}/$rerun", patient("12"))

    again = await careful.create(patient("12"), Idempotency_Key="k")
    late = await careful.create(bad("12"), Idempotency_Key="k")

    assert again.status == 201
    assert len(await careful.search("Patient")) == 1
    assert late.status == 202
    assert "released" in late.said
    assert (await waiting(careful))["total"] == 0


async def test_an_update_under_a_key_is_not_doubled_after_it_was_run_again(careful):
    corrected = {**patient("13"), "id": "eve"}
    held = await careful.put({**bad("13"), "id": "eve"}, Idempotency_Key="k")
    await careful.request("POST", f"{place(held)}/$rerun", corrected)
    await careful.put({**corrected, "active": True})

    again = await careful.put(corrected, Idempotency_Key="k")

    assert (again.status, again.etag) == (201, 'W/"1"')
    assert (await careful.read("Patient/eve"))["active"] is True


async def test_a_condition_in_the_address_is_kept_for_when_it_is_run_again(careful):
    known = (await careful.create(patient("14"))).json
    asked = f"/fhir/Patient?identifier={MRN}%7C14"
    held = await careful.request("POST", asked, bad("14"))

    answer = await careful.request("POST", f"{place(held)}/$rerun", patient("14"))

    assert answer.json["entry"][0]["response"]["status"] == "200"
    assert [each["id"] for each in await careful.search("Patient")] == [known["id"]]


async def test_an_entry_of_a_batch_is_run_again_alone(careful):
    batch = transaction(patient("1"), bad("2"), kind="batch")
    batch["entry"][1]["request"]["ifNoneExist"] = f"identifier={MRN}|2"
    held = (await careful.push(batch)).json["entry"][1]["response"]["location"]

    answer = await careful.request("POST", f"/fhir/{held}/$rerun", patient("2"))

    assert answer.json["entry"][0]["response"]["status"] == "201"
    assert len(await careful.search("Patient")) == 2


async def test_a_batch_that_is_wrong_outside_its_entries_is_run_again_as_one(careful):
    batch = transaction(patient("1"), patient("2"), kind="batch")
    held = await careful.push_anything({**batch, "implicitRules": "no uri"})
    again = f"{place(held)}/$rerun"
    half = transaction(patient("1"), bad("2"), kind="batch")

    refused = await careful.request("POST", again, half)
    answer = await careful.request("POST", again, batch)

    assert held.status == 202
    assert refused.status == 422
    assert refused.places == ["Bundle.entry[1].resource.gender"]
    statuses = [each["response"]["status"] for each in answer.json["entry"]]
    assert statuses == ["201", "201"]


async def test_what_is_not_needed_is_dismissed_with_a_reason(careful):
    held = await careful.create(bad("7"))
    said = {
        "resourceType": "Parameters",
        "parameter": [{"name": "reason", "valueString": "sent again by phone"}],
    }

    silent = await careful.request("POST", f"{place(held)}/$dismiss")
    answer = await careful.request("POST", f"{place(held)}/$dismiss", said)

    assert silent.status == 422
    assert answer.status == 200
    assert parameters(answer.json)["reason"]["valueString"] == "sent again by phone"
    assert (await waiting(careful))["total"] == 0
    repeated = await careful.request("POST", f"{place(held)}/$dismiss", said)
    assert repeated.status == 409


async def test_what_was_dismissed_and_comes_again_waits_again(careful):
    held = await careful.create(bad("7"))
    said = {
        "resourceType": "Parameters",
        "parameter": [{"name": "reason", "valueString": "x"}],
    }
    await careful.request("POST", f"{place(held)}/$dismiss", said)

    again = await careful.create(bad("7"))

    assert place(again) == place(held)
    assert (await waiting(careful))["total"] == 1


async def test_the_list_is_newest_first_and_paged_without_gaps(careful):
    places = [place(await careful.create(bad(str(n)))) for n in range(5)]
    seen, query = [], "?_count=2"
    while query:
        page = await waiting(careful, query)
        await careful.create(bad(f"meanwhile {len(seen)}"))
        seen += [urlsplit(each["fullUrl"]).path for each in page["entry"]]
        links = {each["relation"]: each["url"] for each in page["link"]}
        query = f"?{urlsplit(links['next']).query}" if "next" in links else ""

    assert seen == places[::-1]


@pytest.mark.parametrize("query", ["?status=unknown", "?_count=0", "?_count=x"])
async def test_a_list_that_cannot_be_is_refused(careful, query):
    answer = await careful.get(f"/fhir/$quarantine{query}")

    assert answer.status == 400


async def test_every_status_can_be_listed_at_once(careful):
    await careful.create(bad("1"))

    assert (await waiting(careful, "?status=all"))["total"] == 1


async def test_feeds_and_auditors_read_the_quarantine_and_feeds_alone_run(careful):
    held = place(await careful.create(bad("7")))
    nurse, auditor = careful.called(NURSE), careful.called(AUDITOR)

    reads = [
        (await each.get(path)).status
        for each in (careful, auditor, nurse)
        for path in ("/fhir/$quarantine", held)
    ]
    runs = [
        (await each.request("POST", f"{held}/{step}", patient("7"))).status
        for each in (auditor, nurse)
        for step in ("$rerun", "$dismiss")
    ]

    assert reads == [200, 200, 200, 200, 403, 403]
    assert runs == [403] * 4


@pytest.mark.parametrize("who", [NURSE, AUDITOR])
async def test_nobody_fills_the_quarantine_who_may_not_write(careful, who):
    batch = transaction(bad("2"), kind="batch")

    alone = await careful.called(who).create(bad("1"))
    whole = await careful.called(who).push_anything(transaction(bad("2")))
    entry = (await careful.called(who).push(batch)).json["entry"][0]

    assert (alone.status, whole.status) == (403, 403)
    assert entry["response"]["status"] == "403"
    assert (await waiting(careful))["total"] == 0


async def test_what_was_never_set_aside_is_not_found(careful):
    path = "/fhir/$quarantine/00000000-0000-4000-8000-000000000000"

    assert (await careful.get(path)).status == 404
    assert (await careful.request("POST", f"{path}/$rerun")).status == 404


async def test_how_many_wait_is_a_metric(careful):
    await careful.create(bad("7"))
    await waiting(careful)

    said = (await careful.get("/metrics")).body.decode()

    assert "triage_gateway_quarantine_waiting 1.0" in said
    assert "triage_gateway_requests_set_aside_total 1.0" in said


async def test_the_quarantine_survives_a_restart_and_replays_the_same(tmp_path):
    data = tmp_path / "data"
    rules = {"binding": "quarantine"}
    async with gateway_inside(data, dev=True, rules=rules) as one:
        held = await one.create(bad("7"))
        kept = await one.create(bad("8"))
        await one.request("POST", f"{place(kept)}/$rerun", patient("8"))

    async with gateway_inside(data, dev=True, rules=rules) as one:
        listed = await waiting(one)
        shown = await one.get(place(held))

    assert listed["total"] == 1
    assert shown.status == 200
    result = replay(data, progress=lambda _done, _all: None)
    assert result.same, result.findings


async def test_looser_rules_let_what_waits_pass_as_it_came(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data, dev=True, rules={"binding": "quarantine"}) as one:
        held = await one.create(bad("7"))

    async with gateway_inside(data, dev=True, rules={"binding": "tag"}) as one:
        answer = await one.request("POST", f"{place(held)}/$rerun")
        (kept,) = await one.search("Patient")

    assert answer.status == 200
    assert kept["gender"] == "whatever"
    assert [each["code"] for each in kept["meta"]["tag"]] == ["binding"]


@pytest.mark.parametrize(
    ("method", "content", "patient_named"),
    [
        ("PUT", {**bad("1"), "id": "eve"}, "Patient/eve"),
        ("POST", {**bad("1"), "id": "eve"}, ""),
        ("POST", vital("Patient/eve"), "Patient/eve"),
        ("POST", vital("Patient/eve/_history/3"), "Patient/eve"),
        ("POST", vital("Group/eve"), ""),
        ("POST", vital(f"Patient?identifier={MRN}|7"), ""),
        ("POST", vital("http://elsewhere.example/fhir/Patient/eve"), ""),
        ("POST", vital(["Patient/eve"]), ""),
        ("POST", transaction({**bad("1"), "id": "eve"}), "Patient/eve"),
        (
            "POST",
            transaction(vital("Patient/eve"), vital("Patient/eve")),
            "Patient/eve",
        ),
        (
            "POST",
            transaction(vital("Patient/eve"), vital("Patient/adam")),
            "Patient/adam Patient/eve",
        ),
        ("POST", transaction(bad("1")), ""),
        ("POST", {"resourceType": "Bundle", "type": "transaction"}, ""),
        ("POST", {"resourceType": "Bundle", "entry": [1, {"resource": 2}]}, ""),
    ],
)
def test_whoever_reads_it_is_told_to_have_read_of_those_whom_it_names(
    method, content, patient_named
):
    named = whose(method, json.dumps(content).encode())

    assert " ".join(named) == patient_named


def test_an_old_row_of_an_accepted_resource_is_still_read():
    reference = {"type": "Patient", "id": "1", "version": 1}
    old = msgspec.msgpack.encode({"reference": reference, "received": b"{}"})

    for topic in ("record.accepted.v1", "record.corrected.v1"):
        assert EventRegistry(REGISTRY).decode(topic, old).violations == ()


def test_what_was_erased_is_not_told():
    gone = Erased(position=1, version=1, topic="intake.quarantined.v1")

    assert story([]) is None
    assert story([gone]) is None


def test_a_release_whose_request_was_erased_tells_nothing_alone():
    released = QuarantineReleased(
        quarantine_id="x", received=b"", answers=(), at=datetime.now(UTC)
    )
    dismissed = QuarantineDismissed(quarantine_id="x", reason="y", at=released.at)

    assert story([told(released), told(dismissed)]) is None


def told(event):
    return Recorded(
        position=1,
        stream="quarantine/x",
        version=1,
        topic=event.topic,
        at=event.at,
        actor="feed-1",
        request="r",
        event=event,
    )
