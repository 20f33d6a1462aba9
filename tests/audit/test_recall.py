"""Which assessments used it: the log and FHIR search give the same answer."""

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner

from gateway.audit.recall import recall
from gateway.cli.audit import audit
from gateway.settings import Client
from gateway.translate import recalling
from gateway.translate.recalling import KINDS, UnreadableCriterionError, criteria
from tests.callers import AUDITOR, CLIENTS, FEED, NURSE, token
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server
from tests.patients import HEART_RATE, vital
from tests.released import (
    ADAPTER_SHA256,
    BASE_SHA256,
    DECLARED,
    WITH_ADAPTER,
    activate,
)
from tests.worklist import arrived, assessed, case_of, completed, open_task, until

ADAPTER = "ward-3"
RELEASE = "scripted@1"  # that `activate` lets count
RETRAINED_SHA256 = "98" * 32
CALM, FAST = (HEART_RATE, 75), (HEART_RATE, 118)


@asynccontextmanager
async def ward(folder, **settings):
    """Run a gateway with a scripted model that has an adapter and raises urgency."""
    activate(folder / "data", adapter_sha256=ADAPTER_SHA256)
    async with model_server() as (model, url):
        model.adapters = (ADAPTER,)
        known = {
            "model_url": url,
            "model_name": f"{NAME}:{ADAPTER}",
            **WITH_ADAPTER,
            "knowledge": some_knowledge(folder),
            "dev": True,
        }
        async with gateway_inside(folder / "data", **{**known, **settings}) as caller:
            yield model, caller


async def a_full_ward(model, caller):
    """Let happen what assessments are made of; return the patients' Tasks."""
    model.acuity = 1
    raised, reviewed = await arrived(caller, CALM), await arrived(caller, FAST)
    await completed(
        caller, await open_task(caller, reviewed), decision="accepted", acuity=1
    )
    (task,) = await assessed(caller, raised)
    model.status = 500  # from now on there is no model, so that the raise stands
    await caller.create(vital(raised, HEART_RATE, 88))

    async def silent():
        (now,) = await caller.search(f"Task?patient={raised}")
        return now if "No model answer" in now["description"] else None

    await until(silent)
    unasked = await arrived(caller, CALM)
    await assessed(caller, unasked)
    return case_of(task)


def from_log(folder, *named):
    found = recall(
        folder / "data", criteria(named), kek_file=None, progress=lambda *_: None
    )
    return {(each.case_id, used.version) for each in found for used in each.used}


async def by_search(caller, *named):
    """Return the targets of the Provenances that FHIR search finds."""
    query = "&".join(f"{name}={value}" for name, value in named)
    found = await caller.search(f"Provenance?{query.replace('#', '%23')}&_count=1000")
    targets = [each["target"][0]["reference"] for each in found]
    assert all(each.startswith("ClinicalImpression/") for each in targets)
    return {(each.split("/")[1], int(each.rpartition("/")[2])) for each in targets}


async def used_anywhere(caller):
    """Return every criterion that any published Provenance could be recalled by."""
    named = set()
    for device in await caller.search("Device?_count=100"):
        kinds = {"rules": "rules", "language-model": "model", "adapter": "adapter"}
        kind = kinds[device["type"]["coding"][0]["code"]]
        named.add((kind, f"Device/{device['id']}"))
        named |= {(kind, each["value"]) for each in device["identifier"]}
    systems = {
        recalling.PROMPT: "prompt",
        recalling.PROMPT_SHA256: "prompt",
        recalling.PASSAGE: "passage",
        recalling.INDEX: "index",
        recalling.SCHEMA_SHA256: "schema",
    }
    for made in await caller.search("Provenance?_count=1000"):
        for entity in made["entity"]:
            what = entity["what"]
            if "identifier" in what:
                identifier = what["identifier"]
                named.add((systems[identifier["system"]], identifier["value"]))
            elif not what["reference"].startswith("Provenance/"):
                named.add(("input", what["reference"]))
                named.add(("input", what["reference"].partition("/_history")[0]))
    return named


