import json

import pytest

from tests.callers import AUDITOR, FEED, NURSE
from tests.gateway_inside import gateway_inside
from tests.patients import MRN, complaint, patient, transaction, urn, vital

TYPE = "http://hl7.org/fhir/StructureDefinition"


def asked(resource=None, **said):
    """Return the operation's parameters."""
    listed = [{"name": "resource", "resource": resource}] if resource else []
    listed += [
        {"name": name, "valueUri" if name == "profile" else "valueCode": value}
        for name, value in said.items()
    ]
    return {"resourceType": "Parameters", "parameter": listed}


async def validated(caller, path, body=None):
    answer = await caller.request("POST", f"/fhir/{path}", body)
    assert answer.status == 200, answer.body
    return answer


def errors(answer):
    return [each for each in answer.json["issue"] if each["severity"] == "error"]


async def test_what_is_right_is_said_to_be_right_and_not_kept(caller):
    answer = await validated(caller, "Patient/$validate", patient())

    assert [each["severity"] for each in answer.json["issue"]] == ["information"]
    assert await caller.search("Patient") == []


async def test_everything_that_is_wrong_is_listed_with_its_place(caller):
    sent = json.dumps({**patient(), "gender": "x", "active": "yes"}, indent=1)

    answer = await validated(caller, "Patient/$validate", sent.encode())

    assert set(answer.places) == {"Patient.gender", "Patient.active"}
    assert "line 9" in answer.said


async def test_warnings_are_listed_too(caller):
    sent = patient(name=[{"text": " Eve"}])

    answer = await validated(caller, "Patient/$validate", sent)

    assert [each["severity"] for each in answer.json["issue"]] == ["warning"]


async def test_a_body_that_is_no_json_is_listed_like_any_fault(caller):
    answer = await validated(caller, "Patient/$validate", b'{"a": 1, "a": 2}')

    assert answer.json["issue"][0]["details"]["text"] == "lexical.duplicate-key"


async def test_the_operation_s_parameters_may_hold_the_resource(caller):
    sent = json.dumps(asked({**patient(), "gender": "x"}), indent=1)

    answer = await validated(caller, "Patient/$validate", sent.encode())

    assert answer.places == ["Patient.gender"]
    assert "line 14" in answer.said


async def test_parameters_can_themselves_be_validated(caller):
    sent = {"resourceType": "Parameters", "parameter": [{"name": "mode"}, {}]}

    answer = await validated(caller, "Parameters/$validate", sent)

    assert answer.places == ["Parameters.parameter[1]"]


async def test_a_resource_of_another_type_than_the_address_is_an_issue(caller):
    answer = await validated(caller, "Observation/$validate", patient())

    assert answer.places == ["resourceType"]


async def test_a_bundle_is_validated_with_what_its_entries_ask_for(caller):
    bundle = transaction(patient("1"), vital(urn(7)))
    bundle["entry"][0]["request"]["url"] = "Observation"

    answer = await validated(caller, "Bundle/$validate", bundle)

    named = {each["details"]["text"] for each in answer.json["issue"]}
    assert {"bundle.url-type", "bundle.reference"} <= named


async def test_a_batch_lists_what_is_wrong_with_each_entry(caller):
    bundle = transaction(patient("1", gender="x"), patient("2"), kind="batch")

    answer = await validated(caller, "Bundle/$validate", bundle)

    assert answer.places == ["Bundle.entry[0].resource.gender"]


async def test_a_collection_needs_no_requests(caller):
    bundle = {"resourceType": "Bundle", "type": "collection"}

    answer = await validated(caller, "Bundle/$validate", bundle)

    assert errors(answer) == []


async def test_what_stands_at_an_address_is_validated(caller):
    known = (await caller.create(patient())).json

    posted = await validated(caller, f"Patient/{known['id']}/$validate")
    read = await caller.get(f"/fhir/Patient/{known['id']}/$validate")

    assert errors(posted) == errors(read) == []
    assert (await caller.get("/fhir/Patient/nobody/$validate")).status == 404


async def test_a_create_that_would_succeed_is_said_to_and_not_done(caller):
    answer = await validated(caller, "Patient/$validate?mode=create", patient("1"))

    assert errors(answer) == []
    assert await caller.search("Patient") == []
    assert (await caller.get("/health/ready")).status == 200


async def test_a_create_that_would_be_refused_is_said_to(caller):
    lost = complaint("Patient/nobody?identifier=x", "chest pain")
    sent = {**lost, "subject": {"reference": f"Patient?identifier={MRN}|nobody"}}

    answer = await validated(caller, "Observation/$validate?mode=create", sent)

    assert errors(answer)
    assert "matches nothing" in answer.said
    assert not any(each.startswith("Bundle") for each in answer.places)


