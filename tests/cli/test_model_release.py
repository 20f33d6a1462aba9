"""`triage-gateway model register`, `activate`, `rollback`, `list`: who counts, why."""

import asyncio
import hashlib
import json

import pytest
from click.testing import CliRunner

from domain.events import REGISTRY
from gateway.cli.model import model
from gateway.intake import release
from gateway.store.ledger import Ledger
from inference.signature import PrivateKey
from tests.callers import (
    AUDITOR,
    FEED,
    NURSE,
    OPERATOR,
    WITH_OPERATOR,
    token,
)
from tests.gateway_inside import gateway_inside
from tests.released import FIGURE, GATE, KEY, folder_of

BY = ["--by", "Dr Jo Doe"]
WHO = [*BY, "--reason", "measured on the ward"]
PUBLIC = ["--key", str(KEY.public)]


def run(*arguments):
    return CliRunner().invoke(model, list(map(str, arguments)))


def done(*arguments):
    found = run(*arguments)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture
def data(tmp_path):
    """The data folder of a gateway that was begun and stopped."""
    Ledger.open(tmp_path / "data", registry=REGISTRY, tenant="default").close()
    return tmp_path / "data"


@pytest.fixture
def ward(tmp_path):
    folder_of(tmp_path / "ward")
    return tmp_path / "ward"


@pytest.fixture
def gate(tmp_path):
    (tmp_path / "gate.toml").write_text(GATE)
    return tmp_path / "gate.toml"


def test_a_release_is_registered_activated_and_left_again(data, ward, gate):
    here = ("--data", data)
    said = done("register", ward, *PUBLIC, *BY, *here)
    assert "registered: ward@1, in shadow" in said
    assert done("register", ward, *PUBLIC, *BY, *here) == said
    assert "none, models are in shadow" in done("list", *here)

    said = done("activate", "ward@1", "--gate", gate, *WHO, *here)

    assert "active: ward@1; 1 figures of the gate hold" in said
    assert "model_shadow = false" in said
    (listed,) = json.loads(done("list", *here, "--json"))
    assert (listed["title"], listed["state"], listed["by"]) == (
        *("ward@1", "active"),
        "Dr Jo Doe",
    )
    (activated,) = listed["decided"]
    assert activated["gate"] == hashlib.sha256(GATE.encode()).hexdigest()
    assert activated["held"][0]["measured"] == 0.5
    shown = done("list", *here)
    assert "active: ward@1" in shown
    assert "activated by Dr Jo" in shown
    assert "quadratic_kappa" in shown

    assert "none, every model is in shadow" in done("rollback", *WHO, *here)
    (listed,) = json.loads(done("list", *here, "--json"))
    assert listed["state"] == "was active"
    assert "left by Dr Jo" in done("list", *here)


def test_one_goes_back_to_the_release_before(data, ward, gate, tmp_path):
    folder_of(tmp_path / "next", version="2")
    for folder, title in ((ward, "ward@1"), (tmp_path / "next", "ward@2")):
        done("register", folder, *PUBLIC, *BY, "--data", data)
        done("activate", title, "--gate", gate, *WHO, "--data", data)

    assert "active: ward@1" in done("rollback", "ward@2", *WHO, "--data", data)
    assert "active: ward@1" in done("rollback", "ward@2", *WHO, "--data", data)


def test_a_figure_that_is_short_or_missing_keeps_a_release_in_shadow(
    data, tmp_path, gate
):
    for version, figure in (("1", {**FIGURE, "low": 0.49}), ("2", None)):
        folder = tmp_path / version
        folder_of(folder, version=version, figure=figure)
        done("register", folder, *PUBLIC, *BY, "--data", data)

        found = run(
            *("activate", f"ward@{version}", "--gate", gate, *WHO, "--data", data)
        )

        assert found.exit_code == 1
        assert f"ward@{version} stays in shadow" in found.output
        assert "0.49" in found.output or "not measured" in found.output
    assert "none, models are in shadow" in done("list", "--data", data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("release.sig", "release.json"),
        ("release.json", "release.json"),
        ("evaluation.json", "evaluation.json"),
        ("adapter/chat_template.jinja", "chat_template"),
    ],
)
def test_a_release_that_was_tampered_with_is_refused(data, ward, change, said):
    with (ward / change).open("a") as file:
        file.write(" \n")
    if change == "release.sig":
        (ward / change).write_text("")

    found = run("register", ward, *PUBLIC, *BY, "--data", data)

    assert found.exit_code == 1
    assert said in found.output
    assert json.loads(done("list", "--data", data, "--json")) == []


def test_a_release_of_another_key_is_refused(data, tmp_path):
    folder_of(tmp_path / "other", key=PrivateKey("clinic-a", bytes(32)))

    found = run("register", tmp_path / "other", *PUBLIC, *BY, "--data", data)
    no_key = run(
        *("register", tmp_path / "other", "--key", "no key", *BY, "--data", data)
    )

    assert (found.exit_code, no_key.exit_code) == (1, 1)
    assert "has not signed it" in found.output
    assert "name+id+key" in no_key.output