async def test_log_and_search_recall_the_same_for_every_part_of_every_assessment(
    tmp_path,
):
    async with ward(tmp_path) as (model, caller):
        case = await a_full_ward(model, caller)
        named = await used_anywhere(caller)

        assert {kind for kind, _ in named} == set(KINDS)
        for each in sorted(named):
            logged = from_log(tmp_path, each)
            assert logged, each
            found = await by_search(caller, *recalling.searched((each,)))
            assert found == logged, each

        model_and_prompt = (("model", f"{NAME}:{ADAPTER}"), ("prompt", "nothing"))
        assert from_log(tmp_path, *model_and_prompt) == set()
        both = (("adapter", ADAPTER), ("input", "Patient/none"))
        assert from_log(tmp_path, *both) == set()

        used = from_log(tmp_path, ("adapter", ADAPTER))
        assert {each[1] for each in used if each[0] == case} == {2, 3, 4}
        for names_it in (
            ("model", NAME),  # of the base: an adapter changes nothing of its faults
            ("model", f"{NAME}:{ADAPTER}"),
            ("model", BASE_SHA256),
            ("model", f"sha256:{BASE_SHA256}"),
            ("model", RELEASE),
            ("adapter", ADAPTER_SHA256),
            ("adapter", RELEASE),
        ):
            assert names_it in named, names_it
            assert from_log(tmp_path, names_it) == used, names_it


async def test_an_adapter_that_was_trained_again_under_its_name_is_recalled_alone(
    tmp_path,
):
    for sha256 in (ADAPTER_SHA256, RETRAINED_SHA256):
        async with ward(tmp_path, model_adapter_sha256=sha256) as (_, caller):
            await assessed(caller, await arrived(caller, CALM))

            recalled = {}
            for named in (
                ("adapter", ADAPTER_SHA256),
                ("adapter", RETRAINED_SHA256),
                ("model", RELEASE),
                ("adapter", ADAPTER),
            ):
                recalled[named] = from_log(tmp_path, named)
                found = await by_search(caller, *recalling.searched((named,)))
                assert found == recalled[named], named

    first, again, released, both = recalled.values()
    assert first
    assert again
    assert not first & again
    assert first | again == both
    assert released == first  # the other one was registered by nobody


async def test_a_release_of_a_base_alone_is_recalled_whatever_it_is_called(tmp_path):
    activate(tmp_path / "data")
    async with model_server() as (_, url):
        served = {"model_url": url, "model_name": NAME, **DECLARED}
        known = some_knowledge(tmp_path)
        async with gateway_inside(
            tmp_path / "data", dev=True, knowledge=known, **served
        ) as caller:
            await assessed(caller, await arrived(caller, CALM))
            named = await used_anywhere(caller)

            assert {kind for kind, _ in named} == {*KINDS} - {"adapter"}
            for each in sorted({*named, ("adapter", RELEASE)}):
                logged = from_log(tmp_path, each)
                assert logged, each
                found = await by_search(caller, *recalling.searched((each,)))
                assert found == logged, each


