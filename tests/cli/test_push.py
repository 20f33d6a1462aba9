import gzip
import json
import urllib.request
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.push import push
from gateway.feed import client as feed_client
from gateway.feed.client import Client, Patience
from gateway.feed.files import (
    ForeignFileError,
    UnsendableFileError,
    content,
    found,
    transaction,
)
from gateway.feed.journal import Journal

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fhir"
PATIENT = {"resourceType": "Patient", "gender": "female"}
ACCEPTED = b'{"resourceType":"Bundle","type":"transaction-response"}'
BUSY = (503, {"Retry-After": "0"}, b"")


def post(resource, **more):
    kind = resource["resourceType"]
    return {"resource": resource, "request": {"method": "POST", "url": kind}, **more}


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def write(folder, name, resource):
    path = folder / name
    path.write_text(json.dumps(resource))
    return path


def outcome(*issues):
    found = [{"severity": "error", "code": "invalid", **each} for each in issues]
    return json.dumps({"resourceType": "OperationOutcome", "issue": found}).encode()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Push as a user does; what is remembered lies in the test's own folder."""
    monkeypatch.setattr(feed_client, "Patience", _impatient)
    monkeypatch.chdir(tmp_path)

    def running(*arguments, env=None):
        return CliRunner().invoke(push, [str(each) for each in arguments], env=env)

    return running


def _impatient():
    return Patience(attempts=3, first=0.001, longest=0.01)


def test_a_folder_is_sent_and_counted(run, tmp_path, server):
    write(tmp_path, "one.json", bundle(post(PATIENT)))
    (tmp_path / "two.json.gz").write_bytes(
        gzip.compress(json.dumps(bundle(post(PATIENT))).encode())
    )

    result = run(tmp_path, "--to", server.url)

    assert result.exit_code == 0
    assert "2 accepted, 0 refused." in result.output
    assert [json.loads(each)["type"] for each in server.received] == 2 * ["transaction"]


def test_hospitals_and_practitioners_go_first(tmp_path):
    for name in ("anna.json", "practitionerInfo.json.gz", "hospitalInfo.json"):
        (tmp_path / name).touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "zoe.json").touch()
    (tmp_path / "notes.txt").touch()

    names = [path.name for path in found([tmp_path, tmp_path / "anna.json"])]

    assert names == [
        *("hospitalInfo.json", "practitionerInfo.json.gz"),
        *("anna.json", "zoe.json"),
    ]


def test_what_was_acknowledged_is_not_sent_again(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))

    run(path, "--to", server.url)
    result = run(path, "--to", f"{server.url}/")

    assert len(server.received) == 1
    assert result.exit_code == 0
    assert "1 acknowledged before" in result.output


def test_again_sends_what_was_acknowledged(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))

    run(path, "--to", server.url)
    run(path, "--to", server.url, "--again")

    assert len(server.received) == 2


def test_another_gateway_gets_what_the_first_one_acknowledged(tmp_path):
    first = Journal(tmp_path / "state", "http://one/fhir")
    first.note("digest")

    assert Journal(tmp_path / "state", "http://one/fhir").knows("digest")
    assert not Journal(tmp_path / "state", "http://two/fhir").knows("digest")


def test_a_changed_file_is_sent_again(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))
    run(path, "--to", server.url)
    write(tmp_path, "one.json", bundle(post({**PATIENT, "gender": "male"})))

    run(path, "--to", server.url)

    assert len(server.received) == 2


@given(cut=st.integers(min_value=0, max_value=129))
def test_a_journal_that_a_crash_cut_off_forgets_at_most_its_last_line(
    tmp_path_factory, cut
):
    path = tmp_path_factory.mktemp("journal") / "state"
    whole = Journal(path, "http://one/fhir")
    whole.note("first")
    whole.note("second")
    path.write_bytes(path.read_bytes()[:cut])

    Journal(path, "http://one/fhir").note("third")

    known = Journal(path, "http://one/fhir")
    assert known.knows("third")
    assert known.knows("first") == (cut >= 64)
    assert known.knows("second") == (cut >= 129)


def test_the_journal_holds_no_name_and_no_path(run, tmp_path, server):
    path = write(tmp_path, "Anna_Muster.json", bundle(post(PATIENT)))

    run(path, "--to", server.url, "--state", tmp_path / "state")

    assert len((tmp_path / "state").read_text()) == 65
    assert "Anna" not in (tmp_path / "state").read_text()


def test_an_interrupted_push_goes_on_where_it_stopped(run, tmp_path, server):
    for name in "abc":
        write(tmp_path, f"{name}.json", bundle(post({**PATIENT, "id": name})))
    server.told = [(200, {}, ACCEPTED), (0, {}, b"")]

    stopped = run(tmp_path, "--to", server.url)
    server.told = [(200, {}, ACCEPTED)]
    result = run(tmp_path, "--to", server.url)

    assert stopped.exit_code == 1
    assert "repeat the command" in stopped.output
    assert "2 accepted, 0 refused, 1 acknowledged before" in result.output


