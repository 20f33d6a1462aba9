import gzip
import json
import string
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_profiles.structure import check
from tests.gateway_inside import gateway_inside
from tests.patients import fresh_record, patient, transaction, visit

FLAWS = Path(__file__).resolve().parents[1] / "assets" / "fhir"
MIB = 1024 * 1024
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(tmp_path_factory):
    """One gateway for all of it: what a bad request leaves behind meets the next."""
    async with gateway_inside(tmp_path_factory.mktemp("bad"), dev=True) as one:
        yield one


CLIENTS = range(400, 500)


def refusal(answer):
    """Return the status of what is no success: an outcome that says what to do."""
    assert answer.status >= 400, (answer.status, answer.body)
    outcome = answer.json
    assert outcome["resourceType"] == "OperationOutcome"
    assert [each for each in check(outcome) if each.severity == "error"] == []
    assert all(each["diagnostics"] for each in outcome["issue"])
    return answer.status


BODIES = {
    "empty": b"",
    "space": b"  \n ",
    "cut off": b'{"resourceType":"Patient","name":[{"fam',
    "not JSON": b"resourceType=Patient",
    "XML": b'<Patient xmlns="http://hl7.org/fhir"/>',
    "not UTF-8": b'{"resourceType":"Patient","language":"\xff\xfe"}',
    "UTF-16": '{"resourceType":"Patient"}'.encode("utf-16"),
    "latin-1": '{"resourceType":"Patient","name":[{"family":"Müller"}]}'.encode(
        "latin-1"
    ),
    "array": b"[]",
    "text": b'"Patient"',
    "number": b"7",
    "null": b"null",
    "NaN": b'{"resourceType":"Patient","active":NaN}',
    "twice": b'{"resourceType":"Patient","active":true,"active":false}',
    "trailing": b'{"resourceType":"Patient"} {}',
    "comment": b'{"resourceType":"Patient"} // done',
    "NUL": b'{"resourceType":"Patient","language":"\\u0000"}',
    "half a pair": b'{"resourceType":"Patient","language":"\\ud800"}',
    "deep array": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep extension": b'{"resourceType":"Patient","extension":[' * 5000,
    "huge number": b'{"resourceType":"Patient","multipleBirthInteger":'
    + b"9" * 100_000
    + b"}",
    "huge exponent": b'{"resourceType":"Patient","multipleBirthInteger":1e999999}',
    "no type": b"{}",
    "type of a number": b'{"resourceType":7}',
    "type of a list": b'{"resourceType":["Patient"]}',
    "type unknown": b'{"resourceType":"Patience"}',
    "type of nothing": b'{"resourceType":null}',
    "element unknown": b'{"resourceType":"Patient","mood":"good"}',
    "element wrong": b'{"resourceType":"Patient","name":"Eve"}',
    "many faults": b'{"resourceType":"Patient",'
    + b",".join(b'"x%d":1' % n for n in range(5000))
    + b"}",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/fhir"),
        ("POST", "/fhir/Patient"),
        ("PUT", "/fhir/Patient/eve"),
    ],
)
async def test_a_bad_body_is_refused_with_an_outcome(caller, method, path, name):
    answer = await caller.request(method, path, BODIES[name])

    assert refusal(answer) in CLIENTS


@pytest.mark.parametrize(
    "flaw", sorted(FLAWS.glob("*.json")), ids=lambda each: each.stem
)
async def test_every_named_flaw_is_answered_and_breaks_nothing(caller, flaw):
    body = flaw.read_bytes()

    answers = [
        await caller.request("POST", path, body)
        for path in ("/fhir", "/fhir/Patient", "/fhir/Observation")
    ]

    for answer in answers:
        assert answer.status in {200, 201} or refusal(answer) in CLIENTS
    assert (await caller.get("/health/ready")).status == 200


async def test_a_body_beyond_the_limit_is_refused(tmp_path):
    async with gateway_inside(tmp_path, dev=True, body_limit_mib=1) as caller:
        answer = await caller.request("POST", "/fhir", b" " * (MIB + 1))

        assert refusal(answer) == 413
        assert (await caller.create(patient(fresh_record()))).status == 201