async def test_combined_criteria_hold_of_one_maker_in_log_and_search(tmp_path):
    async with ward(tmp_path) as (model, caller):
        await a_full_ward(model, caller)
        named = sorted(await used_anywhere(caller))
        pairs = [
            (one, other)
            for one in named
            for other in named
            if one[0] in ("model", "rules") and other[0] in ("input", "passage")
        ]

        for pair in pairs[:: len(pairs) // 25]:
            found = await by_search(caller, *recalling.searched(pair))
            assert found == from_log(tmp_path, *pair), pair


async def test_provenance_is_found_by_the_standard_s_parameters(tmp_path):
    async with ward(tmp_path) as (_, caller):
        whom = await arrived(caller, CALM)
        (task,) = await assessed(caller, whom)
        case = case_of(task)
        (made,) = await caller.search(f"Provenance?_id={case}-2-model")
        (device, *_) = [each["who"]["reference"] for each in made["agent"]]
        target = made["target"][0]["reference"]

        for query in (
            f"agent={device}",
            f"agent:Device.device-name={NAME}",
            f"target={target}",
            f"target={target.partition('/_history')[0]}",
            f"target:ClinicalImpression.patient={whom}",
            f"recorded={made['recorded'][:10]}",
            f"entity={made['entity'][0]['what']['reference']}",
            f"agent={device}&entity={whom}&recorded=gt2020-01-01",
        ):
            found = await caller.search(f"Provenance?{query}")
            assert made["id"] in [each["id"] for each in found], query

        names = {each["reference"] for each in (a["who"] for a in made["agent"])}
        adapter = await caller.search(f"Device?identifier={ADAPTER}")
        assert f"Device/{adapter[0]['id']}" in names
        assert await caller.search("Provenance?agent=Device/another") == []


async def test_a_recall_lets_nurses_look_again_once(tmp_path):
    async with ward(tmp_path) as (model, caller):
        case = await a_full_ward(model, caller)
        before = await states(caller)
        body = parameters(("adapter", ADAPTER), ("reason", "It reads too low."))

        first = await caller.request("POST", "/fhir/$recall", body)
        second = await caller.request("POST", "/fhir/$recall", body)

        assert (first.status, second.status) == (200, 200)
        assert [each["name"] for each in first.json["parameter"]] == ["asked"] * 2
        assert [each["name"] for each in second.json["parameter"]] == ["known"] * 2
        assert tasks_of(first) == tasks_of(second)
        assert tasks_of(first)[case] == f"Task/{case}-1"
        assert await states(caller) == before
        for task in tasks_of(first).values():
            shown = await caller.read(task)
            assert shown["status"] == "requested"
            assert shown["priority"] == "stat"
            assert shown["code"]["coding"][0]["code"] == "review-assessment"
            assert shown["reasonCode"]["coding"][0]["code"] == "recalled"
            assert (
                "the model adapter ward-3, which was recalled" in shown["description"]
            )
            assert "It reads too low." in shown["description"]


async def states(caller):
    """Return what the assessments and their levels are."""
    found = await caller.search("ClinicalImpression?_count=100")
    found += await caller.search("RiskAssessment?_count=100")
    return sorted(json.dumps(each, sort_keys=True) for each in found)


def parameters(*named):
    listed = [{"name": name, "valueString": value} for name, value in named]
    return {"resourceType": "Parameters", "parameter": listed}


def tasks_of(answer):
    return {
        each["part"][0]["valueString"]: each["part"][1]["valueReference"]["reference"]
        for each in answer.json["parameter"]
    }


async def looked_at_again(caller, first, second):
    """Review a case, recall its rules, review again; return the case."""
    whom = await arrived(caller, CALM)
    await completed(caller, await open_task(caller, whom), **first)
    (rules,) = await caller.search(
        "Device?identifier=https://triage-gateway.example/fhir/identifier/rules|"
    )
    body = parameters(
        ("rules", f"Device/{rules['id']}"), ("reason", "A rule is wrong.")
    )
    answer = await caller.request("POST", "/fhir/$recall", body)
    (task,) = tasks_of(answer).values()
    await completed(caller, await caller.read(task), **second)
    return task.removeprefix("Task/").rpartition("-")[0]


async def test_a_second_look_that_confirms_gives_the_next_version(caller):
    said = {"decision": "accepted"}
    case = await looked_at_again(caller, {**said, "acuity": 2}, {**said, "acuity": 2})

    impression = await caller.read(f"ClinicalImpression/{case}")

    assert impression["status"] == "completed"
    assert int(impression["meta"]["versionId"]) == 4
    task = await caller.read(f"Task/{case}-2")
    assert task["status"] == "completed"
    assert task["focus"] == {"reference": f"ClinicalImpression/{case}"}
    verified = await caller.read(f"Provenance/{case}-4")
    assert [each["what"]["reference"] for each in verified["entity"]] == [
        f"Provenance/{case}-2",
        f"Provenance/{case}-3",
    ]


async def test_a_second_look_may_replace_the_machine_s_words(caller):
    case = await looked_at_again(
        caller,
        {"decision": "accepted", "acuity": 2},
        {"decision": "overridden", "acuity": 1, "reason": "She is pale."},
    )

    assert (await caller.read(f"ClinicalImpression/{case}"))["status"] == (
        "entered-in-error"
    )
    assert (await caller.read(f"RiskAssessment/{case}"))["status"] == "entered-in-error"
    nurses = await caller.read(f"ClinicalImpression/{case}-review")
    assert (nurses["status"], nurses["meta"]["versionId"]) == ("completed", "1")


async def test_a_second_look_may_confirm_the_first_nurse_s_words(caller):
    case = await looked_at_again(
        caller,
        {"decision": "overridden", "acuity": 1, "reason": "She is pale."},
        {"decision": "accepted", "acuity": 1, "notes": "So she is."},
    )

    nurses = await caller.read(f"ClinicalImpression/{case}-review")
    assert nurses["meta"]["versionId"] == "2"
    assert {each["text"] for each in nurses["note"]} == {"She is pale.", "So she is."}
    assert (await caller.read(f"ClinicalImpression/{case}"))["status"] == (
        "entered-in-error"
    )
    task = await caller.read(f"Task/{case}-2")
    assert task["focus"] == {"reference": f"ClinicalImpression/{case}-review"}
    assert "A nurse decided acuity 1" in task["description"]


def cli(folder, *arguments):
    return CliRunner().invoke(
        audit, ["recall", "--data", str(folder / "data"), *arguments]
    )


async def a_reviewed_case(caller):
    whom = await arrived(caller, CALM)
    await completed(
        caller, await open_task(caller, whom), decision="accepted", acuity=2
    )
    return whom


async def test_the_command_lists_what_used_it_and_how_it_was_reviewed(tmp_path, caller):
    waiting = await arrived(caller, CALM)
    await assessed(caller, waiting)
    assert "not reviewed" in cli(tmp_path, "--input", waiting).output
    whom = await a_reviewed_case(caller)

    assert "compared exactly" in cli(tmp_path, "--input", whom.upper()).output
    listed = cli(tmp_path, "--input", whom)
    told = cli(tmp_path, "--input", whom, "--json")

    assert listed.exit_code == 0, listed.output
    lines = [each for each in listed.output.splitlines() if "ClinicalImp" in each]
    assert [each.split("  ")[3] for each in lines] == ["acuity 2", "acuity 2"]
    assert "superseded" in lines[0]
    assert "accepted (acuity 2)" in lines[1]
    (case,) = json.loads(told.stdout)["cases"]
    assert case["stands"] is True
    assert case["re_review_asked"] is False
    assert [each["decision"] for each in case["reviews"]] == ["accepted"]
    assert [each["makers"] for each in case["assessments"]] == [["rules"], ["rules"]]


async def test_the_command_asks_the_running_gateway_for_another_look(tmp_path, caller):
    whom = await a_reviewed_case(caller)
    waiting = await arrived(caller, CALM)
    await assessed(caller, waiting)
    again = ("--input", whom, "--re-review", "--reason", "Wrong record.")
    url = ("--url", f"{caller._base}/fhir")

    declined = await asyncio.to_thread(cli, tmp_path, *again, *url)
    first = await asyncio.to_thread(cli, tmp_path, *again, *url, "--yes")
    second = await asyncio.to_thread(cli, tmp_path, *again, *url, "--yes")

    assert declined.exit_code == 1
    assert "Ask for 1 re-reviews?" in declined.output
    assert "asked: 1, known: 0" in first.output
    assert "asked: 0, known: 1" in second.output
    assert "re-review asked" in second.output
    tasks = await caller.search(f"Task?patient={whom}&status=requested")
    assert len(tasks) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name at least one of"),
        (("--input", "nonsense"), "Name an input as"),
        (("--model", "m", "--re-review"), "needs --url"),
        (("--model", "m", "--re-review", "--url", "http://x/fhir"), "needs --reason"),
    ],
)
@pytest.mark.usefixtures("caller")
async def test_the_command_says_what_it_needs(tmp_path, arguments, said):
    answer = await asyncio.to_thread(cli, tmp_path, *arguments)

    assert answer.exit_code != 0
    assert said in answer.output


