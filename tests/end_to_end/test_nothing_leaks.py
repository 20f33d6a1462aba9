"""Patient data reach no log line, metric, error, link of ours or readable file.

Every route is driven with marked values in every place where a value can stand; then
everything that the process wrote is searched for the marks.
"""

import asyncio
import json
import re
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from gateway.http.routes import routes
from tests.callers import AUDITOR, FEED, FHIR_JSON, NURSE, Caller, caller_session, token
from tests.gateway_process import GatewayProcess
from tests.patients import MRN, complaint, transaction, urn, vital
from tests.worklist import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "Quetzalcoatlus"
RECORD = "MRN-900-77-3141"
WORDS = "vermilion porcupine behind the sternum"
MEDICINE = "zanthoxylum-forte"
ADDRESS = "Moongate-Lane-4711"
CHOSEN = "chosen-id-okapi-17"
OTHER = "chosen-id-tapir-18"
SENT = "header-value-axolotl"
SECRET = "bearer-token-narwhal"
KEY = "idempotency-key-ocelot"
WRONG = "wrong-value-capybara"
MARKS = (
    NAME,
    RECORD,
    WORDS,
    "porcupine",
    MEDICINE,
    ADDRESS,
    CHOSEN,
    OTHER,
    SENT,
    SECRET,
    KEY,
    WRONG,
    token(FEED),
    token(NURSE),
)
IDS = (CHOSEN, OTHER)
FORM = "application/x-www-form-urlencoded"
WHO = {
    "resourceType": "Patient",
    "id": CHOSEN,
    "identifier": [{"system": MRN, "value": RECORD}],
    "name": [{"family": NAME}],
    "address": [{"line": [ADDRESS]}],
    "gender": "female",
    "birthDate": "1980-03-04",
}
QUERIES = (
    "",
    f"identifier={MRN}|{RECORD}",
    f"name={NAME}&_count={WRONG}",
    f"identifier:exact={RECORD}&name:{WRONG}={NAME}",
    f"_sort={WRONG}&_include={NAME}&_format={WRONG}",
    f"patient=Patient/{CHOSEN}&date={WRONG}&code={WORDS}",
    f"_page={WRONG}&_since={WRONG}&_at={WRONG}&_elements={NAME}&_summary={WRONG}",
    f"patient.name={NAME}&_has:Observation:patient:code={WORDS}&_filter=name eq {NAME}",
    f"mode={WRONG}&profile=http://{WRONG}&start={WRONG}&_type={WRONG}&status={WRONG}",
)
HEADERS = (
    {},
    {"If_Match": SENT, "If_None_Match": SENT, "If_Modified_Since": SENT},
    {"If_None_Exist": f"identifier={MRN}|{RECORD}&name={NAME}", "Prefer": SENT},
    {"If_None_Exist": f"identifier={RECORD}", "Idempotency_Key": KEY},
    {"X_Request_Id": SENT, "User_Agent": SENT, "Referer": SENT, "Cookie": SENT},
    {"Accept": f"application/{SENT}", "X_Forwarded_For": SENT, "X_Provenance": SENT},
    {"Content_Type": f"application/{SENT}"},
    {"Content_Type": f"{FHIR_JSON}; charset={SENT}"},
    {"Content_Encoding": SENT},
    {"Prefer": "respond-async, handling=lenient"},
    {"Authorization": f"Bearer {SECRET}"},
    {"Authorization": f"Basic {SECRET}"},
)