def test_the_key_may_stand_in_a_file(data, ward, tmp_path):
    (tmp_path / "clinic.pub").write_text(f"{KEY.public}\n")

    said = done(
        *("register", ward, "--key", tmp_path / "clinic.pub", *BY, "--data", data)
    )

    assert "registered: ward@1" in said


@pytest.mark.parametrize(
    "content",
    [
        "no toml",
        "[[require]]\ndata = 1\n",
        GATE + "at_most = 0.9\n",
        GATE.replace('"low"', '"lower"'),
    ],
)
def test_a_file_that_is_no_gate_is_refused(data, ward, gate, content):
    done("register", ward, *PUBLIC, *BY, "--data", data)
    gate.write_text(content)

    found = run("activate", "ward@1", "--gate", gate, *WHO, "--data", data)

    assert found.exit_code == 1
    assert "gate" in found.output


def test_a_gate_that_is_no_text_is_refused(data, gate):
    gate.write_bytes(b"\xff")

    found = run("activate", "ward@1", "--gate", gate, *WHO, "--data", data)

    assert "gate.toml cannot be read" in found.output


def test_what_a_running_gateway_is_sent_is_verified_there_too(ward):
    def sent(**changes):
        names = ("manifest", "signature", "evaluation")
        files = ("release.json", "release.sig", "evaluation.json")
        texts = [(ward / file).read_text() for file in files]
        given = {"key": str(KEY.public), **dict(zip(names, texts, strict=True))}
        return release.Sent(**{**given, **changes})

    assert release.release(sent()).title == "ward@1"
    signed = "{}"
    for changes, said in (
        ({"signature": ""}, "has not signed it"),
        ({"evaluation": "{}"}, "is not the one that was signed"),
        ({"key": "none"}, "refused"),
        ({"manifest": signed, "signature": KEY.line(signed)}, "release.json is none"),
    ):
        with pytest.raises(release.UnregistrableReleaseError, match=said):
            release.release(sent(**changes))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("adapter", "of another adapter"), ("prompt", "of another prompt")],
)
def test_an_evaluation_of_something_else_is_refused(ward, wrong, said):
    told = json.loads((ward / "evaluation.json").read_text())
    told["header"] |= (
        {"models": ["other"]} if wrong == "adapter" else {"prompt": "none"}
    )
    evaluation = json.dumps(told)
    whole = json.loads((ward / "release.json").read_text())
    whole["files"]["evaluation.json"] = hashlib.sha256(evaluation.encode()).hexdigest()
    body = json.dumps(whole)
    sent = release.Sent(
        manifest=body,
        signature=KEY.line(body),
        evaluation=evaluation,
        key=str(KEY.public),
    )

    with pytest.raises(release.UnregistrableReleaseError, match=said):
        release.release(sent)


async def test_a_running_gateway_is_told_by_an_operator_alone(
    tmp_path, ward, gate, monkeypatch
):
    monkeypatch.setenv("TRIAGE_GATEWAY_TOKEN", token(OPERATOR))
    data = tmp_path / "running"

    async def there(*arguments):
        return await asyncio.to_thread(run, *arguments, *where)

    async with gateway_inside(data, clients=WITH_OPERATOR) as gateway:
        where = ["--url", f"{gateway._base}/fhir"]
        empty = {"resourceType": "Parameters"}
        for name in (FEED, NURSE, AUDITOR):
            refused = await gateway.called(name).request(
                "POST", "/fhir/$release-model", empty
            )
            assert refused.status == 403
        wrong = await gateway.called(OPERATOR).request(
            "POST", "/fhir/$release-model", empty
        )
        assert wrong.status == 422
        known = await there("register", ward, *PUBLIC, *BY)
        active = await there("activate", "ward@1", "--gate", gate, *WHO)
        unknown = await there("activate", "ward@2", "--gate", gate, *WHO)
        unnamed = await there("rollback", *WHO)
        back = await there("rollback", "ward@1", *WHO)

    assert (known.exit_code, active.exit_code, back.exit_code) == (0, 0, 0)
    assert "active: ward@1" in active.output
    assert "HTTP 422: No release of that name@version" in unknown.output
    assert unnamed.exit_code == 2
    assert "none, every model is in shadow" in back.output
    (listed,) = json.loads(done("list", "--data", data, "--json"))
    assert [each["topic"] for each in listed["decided"]] == [
        *("model.activated.v1", "model.rolled-back.v1")
    ]


def test_one_log_is_meant(data, ward):
    assert run("register", ward, *PUBLIC, *BY).exit_code == 2
    both = ("--data", data, "--url", "http://127.0.0.1:9/fhir")
    assert run("rollback", *WHO, *both).exit_code == 2


def test_a_folder_without_a_log_has_no_releases(tmp_path):
    assert run("list", "--data", tmp_path).exit_code == 1