@pytest.mark.parametrize(
    "kind",
    [
        "application/fhir+xml",
        "application/xml",
        "text/plain",
        "text/html",
        "multipart/form-data; boundary=x",
        "image/png",
    ],
)
async def test_another_form_than_json_is_refused(caller, kind):
    answer = await caller.request("POST", "/fhir/Patient", b"x", Content_Type=kind)

    assert refusal(answer) == 415


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/fhir+json; charset=utf-8; fhirVersion=4.0"],
)
async def test_json_by_its_other_names_is_read(caller, kind):
    answer = await caller.create(patient(fresh_record()), Content_Type=kind)

    assert answer.status == 201


@pytest.mark.parametrize(
    "kind", ["/", ";;;", "a/b/c", "\u00e9/\u00e9", "json;=", "x" * 500]
)
async def test_a_garbled_content_type_is_answered(caller, kind):
    answer = await caller.create(patient(fresh_record()), Content_Type=kind)

    assert answer.status == 201 or refusal(answer) in CLIENTS


@pytest.mark.parametrize("accept", ["application/fhir+xml", "text/turtle", "image/*"])
async def test_an_answer_in_another_form_than_json_is_refused(caller, accept):
    answer = await caller.get("/fhir/Patient", Accept=accept)

    assert refusal(answer) == 406


async def test_the_form_of_an_answer_may_stand_in_the_url(caller):
    json_asked = await caller.get("/fhir/Patient?_format=json", Accept="text/html")
    xml_asked = await caller.get("/fhir/Patient?_format=xml")

    assert json_asked.status == 200
    assert refusal(xml_asked) == 406


async def test_a_body_that_is_not_as_compressed_as_it_says_is_refused(caller):
    answer = await caller.request(
        "POST", "/fhir/Patient", b"not gzip at all", Content_Encoding="gzip"
    )

    assert answer.status in CLIENTS


async def test_a_compressed_body_is_read(caller):
    body = gzip.compress(json.dumps(patient(fresh_record())).encode())

    answer = await caller.request(
        "POST", "/fhir/Patient", body, Content_Encoding="gzip"
    )

    assert answer.status == 201


async def test_a_compressed_body_that_is_a_bomb_is_refused(tmp_path):
    bomb = gzip.compress(b" " * (64 * MIB))
    async with gateway_inside(tmp_path, dev=True, body_limit_mib=1) as caller:
        answer = await caller.request("POST", "/fhir", bomb, Content_Encoding="gzip")

        assert answer.status in CLIENTS


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/fhir", "/fhir/Patient", "/fhir/metadata"])
async def test_a_method_that_an_address_does_not_take_is_refused(caller, method, path):
    answer = await caller.request(method, path, b"")

    assert refusal(answer) == 405
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/fhir/",
        "/fhir/Nothing",
        "/fhir/patient",
        "/fhir/Patient/",
        "/fhir/Patient//",
        "/fhir/Patient/a/b",
        "/fhir/Patient/" + "a" * 65,
        "/fhir/Patient/a%2Fb",
        "/fhir/Patient/a_b",
        "/fhir/Patient/%00",
        "/fhir/Patient/%ff",
        "/fhir/Patient/..%2f..%2fetc%2fpasswd",
        "/fhir/Patient/' OR 1=1",
        "/fhir/Patient/%F0%9F%98%80",
        "/fhir/Patient/x/_history/",
        "/fhir/Patient/x/_history/1/2",
        "/fhir/$everything",
        "/fhir//Patient",
        "//fhir/Patient",
        "/FHIR/Patient/1",
        "/fhir/Patient;x=1/2",
    ],
)
async def test_an_address_that_is_none_is_not_found(caller, path):
    answer = await caller.get(path)

    assert refusal(answer) in {400, 404, 405}


