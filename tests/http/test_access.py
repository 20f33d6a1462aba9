import pytest

from tests.callers import AUDITOR, FEED, NURSE, SECOND_NURSE, token
from tests.patients import complaint, fresh_record, patient, transaction, visit, vital
from tests.worklist import assessed, open_task, started, step

ROUTES = [
    ("POST", "/fhir", transaction(patient("1"))),
    ("POST", "/fhir/Patient", patient("1")),
    ("PUT", "/fhir/Patient/eve", {**patient("1"), "id": "eve"}),
    ("DELETE", "/fhir/Patient/adam", None),
    ("GET", "/fhir/Patient/cain", None),
    ("GET", "/fhir/Patient/cain/_history", None),
    ("GET", "/fhir/Patient/cain/_history/1", None),
    ("GET", "/fhir/Patient", None),
    ("POST", "/fhir/Patient/_search", None),
]
WRITES = ROUTES[:4]
READS = ROUTES[4:]


def where(route):
    return f"{route[0]} {route[1]}"


@pytest.mark.parametrize("route", ROUTES, ids=where)
async def test_nobody_is_let_in_without_a_token(strangers, route):
    answer = await strangers.request(*route)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.codes == ["login"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {token(FEED)}",
        token(FEED),
        f"Bearer {token(FEED)}x",
        f"Bearer {token(FEED)} {token(FEED)}",
        "Bearer \udcff\udcfe",
        "Bearer é",
    ],
)
async def test_a_wrong_token_lets_nobody_in(strangers, header):
    answer = await strangers.get("/fhir/Patient", Authorization=header)

    assert answer.status == 401
    assert token(FEED) not in answer.said


async def test_the_scheme_is_read_in_any_case(strangers):
    answer = await strangers.get(
        "/fhir/Patient", Authorization=f"bEARER {token(AUDITOR)}"
    )

    assert answer.status == 200


@pytest.mark.parametrize("route", WRITES, ids=where)
@pytest.mark.parametrize("who", [NURSE, AUDITOR])
async def test_only_a_feed_writes(strangers, who, route):
    answer = await strangers.called(who).request(*route)

    assert answer.status == 403
    assert answer.codes == ["forbidden"]
    assert who in answer.said


@pytest.mark.parametrize("route", WRITES, ids=where)
async def test_a_feed_writes(strangers, route):
    answer = await strangers.called(FEED).request(*route)

    assert answer.status in {200, 201, 204}


@pytest.mark.parametrize("route", READS, ids=where)
@pytest.mark.parametrize("who", [FEED, NURSE, AUDITOR])
async def test_every_known_caller_reads(strangers, who, route):
    await strangers.called(FEED).put({**patient("1"), "id": "cain"})

    method, path, _ = route
    answer = await strangers.called(who).request(method, path)

    assert answer.status == 200


async def waiting_task(strangers):
    answer = await strangers.called(FEED).push(visit(fresh_record(), "cough"))
    whom = answer.locations[0].partition("/_history")[0]
    return whom, await open_task(strangers.called(NURSE), whom)


@pytest.mark.parametrize("who", [FEED, AUDITOR])
async def test_only_a_nurse_reviews(strangers, who):
    _, task = await waiting_task(strangers)

    answer = await step(strangers.called(who), task, "accepted")

    assert answer.status == 403


async def test_who_completed_a_task_is_the_authenticated_nurse(strangers):
    nurse = strangers.called(NURSE)
    whom, task = await waiting_task(strangers)
    taken = (await step(nurse, task, "accepted")).json
    assert taken["owner"]["reference"] == f"Practitioner/{NURSE}"

    forged = {**taken, "owner": {"reference": f"Practitioner/{SECOND_NURSE}"}}
    answer = await step(nurse, forged, "in-progress")

    assert answer.status == 422
    assert answer.places == ["Task.owner"]
    begun = (await step(nurse, taken, "in-progress")).json
    await step(nurse, begun, "completed", decision="accepted", acuity=3)
    (impression,) = await nurse.search(f"ClinicalImpression?patient={whom}")
    assert impression["status"] == "completed"
    assert impression["assessor"]["reference"] == f"Practitioner/{NURSE}"
    assert impression["assessor"]["display"] == f"Nurse {NURSE}"


async def test_another_nurse_cannot_work_on_a_task_that_is_held(strangers):
    _, task = await waiting_task(strangers)
    begun = await started(strangers.called(NURSE), task)

    answers = [
        await step(strangers.called(SECOND_NURSE), begun, status)
        for status in ("accepted", "requested", "rejected", "in-progress")
    ]
    answers.append(
        await step(
            strangers.called(SECOND_NURSE),
            begun,
            "completed",
            decision="accepted",
            acuity=3,
        )
    )

    assert [each.status for each in answers] == [409] * 5
    assert "Another nurse" in answers[0].said


async def test_a_nurse_does_not_write_what_an_ehr_writes(strangers):
    task = {"resourceType": "Task", "id": "x", "status": "requested", "intent": "order"}

    answer = await strangers.called(NURSE).put(task)

    assert answer.status == 403


OWNED = ["ClinicalImpression", "RiskAssessment", "Task", "Provenance", "Device"]


@pytest.mark.parametrize("kind", OWNED)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "transaction"])
async def test_a_feed_cannot_touch_what_the_gateway_wrote(strangers, kind, method):
    feed = strangers.called(FEED)
    whom, _ = await waiting_task(strangers)
    (before, *_) = await feed.search(kind)
    path = f"/fhir/{kind}/{before['id']}"

    if method == "transaction":
        answer = await feed.request("POST", "/fhir", transaction(before))
    else:
        body = before if method == "PUT" else None
        answer = await feed.request(method, path, body)

    assert answer.status in {403, 409, 422}, answer.body
    assert (await feed.get(path)).json == before
    assert (await feed.get("/health/ready")).status == 200
    assert await assessed(feed, whom)


@pytest.mark.parametrize(
    "identity", ["{case}-2", "{case}-999999", "{case}-review", "{case}-1-model"]
)
@pytest.mark.parametrize("kind", ["Task", "ClinicalImpression", "Provenance"])
async def test_a_feed_cannot_write_where_the_gateway_will_write(
    strangers, kind, identity
):
    feed = strangers.called(FEED)
    _, task = await waiting_task(strangers)
    case = task["groupIdentifier"]["value"]
    content = {
        **(await feed.search(kind))[0],
        "id": identity.format(case=case),
    }

    answer = await feed.put(content)

    assert answer.status in {403, 409, 422}, answer.body
    assert (await feed.get("/health/ready")).status == 200


async def test_a_feed_s_own_tasks_and_impressions_are_its_own(strangers):
    feed = strangers.called(FEED)
    await feed.put({**patient("1"), "id": "eve"})
    own = {
        "resourceType": "ClinicalImpression",
        "id": "11111111-2222-4333-8444-555555555555",
        "status": "completed",
        "subject": {"reference": "Patient/eve"},
    }

    assert (await feed.put(own)).status == 201
    assert (await feed.put({**own, "summary": "Well."})).status == 200
    assert (await feed.delete(f"ClinicalImpression/{own['id']}")).status == 204


async def test_feeds_may_send_vitals_and_words(strangers):
    feed = strangers.called(FEED)
    await feed.put({**patient("1"), "id": "eve"})

    answers = [
        await feed.create(vital("Patient/eve")),
        await feed.create(complaint("Patient/eve", "cough")),
    ]

    assert [each.status for each in answers] == [201, 201]