async def test_an_ambiguous_condition_of_a_create_is_said(caller):
    for _ in range(2):
        await caller.create(patient("79"))

    answer = await caller.request(
        "POST",
        "/fhir/Patient/$validate",
        asked(patient("79"), mode="create"),
        If_None_Exist=f"identifier={MRN}|79",
    )

    assert answer.codes == ["multiple-matches"]


async def test_an_update_must_name_the_resource_that_it_updates(caller):
    known = (await caller.create(patient())).json
    path = f"Patient/{known['id']}/$validate?mode=update"

    right = await validated(caller, path, {**patient(), "id": known["id"]})
    wrong = await validated(caller, path, {**patient(), "id": "another"})

    assert errors(right) == []
    assert wrong.places == ["Patient.id"]


async def test_an_update_of_a_version_that_has_moved_is_said(caller):
    known = (await caller.create(patient())).json
    path = f"/fhir/Patient/{known['id']}/$validate?mode=update"

    answer = await caller.request(
        "POST", path, {**patient(), "id": known["id"]}, If_Match='W/"7"'
    )

    assert answer.status == 200
    assert answer.codes == ["conflict"]


async def test_a_delete_is_rehearsed_whatever_the_content(caller):
    known = (await caller.create(patient())).json
    path = f"Patient/{known['id']}"

    answer = await validated(caller, f"{path}/$validate", asked(mode="delete"))

    assert errors(answer) == []
    assert (await caller.get(f"/fhir/{path}")).status == 200
    gone = await caller.request("POST", "/fhir/Patient/x/$validate?mode=delete")
    assert gone.status == 404


async def test_the_gateway_s_own_resources_would_not_be_updated(strangers):
    feed = strangers.called(FEED)
    await feed.put({**patient("1"), "id": "eve"})
    await feed.push(transaction(complaint("Patient/eve", "chest pain")))
    tasks = []
    while not tasks:
        tasks = await feed.search("Task")
    task = tasks[0]

    answer = await validated(feed, f"Task/{task['id']}/$validate?mode=update", task)

    assert "The gateway issued this resource" in answer.said


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Patient/$validate?mode=update", patient()),
        ("Patient/$validate?mode=delete", patient()),
        ("Patient/$validate?mode=guess", patient()),
        ("Patient/$validate?mode=profile", patient()),
        ("Patient/$validate", None),
        ("Patient/$validate", asked(mode="create")),
        ("Patient/eve/$validate?mode=update", None),
        ("Patient/$validate", asked(patient(), colour="red")),
        ("Patient/$validate", {"resourceType": "Parameters", "parameter": [1]}),
    ],
)
async def test_an_operation_that_makes_no_sense_is_refused(caller, path, body):
    answer = await caller.request("POST", f"/fhir/{path}", body)

    assert answer.status == 400
    assert answer.codes == ["invalid"]


async def test_a_resource_is_validated_against_the_definition_of_its_type(caller):
    path = f"Patient/$validate?profile={TYPE}/Patient|4.0.1"

    assert errors(await validated(caller, path, patient())) == []


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("http://example.org/StructureDefinition/ours", "Known are"),
        (f"{TYPE}/Nothing", "Known are"),
        (f"{TYPE}/Observation", "one of Observation"),
    ],
)
async def test_a_profile_that_cannot_be_checked_is_an_error(caller, profile, said):
    answer = await validated(
        caller, "Patient/$validate", asked(patient(), profile=profile)
    )

    assert errors(answer)
    assert said in answer.said


async def test_the_site_s_rules_count_where_it_is_asked_what_would_happen(tmp_path):
    rules = {"binding": "tag", "value": "quarantine"}
    bad, worse = patient(gender="x"), patient(birthDate="yesterday")
    async with gateway_inside(tmp_path / "data", dev=True, rules=rules) as one:
        plain = await validated(one, "Patient/$validate", bad)
        tagged = await validated(one, "Patient/$validate?mode=create", bad)
        aside = await validated(one, "Patient/$validate?mode=create", worse)

    assert [each["severity"] for each in plain.json["issue"]] == ["error"]
    assert [each["severity"] for each in tagged.json["issue"]] == ["warning"]
    assert [each["severity"] for each in aside.json["issue"]] == ["error"]


async def test_only_who_may_do_it_learns_whether_it_could_be_done(strangers):
    for who in (NURSE, AUDITOR):
        caller = strangers.called(who)
        path = "/fhir/Patient/$validate"
        plain = await caller.request("POST", path, patient())
        create = await caller.request("POST", f"{path}?mode=create", patient())

        assert (plain.status, create.status) == (200, 403)


async def test_a_stranger_validates_nothing(strangers):
    answer = await strangers.request("POST", "/fhir/Patient/$validate", patient())

    assert answer.status == 401