SEARCHES = [
    "Patient?" + "&".join("gender=male" for _ in range(501)),
    "Patient?identifier=" + ",".join(map(str, range(1500))),
    "Patient?_id=" + ",".join(map(str, range(1500))),
    "Patient?identifier=%ff%fe",
    "Patient?identifier=%00",
    "Patient?identifier=" + quote("'; DROP TABLE latest; --"),
    "Patient?identifier=%ED%A0%80",
    "Observation?date=9999-12-31",
    "Observation?date=0001-01-01",
    "Observation?date=0000",
    "Observation?date=9999",
    "Observation?date=2026-01-01T00:00:00%2B99:99",
    "Observation?date=2026-W01-1",
    "Observation?date=",
    "Observation?date=ge",
    "Patient?_count=99999999999999999999999999",
    "Patient?_count=%D9%A3",
    "Patient?_sort=" + ",".join(["_id"] * 2000),
    "Patient?_sort=-",
    "Patient?_sort=--_id",
    "Patient?_count=1&_count=2",
    "Patient?:missing=true",
    "Patient?gender:=x",
    "Patient?&&&",
    "Patient?" + "a" * 5000,
    "Observation?patient:Patient/x=1",
    "Observation?patient:%C3%89=1",
    "Device?type=a|b|c|d",
]


@pytest.mark.parametrize("query", SEARCHES, ids=lambda each: each[:60])
async def test_a_weird_search_is_answered(caller, query):
    answer = await caller.get(f"/fhir/{query}")

    assert answer.status == 200 or refusal(answer) in CLIENTS


@pytest.mark.parametrize(
    "form",
    [
        "&".join(["gender=male"] * 5000),
        "identifier=" + ",".join(map(str, range(100_000))),
        "_id=" + ",".join(map(str, range(100_000))),
        "_sort=" + ",".join(["_id"] * 100_000),
        "gender:not=" + ",".join(map(str, range(100_000))),
        "identifier=%ff",
        "%",
        "=",
    ],
    ids=lambda each: each[:30],
)
async def test_a_huge_posted_search_is_answered(caller, form):
    answer = await caller.request(
        "POST",
        "/fhir/Patient/_search",
        form.encode(),
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.status == 200 or refusal(answer) in CLIENTS


@pytest.mark.parametrize("charset", ["utf-16", "nonsense", "ascii", "", "idna"])
async def test_a_posted_search_in_a_strange_charset_is_answered(caller, charset):
    answer = await caller.request(
        "POST",
        "/fhir/Patient/_search",
        b"identifier=\xff\xfe\xe9",
        Content_Type=f"application/x-www-form-urlencoded; charset={charset}",
    )

    assert answer.status == 200 or refusal(answer) in CLIENTS


HEADERS = [
    {"If_Match": 'W/"' + "9" * 5000 + '"'},
    {"If_Match": "\udcff"},
    {"If_None_Match": "\udcff"},
    {"Idempotency_Key": "\udcff\udcfe"},
    {"Idempotency_Key": "k" * 5000},
    {"Idempotency_Key": " "},
    {"If_None_Exist": "identifier=\udcff|1"},
    {"If_None_Exist": "identifier=%ff|%00"},
    {"If_None_Exist": "identifier=|"},
    {"Prefer": "\udcff; return=minimal"},
    {"Accept": "\udcff"},
    {"Accept": "*/*;q=x," * 500},
    {"Host": "evil.example:99999"},
    {"Expect": "something"},
    {"Range": "bytes=0-1"},
    {"If_Modified_Since": "yesterday"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda each: str(each)[:40])
async def test_a_weird_header_is_answered(caller, headers):
    answers = [
        await caller.create(patient(fresh_record()), **headers),
        await caller.push_anything(visit(fresh_record()), **headers),
        await caller.put({**patient("1"), "id": "eve"}, **headers),
        await caller.get("/fhir/Patient/eve", **headers),
    ]

    assert all(each.status < 500 for each in answers), answers


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["Patient", "Observation", "urn:uuid:x", "POST", "2026-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "id",
                    "meta",
                    "type",
                    "entry",
                    "resource",
                    "request",
                    "method",
                    "url",
                    "fullUrl",
                    "identifier",
                    "system",
                    "value",
                    "code",
                    "coding",
                    "subject",
                    "reference",
                    "status",
                    "valueQuantity",
                    "extension",
                    "contained",
                    "_birthDate",
                    "effectiveDateTime",
                    "period",
                    "reasonCode",
                    "text",
                    "div",
                ]
            )
            | st.text(max_size=8),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
TYPES = st.sampled_from(
    ["Patient", "Observation", "Bundle", "Encounter", "Task", "QuestionnaireResponse"]
)
FEW = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def faults(caller, requests):
    """Return what the gateway answered as a fault of its own, and that it is down."""
    found = []
    for method, path, body in requests:
        answer = await caller.request(method, path, body)
        if answer.status >= 400 and refusal(answer) not in CLIENTS:
            found.append((path, body, answer.body))
    ready = await caller.get("/health/ready")
    return found if ready.status == 200 else [*found, ready.body]


@settings(FEW, max_examples=25)
@given(
    st.lists(st.tuples(TYPES, st.dictionaries(st.text(max_size=9), JSON)), max_size=12)
)
async def test_no_resource_breaks_the_gateway(caller, sent):
    requests = [
        (method, path.format(kind=kind), {"resourceType": kind, "id": "x", **content})
        for kind, content in sent
        for method, path in (("POST", "/fhir/{kind}"), ("PUT", "/fhir/{kind}/x"))
    ]

    assert await faults(caller, requests) == []


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "fullUrl": JSON | st.sampled_from(["urn:uuid:x", "http://a/Patient/1"]),
        "resource": JSON | st.just(patient("1")),
        "request": JSON
        | st.fixed_dictionaries(
            {
                "method": st.sampled_from(["POST", "PUT", "DELETE", "GET", "PATCH"]),
                "url": st.sampled_from(
                    ["Patient", "Patient/1", "Patient?x=1", "", "/", "?", "Task/1"]
                )
                | st.text(max_size=12),
            },
            optional={
                "ifMatch": st.text(max_size=9),
                "ifNoneExist": st.text(max_size=9),
            },
        ),
    },
)