def test_a_busy_gateway_is_asked_again(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))
    server.told = [BUSY, (429, {}, b""), (200, {}, ACCEPTED)]

    result = run(path, "--to", server.url)

    assert result.exit_code == 0
    assert len(server.received) == 3


def test_a_lost_answer_is_asked_for_again(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))
    server.told = [(0, {}, b""), (200, {}, ACCEPTED)]

    result = run(path, "--to", server.url)

    assert result.exit_code == 0
    assert server.received[0] == server.received[1]


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        (format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True), 0, 0),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, least, most):
    wait = feed_client._seconds(header)

    assert wait is None if least is None else least <= wait <= most


def test_the_gateways_wish_to_wait_is_honoured_up_to_a_limit():
    patient = Client(None, "http://one/fhir", patience=Patience())

    assert patient._pause(0, 7.0) == 7.0
    assert patient._pause(0, 3600.0) == 30.0


def test_nobody_there_is_said_in_a_sentence(run, tmp_path):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))

    result = run(path, "--to", "http://127.0.0.1:1/fhir")

    assert result.exit_code == 1
    assert "did not take the Bundle in 3 attempts: no connection" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "token"), (403, "role"), (404, "ends in /fhir"), (405, "ends in /fhir")],
)
def test_what_no_bundle_can_change_stops_the_push(
    run, tmp_path, server, status, advice
):
    write(tmp_path, "a.json", bundle(post(PATIENT)))
    write(tmp_path, "b.json", bundle(post({**PATIENT, "id": "b"})))
    server.told = [(status, {}, b"<html>no</html>")]

    result = run(tmp_path, "--to", server.url)

    assert result.exit_code == 1
    assert advice in result.output
    assert len(server.received) == 1


def test_every_refusal_is_named_with_status_place_and_sentence(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))
    answer = outcome(
        {"diagnostics": "Remove it.", "expression": ["Bundle.entry[0]"]},
        {"diagnostics": "Add an id."},
    )
    server.told = [(422, {}, answer)]

    result = run(path, "--to", server.url)

    assert result.exit_code == 1
    assert "one.json: refused (HTTP 422)" in result.output
    assert "Bundle.entry[0]: Remove it." in result.output
    assert "    Add an id." in result.output
    assert "0 accepted, 1 refused." in result.output


def test_a_refused_file_is_sent_again_next_time(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))
    server.told = [(422, {}, outcome({"diagnostics": "No."})), (200, {}, ACCEPTED)]

    run(path, "--to", server.url)
    result = run(path, "--to", server.url)

    assert "1 accepted, 0 refused." in result.output


def test_a_batch_is_refused_where_one_of_its_entries_was(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT), kind="batch"))
    wrong = {"status": "422", "outcome": json.loads(outcome({"diagnostics": "No."}))}
    entries = [{"response": {"status": "201 Created"}}, {"response": wrong}]
    answer = {"resourceType": "Bundle", "type": "batch-response", "entry": entries}
    server.told = [(200, {}, json.dumps(answer).encode())]

    result = run(path, "--to", server.url)

    assert result.exit_code == 1
    assert "Bundle.entry[1]: 422: No." in result.output


def test_what_waits_for_another_file_is_sent_after_it(run, tmp_path, server):
    write(tmp_path, "a.json", bundle(post({**PATIENT, "id": "a"})))
    write(tmp_path, "b.json", bundle(post({**PATIENT, "id": "b"})))
    waits = outcome({"code": "not-found", "diagnostics": "matches nothing"})
    server.told = [(412, {}, waits), (200, {}, ACCEPTED)]

    result = run(tmp_path, "--to", server.url)

    assert [b'"id": "a"' in each for each in server.received] == [True, False, True]
    assert "2 accepted, 0 refused." in result.output


def test_what_waits_for_something_that_never_comes_is_refused(run, tmp_path, server):
    for name in "ab":
        write(tmp_path, f"{name}.json", bundle(post({**PATIENT, "id": name})))
    waits = outcome({"code": "not-found", "diagnostics": "matches nothing"})
    server.told = [(412, {}, waits)]

    result = run(tmp_path, "--to", server.url)

    assert len(server.received) == 2
    assert "0 accepted, 2 refused." in result.output


def test_a_token_is_read_from_the_environment_and_sent(run, tmp_path, server):
    path = write(tmp_path, "one.json", bundle(post(PATIENT)))

    run(path, "--to", server.url, "--token-env", "FEED", env={"FEED": "s3cret"})

    assert server.headers[0]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<Bundle/>", "not JSON"),
        ('{"resourceType": "Bundle"', "not JSON"),
        ('{"resourceType":"Bundle","type":"searchset"}', "answer to a search"),
        ('{"resourceType":"Bundle","type":"document"}', "document"),
        ('{"resourceType":"Bundle"}', "one of these types"),
        ('{"resourceType":"Bundle","type":7}', "one of these types"),
        ('{"resourceType":"Bundle","type":"collection","entry":7}', "no list"),
    ],
)
def test_a_file_that_cannot_be_sent_is_explained(run, tmp_path, server, text, sentence):
    (tmp_path / "one.json").write_text(text)

    result = run(tmp_path, "--to", server.url)

    assert result.exit_code == 1
    assert "one.json: refused (not sent)" in result.output
    assert sentence in result.output
    assert server.received == []