async def test_nothing_is_asked_where_nothing_used_it(tmp_path, caller):
    await a_reviewed_case(caller)

    answer = await asyncio.to_thread(
        cli,
        tmp_path,
        *("--model", "nobody's", "--re-review", "--reason", "r"),
        *("--url", "http://127.0.0.1:9/fhir"),  # where nobody is
    )

    assert answer.exit_code == 0, answer.output
    assert "Nothing used it" in answer.output
    assert "No re-review is asked for." in answer.output
    assert "0 re-reviews" not in answer.output


async def test_a_gateway_that_is_not_there_is_told(tmp_path, caller):
    whom = await a_reviewed_case(caller)

    answer = await asyncio.to_thread(
        cli,
        tmp_path,
        *("--input", whom, "--re-review", "--reason", "r", "--yes"),
        *("--url", "http://127.0.0.1:9/fhir"),
    )

    assert answer.exit_code == 1
    assert "does not answer" in answer.output


async def test_the_command_fails_where_there_is_no_log(tmp_path):
    (tmp_path / "data").mkdir()

    answer = cli(tmp_path, "--model", "m")

    assert answer.exit_code == 1
    assert "log" in answer.output


async def test_another_gateway_than_the_folder_s_is_told_apart(tmp_path, caller):
    whom = await a_reviewed_case(caller)
    async with gateway_inside(tmp_path / "other", dev=True) as other:
        answer = await asyncio.to_thread(
            cli,
            tmp_path,
            *("--input", whom, "--re-review", "--reason", "r", "--yes"),
            *("--url", f"{other._base}/fhir"),
        )

    assert answer.exit_code == 1
    assert "1 cases of the log were not found" in answer.output