@settings(FEW, max_examples=25)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["transaction", "batch"])},
            optional={
                "entry": st.lists(ENTRIES, max_size=4) | JSON,
                "identifier": JSON,
            },
        ),
        max_size=12,
    )
)
async def test_no_bundle_breaks_the_gateway(caller, sent):
    requests = [
        ("POST", "/fhir", {"resourceType": "Bundle", **content}) for content in sent
    ]

    assert await faults(caller, requests) == []


@settings(FEW, max_examples=25)
@given(st.lists(st.binary(max_size=200), max_size=12))
async def test_no_bytes_break_the_gateway(caller, sent):
    requests = [
        ("POST", path, body) for body in sent for path in ("/fhir", "/fhir/Task")
    ]

    assert await faults(caller, requests) == []


PIECES = st.text(string.printable + "é\u0660", max_size=20)


@settings(FEW, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]),
            st.sampled_from(
                [
                    "/fhir/{}",
                    "/fhir/Patient/{}",
                    "/fhir/Patient?{}",
                    "/fhir/Patient?identifier={}",
                    "/fhir/Observation?date={}",
                    "/fhir/Task?{}&_sort=priority",
                    "/fhir/Patient/{}/_history/{}",
                    "/{}",
                ]
            ),
            PIECES,
        ),
        max_size=25,
    )
)
async def test_no_url_breaks_the_gateway(caller, asked):
    requests = [
        (method, path.replace("{}", quote(piece, safe="/?&=|:,%")), None)
        for method, path, piece in asked
        if method != "HEAD"
    ]

    assert await faults(caller, requests) == []


async def test_an_error_says_where_in_the_body_it_is(caller):
    body = b'{\n  "resourceType": "Patient",\n  "mood": "good"\n}'

    answer = await caller.request("POST", "/fhir/Patient", body)

    assert "line 3" in answer.said
    assert answer.places == ["Patient"]


async def test_an_error_repeats_nothing_of_the_patient(caller):
    secret = {**patient("secret-record"), "gender": "secret-gender"}
    secret["name"] = [{"family": "Secretperson", "use": "secret-use"}]

    answers = [
        await caller.create(secret),
        await caller.request("POST", "/fhir", transaction(secret)),
        await caller.create(patient("secret-a|b"), If_None_Exist="name=Secretperson"),
        await caller.get("/fhir/Patient?identifier:exact=secret-record"),
        await caller.get("/fhir/Observation?date=secret-date"),
    ]

    for answer in answers:
        assert answer.status >= 400
        assert "ecret" not in answer.body.decode()