def bodies():
    """Give bodies that are good, broken, of wrong types and of wrong rules."""
    good = json.dumps(WHO)
    wrong = [
        {**WHO, "gender": WRONG},
        {**WHO, "birthDate": WRONG, "deceasedBoolean": WORDS},
        {**WHO, "name": NAME},
        {**WHO, "active": WORDS, "multipleBirthInteger": NAME},
        {
            **WHO,
            "identifier": [{"system": RECORD, "value": ["x", RECORD], "use": NAME}],
        },
        {**WHO, "id": f"{WRONG} {RECORD}"},
        {**WHO, "resourceType": WRONG},
        {**WHO, "managingOrganization": {"reference": f"Patient/{CHOSEN}"}},
        {**WHO, "generalPractitioner": [{"reference": f"http://{WRONG}/{NAME}"}]},
        {**WHO, "text": {"status": "generated", "div": f"<script>{WORDS}</script>"}},
        {**WHO, "contained": [{"resourceType": WRONG, "id": NAME}]},
        {**WHO, "photo": [{"data": WORDS, "url": NAME}]},
        {**WHO, "extension": [{"url": NAME, "valueDecimal": WORDS}]},
        {**WHO, "meta": {"versionId": WRONG, "lastUpdated": NAME, "profile": [WORDS]}},
        {**vital(f"Patient/{CHOSEN}"), "valueString": WORDS},
        {**vital(f"Patient/{CHOSEN}"), "status": WRONG},
        {**vital(f"Patient/{CHOSEN}"), "code": {"text": WORDS}, "valueTime": WORDS},
        {**vital(urn(7)), "note": [{"text": WORDS}]},
        {**vital(f"Patient?name={NAME}")},
        {**vital(f"Patient?identifier={RECORD}")},
        {**complaint(f"Patient/{OTHER}", WORDS), "effectiveDateTime": NAME},
        [WHO],
        NAME,
    ]
    yield good.encode()
    yield from (json.dumps(each).encode() for each in wrong)
    for bundle in ("transaction", "batch", "history", WRONG):
        entries = [each for each in wrong if isinstance(each, dict)]
        whole = transaction(*entries, kind=bundle)
        yield json.dumps(
            {**whole, "identifier": {"system": MRN, "value": RECORD}}
        ).encode()
    for method, url in (
        ("GET", f"Patient?name={NAME}"),
        ("GET", f"Patient/{OTHER}"),
        ("DELETE", f"Patient?identifier={RECORD}"),
        ("PATCH", f"Patient/{CHOSEN}"),
        (WRONG, f"{NAME}/{RECORD}?{WRONG}"),
    ):
        entry = {"request": {"method": method, "url": url, "ifMatch": SENT}}
        whole = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
        yield json.dumps(whole).encode()
    yield good[:-9].encode()
    yield good.replace('"gender"', '"gender": "male", "gender"').encode()
    yield good.replace("1980", "19\\u000080").encode()
    yield good.replace(NAME, f"{NAME}\x01").encode()
    yield good.encode("utf-16")
    yield f"{NAME} {RECORD}".encode()
    yield f'{{"{NAME}": nan}}'.encode()
    yield f"<Patient><id value='{CHOSEN}'/>{WORDS}</Patient>".encode()
    yield json.dumps({"resourceType": "Parameters", "parameter": [WHO]}).encode()
    parameter = {"name": "resource", "resource": {**WHO, "gender": WRONG}}
    yield json.dumps({"resourceType": "Parameters", "parameter": [parameter]}).encode()
    operation = {"op": WRONG, "path": f"/{NAME}", "value": WORDS, "from": f"/{WORDS}"}
    yield json.dumps([operation]).encode()
    yield json.dumps([{"op": "replace", "path": "/gender", "value": WRONG}]).encode()
    yield json.dumps(
        [{"op": "test", "path": "/name/0/family", "value": WRONG}]
    ).encode()


PROVEN = (
    "grant_type=client_credentials&client_assertion={}&client_assertion_type="
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)
FORMS = (
    f"identifier={MRN}|{RECORD}",
    f"name={NAME}&_sort={WRONG}",
    f"birthdate={WRONG}&{WRONG}={NAME}",
    f"grant_type={WRONG}&client_assertion={SECRET}&scope={WRONG}",
    PROVEN.format(SECRET),
    PROVEN.format(f"{SECRET}.{SECRET}.{SECRET}"),
    f"{NAME}",
    f"name=%ff{NAME}&%zz={RECORD}",
)
REASON = {"name": "reason", "valueString": WORDS}
SETTLING = (
    ("GET", "", None),
    ("POST", "/$rerun", None),
    ("POST", "/$rerun", {**WHO, "gender": WRONG}),
    ("POST", "/$dismiss", {"resourceType": "Parameters", "parameter": WORDS}),
    ("POST", "/$dismiss", {"resourceType": "Parameters", "parameter": [REASON]}),
    ("POST", "/$rerun", WHO),
)
KINDS = ("Patient", "Task", "AuditEvent")
AT_ONCE = 16
BROKEN = (
    f"GET /fhir/Patient?name={NAME} {SENT}\r\nHost: x\r\n\r\n",
    f"{WRONG} /fhir/Patient/{CHOSEN} HTTP/1.1\r\nHost: x\r\n\r\n",
    f"GET /fhir/Patient/{CHOSEN} HTTP/1.1\r\n{NAME} {WORDS}\r\n\r\n",
    f"GET /fhir/Patient/{CHOSEN} HTTP/1.1\r\nContent-Length: {WRONG}\r\n\r\n",
    f"POST /fhir HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {SENT}\r\n\r\n{NAME}",
    f"GET /{NAME * 1000} HTTP/1.1\r\nHost: x\r\n\r\n",
    f"{NAME}\r\n\r\n",
    f"\x16\x03\x01{NAME}",
)


