import json
import urllib.request

import pytest
from click.testing import CliRunner

from gateway.cli.quarantine import quarantine
from tests.callers import FEED, FHIR_JSON, NURSE, token
from tests.gateway_process import GatewayProcess
from tests.patients import fresh_record, patient


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway of its own that sets aside codes which their value set lacks."""
    folder = tmp_path_factory.mktemp("gateway")
    one = GatewayProcess(folder, rules={"binding": "quarantine"})
    try:
        yield one.start()
    finally:
        one.stop()


def bad():
    return {**patient(fresh_record()), "gender": "whatever"}


def set_aside(gateway, resource):
    """Send what the gateway sets aside; return its id."""
    request = urllib.request.Request(
        f"{gateway.base}/fhir/Patient",
        data=json.dumps(resource).encode(),
        headers={
            "Content-Type": FHIR_JSON,
            "Authorization": f"Bearer {token(FEED)}",
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.headers["Location"].rsplit("/", 1)[1]


def run(gateway, *arguments, who=FEED, base="fhir"):
    said = [*map(str, arguments), "--to", f"{gateway.base}/{base}"]
    env = {"TRIAGE_GATEWAY_TOKEN": token(who)}
    return CliRunner().invoke(quarantine, said, env=env)


def test_what_waits_is_listed_in_a_line_each_newest_first(gateway):
    older, newer = set_aside(gateway, bad()), set_aside(gateway, bad())

    told = run(gateway, "list")

    lines = told.stdout.splitlines()
    assert told.exit_code == 0
    assert [each.split()[0] for each in lines[:2]] == [newer, older]
    assert all(f"{FEED}  POST Patient  binding  waiting" in each for each in lines)
    assert told.stderr.strip() == str(len(lines))


def test_one_is_shown_corrected_and_run_again(gateway, tmp_path):
    sent = bad()
    identity = set_aside(gateway, sent)

    shown = run(gateway, "show", identity)
    content = run(gateway, "show", identity, "--content")
    still = run(gateway, "rerun", identity)
    corrected = tmp_path / "corrected.json"
    corrected.write_text(json.dumps({**sent, "gender": "female"}))
    again = run(gateway, "rerun", identity, "--corrected", corrected)

    assert json.loads(shown.stdout)["id"] == identity
    assert json.loads(content.stdout) == sent
    assert still.exit_code == 1
    assert "HTTP 422" in still.stderr
    assert again.stdout.startswith("201 Patient/")
    assert identity not in run(gateway, "list").stdout
    assert identity in run(gateway, "list", "--status", "released").stdout


def test_one_is_dismissed(gateway):
    identity = set_aside(gateway, bad())

    told = run(gateway, "dismiss", identity, "--reason", "sent by mistake")

    assert told.stdout == "dismissed\n"
    assert identity in run(gateway, "list", "--status", "dismissed").stdout


def test_who_may_not_is_told_why(gateway):
    told = run(gateway, "list", who=NURSE)

    assert told.exit_code == 1
    assert "HTTP 403" in told.stderr


def test_an_address_that_is_no_fhir_base_is_refused(gateway):
    told = run(gateway, "list", base="health")

    assert told.exit_code == 1
    assert "HTTP 404" in told.stderr


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("http://127.0.0.1:9/fhir", "does not answer"),
        ("127.0.0.1:9", "needs a URL"),
    ],
)
def test_a_gateway_that_is_not_there_is_said_to_be_missing(where, said):
    told = CliRunner().invoke(quarantine, ["list", "--to", where])

    assert told.exit_code
    assert said in told.output