def test_json_that_is_no_fhir_is_passed_over(run, tmp_path, server):
    write(tmp_path, "one.json", bundle(post(PATIENT)))
    write(tmp_path, "index.json", [{"file": "one.json"}])
    write(tmp_path, "package.json", {"name": "fhir"})

    result = run(tmp_path, "--to", server.url)

    assert result.exit_code == 0
    assert "index.json: passed over" in result.output
    assert "1 accepted, 0 refused, 2 passed over." in result.output


def test_a_damaged_archive_is_explained(tmp_path):
    path = tmp_path / "one.json.gz"
    path.write_bytes(gzip.compress(b'{"resourceType":"Patient"}')[:-9])

    with pytest.raises(UnsendableFileError, match="damaged"):
        content(path)


def test_a_folder_without_files_is_an_error(run, tmp_path, server):
    result = run(tmp_path, "--to", server.url)

    assert result.exit_code == 1
    assert "no .json" in result.output


def test_a_collection_becomes_a_transaction_and_keeps_every_byte():
    weight = b'{"resourceType":"Observation","value":1.50,  "note":"\\u00e4"}'
    kept = b'{"resourceType":"Patient","id":"p1"}'
    sent = b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":%b},'
    sent += b'{"fullUrl":"urn:uuid:1","resource":%b}]}'

    made = transaction(sent % (kept, weight))

    assert weight in made
    assert kept in made
    requests = [each["request"] for each in json.loads(made)["entry"]]
    assert requests == [
        {"method": "PUT", "url": "Patient/p1"},
        {"method": "POST", "url": "Observation"},
    ]
    assert json.loads(made)["entry"][1]["fullUrl"] == "urn:uuid:1"


def test_a_single_resource_becomes_a_transaction():
    made = json.loads(transaction(b'\xef\xbb\xbf{"resourceType":"Patient","id":"p"}'))

    assert made["type"] == "transaction"
    assert made["entry"][0]["request"] == {"method": "PUT", "url": "Patient/p"}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_transaction_or_an_explanation(body):
    try:
        said = transaction(body)
    except (UnsendableFileError, ForeignFileError) as error:
        said = str(error).encode()

    assert said


def test_a_real_gateway_takes_a_patient_and_names_what_is_wrong(run, tmp_path, gateway):
    write(tmp_path, "a-good.json", bundle(post(PATIENT)))
    write(tmp_path, "b-bad.json", bundle(post({**PATIENT, "gender": "f"})))
    write(tmp_path, "c-single.json", {**PATIENT, "id": "pushed-alone"})

    result = run(tmp_path, "--to", gateway)

    assert "2 accepted, 1 refused." in result.output
    assert "b-bad.json: refused (HTTP 422)" in result.output
    assert "Bundle.entry[0].resource.gender" in result.output
    with urllib.request.urlopen(f"{gateway}/Patient/pushed-alone") as answer:
        assert json.load(answer)["gender"] == "female"


def test_a_real_gateway_gets_the_hospital_before_those_who_refer_to_it(
    run, tmp_path, gateway
):
    identifier = [{"system": "urn:example:unit", "value": "er-1"}]
    unit = {"resourceType": "Organization", "identifier": identifier, "name": "ER"}
    manager = {"reference": "Organization?identifier=urn:example:unit|er-1"}
    write(
        tmp_path, "a.json", bundle(post({**PATIENT, "managingOrganization": manager}))
    )
    write(tmp_path, "z.json", bundle(post(unit)))

    result = run(tmp_path, "--to", gateway)

    assert "2 accepted, 0 refused." in result.output


def _examples():
    if not SHARED.is_dir():
        return []
    histories = sorted((SHARED / "synthea-r4" / "bundles").glob("*_*.json.gz"))
    general = sorted((SHARED / "synthea-r4" / "bundles").glob("*Information*"))
    return [*(SHARED / "medication-bundles").glob("*.json"), *general, *histories[:3]]


@pytest.mark.skipif(not _examples(), reason="../shared/data is not on this machine")
def test_a_real_gateway_takes_lifetimes_of_records_and_opens_no_case(run, gateway):
    result = run(*_examples(), "--to", gateway)

    assert result.exit_code == 0
    assert f"{len(_examples())} accepted, 0 refused." in result.output
    with urllib.request.urlopen(f"{gateway}/Task?_summary=count") as answer:
        assert json.load(answer)["total"] == 0