def route_names():
    return sorted(
        {
            (route.method, re.sub(r"\{(\w+):[^/]*\}", r"{\1}", str(route.path)))
            for route in routes()
        }
    )


def addresses(pattern):
    """Give the addresses of a route, every placeholder filled."""
    kinds = KINDS if "{type}" in pattern else KINDS[:1]
    versions = ("1", WRONG) if "{version}" in pattern else ("1",)
    for kind in kinds:
        for version in versions:
            path = pattern.replace("{type}", kind).replace("{version}", version)
            yield re.sub(r"\{\w+\}", CHOSEN, path)


@dataclass
class Seen:
    """What the gateway said, and where it wrote."""

    process: GatewayProcess
    answers: list = field(default_factory=list)
    driven: dict = field(default_factory=dict)
    broken: list = field(default_factory=list)
    quarantined: int = 0


def requests_of(method, path, callers):
    """Give a route's requests, each with marks in other places."""
    feed, stranger, nurse, auditor = callers
    reader = auditor if "AuditEvent" in path else feed
    yield from ((reader, f"{path}?{query}", None, {}) for query in QUERIES)
    yield from (
        (caller, f"{path}?name={NAME}", None, {})
        for caller in (stranger, nurse, auditor)
    )
    some = json.dumps(WHO).encode() if method in ("POST", "PUT", "PATCH") else None
    if "Patient" in path or "{type}" not in path:
        yield from ((reader, path, some, headers) for headers in HEADERS)
    if some is not None and "AuditEvent" not in path:
        yield from ((feed, path, *each) for each in sent_to(path))


def sent_to(path):
    """Give bodies that an address may get, with their headers."""
    if path.endswith(("_search", "/token")):
        yield from ((form.encode(), {"Content_Type": FORM}) for form in FORMS)
        return
    yield from ((body, {}) for body in bodies())
    for kind in ("application/json-patch+json", "application/fhir+xml", "text/plain"):
        yield json.dumps(WHO).encode(), {"Content_Type": kind}


async def drive(seen, name, path, callers):
    """Send a route's requests, some at once."""
    method, _ = name
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(caller, where, body, headers):
        async with places:
            answer = await caller.request(method, where, body, **headers)
        seen.answers.append((method, where, answer))

    asked = list(requests_of(method, path, callers))
    await asyncio.gather(*(ask(*each) for each in asked))
    seen.driven[name] = seen.driven.get(name, 0) + len(asked)


async def settle_quarantined(seen, feed):
    """Look at what was set aside, try it again, and dismiss it."""
    listed = await feed.get("/fhir/$quarantine?_count=100")
    found = set(re.findall(r"quarantine/([0-9a-f-]{36})", listed.body.decode()))
    for each in sorted(found)[:5]:
        for method, step, body in SETTLING:
            where = f"/fhir/$quarantine/{each}{step}"
            answer = await feed.request(method, where, body)
            seen.answers.append((method, where, answer))
    seen.quarantined = len(found)


async def send_broken(seen):
    """Send what is no request, as a stranger may."""
    host, _, port = seen.process.base.rpartition("//")[2].rpartition(":")
    for sent in BROKEN:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent.encode("latin-1"))
        writer.write_eof()
        async with asyncio.timeout(60):
            seen.broken.append(await reader.read())
        writer.close()
        await writer.wait_closed()