async def test_what_refuses_is_told_as_it_says_it(tmp_path, caller):
    whom = await a_reviewed_case(caller)
    again = ("--input", whom, "--re-review", "--reason", "r", "--yes")
    wrong = ("--url", f"{caller._base}/nowhere")
    async with model_server() as (_, url):
        refused = await asyncio.to_thread(cli, tmp_path, *again, *wrong)
        unread = await asyncio.to_thread(cli, tmp_path, *again, "--url", url)

    assert (refused.exit_code, unread.exit_code) == (1, 1)
    assert "HTTP 404" in refused.output
    assert "is --url a FHIR base?" in unread.output


async def test_only_an_operator_recalls_and_it_is_audited(tmp_path):
    operator = Client(
        name="operator-1",
        role="operator",
        token_sha256=hashlib.sha256(token("operator-1").encode()).hexdigest(),
    )
    clients = (*CLIENTS, operator)
    async with gateway_inside(tmp_path / "data", clients=clients) as one:
        feed = one.called(FEED)
        whom = await arrived(feed, CALM)
        await assessed(feed, whom)
        body = parameters(("input", whom), ("reason", "Wrong record."))

        refused = [
            await one.called(each).request("POST", "/fhir/$recall", body)
            for each in (FEED, NURSE, AUDITOR)
        ]
        done = await one.called("operator-1").request("POST", "/fhir/$recall", body)

        assert [each.status for each in refused] == [403] * 3
        assert done.status == 200, done.body
        found = await one.called(AUDITOR).search(f"AuditEvent?patient={whom}")
        told = [each for each in found if "operator-1" in json.dumps(each)]
        assert len(told) == 1
        assert "Task/" in json.dumps(told)
        assert "Wrong record" not in json.dumps(told)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ([("reason", "r")], "Name at least one of"),
        ([("model", "m")], "Say why it was recalled"),
        ([("colour", "red"), ("reason", "r")], "Name what was recalled"),
        ([("model", "m"), ("reason", "r"), ("page", "x")], "begin again"),
    ],
)
async def test_a_recall_that_cannot_be_read_is_refused(caller, named, said):
    answer = await caller.request("POST", "/fhir/$recall", parameters(*named))

    assert answer.status == 400
    assert said in answer.said


async def test_a_large_recall_is_answered_in_pages(caller, monkeypatch):
    monkeypatch.setattr("gateway.http.recall._PAGE", 2)
    whom = await arrived(caller, CALM)
    await assessed(caller, whom)
    others = [await arrived(caller, CALM) for _ in range(2)]
    for other in others:
        await assessed(caller, other)
    (rules,) = await caller.search("Device?device-name=triage")
    named = [("rules", f"Device/{rules['id']}"), ("reason", "A rule is wrong.")]

    cases, page = [], []
    while True:
        answer = await caller.request(
            "POST", "/fhir/$recall", parameters(*named, *page)
        )
        assert answer.status == 200, answer.body
        told = answer.json["parameter"]
        cases += [each for each in told if each["name"] == "asked"]
        following = [each["valueString"] for each in told if each["name"] == "next"]
        if not following:
            break
        page = [("page", following[0])]

    assert len(cases) == 3


async def test_a_foreign_provenance_that_looks_like_ours_is_passed_over(caller):
    foreign = {
        "resourceType": "Provenance",
        "id": "00000000-0000-4000-8000-000000000000-1",
        "target": [{"reference": "Observation/x"}],
        "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"who": {"reference": "Device/theirs"}}],
    }
    assert (await caller.put(foreign)).status == 201
    named = [("model", "Device/theirs"), ("reason", "r")]

    answer = await caller.request("POST", "/fhir/$recall", parameters(*named))

    assert answer.status == 200
    assert answer.json.get("parameter", []) == []


def test_separators_in_a_value_are_escaped_in_the_search():
    (found,) = recalling.searched((("passage", r"a,b|c$d\e"),))

    assert found == ("entity:identifier", recalling.PASSAGE + r"|a\,b\|c\$d\\e")


def test_an_input_has_to_be_a_reference():
    with pytest.raises(UnreadableCriterionError):
        criteria([("input", "x")])


@pytest.fixture
async def caller(tmp_path):
    async with gateway_inside(tmp_path / "data", dev=True) as one:
        yield one