async def lived_through(feed, nurse):
    """Let a patient be triaged, so that workers have something to speak of."""
    await feed.put(WHO)
    await feed.put({**complaint(f"Patient/{CHOSEN}", WORDS), "id": OTHER})
    await feed.put(
        {
            "resourceType": "MedicationStatement",
            "id": OTHER,
            "status": "active",
            "medicationCodeableConcept": {"text": MEDICINE},
            "subject": {"reference": f"Patient/{CHOSEN}"},
        }
    )

    async def look():
        return await nurse.search(f"Task?patient=Patient/{CHOSEN}")

    await until(look)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory):
    """A gateway on which every route was driven, still running."""
    process = GatewayProcess(
        tmp_path_factory.mktemp("leaks"),
        log_format="json",
        rules={"value": "quarantine"},
    ).start()
    seen = Seen(process)
    try:
        async with caller_session() as session:
            stranger = Caller(session, process.base)
            feed, nurse = stranger.called(FEED), stranger.called(NURSE)
            callers = feed, stranger, nurse, stranger.called(AUDITOR)
            await lived_through(feed, nurse)
            deletes_last = sorted(route_names(), key=lambda name: name[0] == "DELETE")
            for name in deletes_last:
                for path in addresses(name[1]):
                    await drive(seen, name, path, callers)
            await settle_quarantined(seen, feed)
            await send_broken(seen)
            seen.answers.append(("GET", "/metrics", await stranger.get("/metrics")))
        yield seen
    finally:
        process.stop()


def held(text, marks=MARKS):
    return [mark for mark in marks if mark in text]


async def test_every_route_was_driven(seen):
    assert sorted(seen.driven) == route_names()


async def test_something_was_set_aside(seen):
    assert seen.quarantined


async def test_nothing_failed_by_a_fault_of_ours(seen):
    failed = [
        (method, path, answer.body)
        for method, path, answer in seen.answers
        if answer.status >= 500
    ]

    assert failed == []


async def test_no_line_that_the_process_wrote_holds_a_mark(seen):
    lines = seen.process.output.splitlines()

    assert any('"http.answered"' in line for line in lines)
    assert [line for line in lines if held(line)] == []


async def test_no_metric_holds_a_mark(seen):
    (metrics,) = [a for m, p, a in seen.answers[-1:] if p == "/metrics"]

    assert metrics.status == 200
    assert held(metrics.body.decode()) == []


async def test_no_error_holds_a_mark_but_the_name_of_a_parameter(seen):
    told = [
        (method, path, held(text))
        for method, path, answer in seen.answers
        if answer.status >= 400 or b'"OperationOutcome"' in answer.body[:60]
        for text in [without_names(answer.body.decode(), path)]
        if held(text)
    ]

    assert told == []


def without_names(text, path):
    """Take the names of the caller's own parameters out of what an error says."""
    _, _, query = path.partition("?")
    names = [each.partition("=")[0] for each in query.split("&")]
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "")
    return text


async def test_no_broken_request_is_quoted(seen):
    assert [
        held(each.decode("latin-1")) for each in seen.broken if held(str(each))
    ] == []
    assert len(seen.broken) == len(BROKEN)


async def test_no_header_of_ours_holds_a_mark_but_the_id_it_locates(seen):
    told = [
        (method, path, name, value)
        for method, path, answer in seen.answers
        for name, value in answer.headers.items()
        if held(value, [m for m in MARKS if m not in IDS])
        or (name not in ("Location", "Content-Location") and held(value))
    ]

    assert told == []


async def test_the_links_of_a_posted_search_hold_no_parameters(seen):
    links = [
        link["url"]
        for method, path, answer in seen.answers
        if method == "POST" and "_search" in path and answer.status == 200
        for link in answer.json["link"]
        if "?" not in path or path.endswith("?")
    ]

    assert links
    assert [each for each in links if held(each)] == []


async def test_no_file_of_the_data_folder_holds_a_mark(seen):
    files = [each for each in seen.process.data.rglob("*") if each.is_file()]

    assert {each.name for each in files} >= {"log.sqlite", "projections.sqlite"}
    found = {
        (file.name, mark)
        for file in files
        for mark in MARKS
        if mark.encode() in file.read_bytes()
    }
    assert found == set()
