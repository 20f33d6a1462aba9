"""`triage-gateway model`: what stands against a model, and what an adapter is."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from domain.registry import EMPTY
from domain.served import (
    Figure,
    ModelRefused,
    ModelSuspended,
    Raises,
    RaisesExceeded,
    Served,
)
from domain.serving import Serving
from gateway.cli import model as command
from tests.inference.test_adapter import PLAIN, safetensors, tensors

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SERVED = Served(
    name="base",
    adapter="first",
    weights="sha256:1",
    server="sglang",
    prompt="1",
    prompt_sha256="2",
    schema_sha256="3",
    index="4",
    rules="5",
    catalogue="6",
)


def test_a_model_that_answers_is_shown_with_what_its_answers_depend_on():
    lines = command._lines(Serving(served=SERVED), EMPTY)

    assert lines[0] == (
        "model: base with adapter first, in shadow: the settings keep it there"
    )
    assert "release: none is registered of it" in lines
    assert "weights: sha256:1" in lines
    assert "adapter's hash: not declared" in lines
    assert lines[-1] == "nothing stands against it"


def test_everything_that_stands_against_a_model_is_shown():
    figure = Figure(name="median seconds of an answer", value=50.0, limit=45.0)
    raises = Raises(raised=20, answered=50, limit=0.3)
    lines = command._lines(
        Serving(
            suspended=ModelSuspended(by="", reason="", figures=(figure,), at=AT),
            refused=ModelRefused(
                served=SERVED, faults=("it is not listed",), canaries=(), at=AT
            ),
            exceeded=RaisesExceeded(raises=raises, at=AT),
        ),
        EMPTY,
    )

    assert lines[0] == "no model has passed its self-test"
    assert "median seconds of an answer 50, limit 45" in lines[1]
    assert "it is not listed" in lines[2]
    assert "20 of the last 50 by then, more than 30%" in lines[3]


@pytest.fixture
def adapter(tmp_path):
    def made(**config):

        (tmp_path / "adapter_config.json").write_text(json.dumps({**PLAIN, **config}))
        (tmp_path / "adapter_model.safetensors").write_bytes(safetensors(tensors()))
        return str(tmp_path)

    return made


def test_a_fine_adapter_is_shown_with_its_hash(adapter):
    found = CliRunner().invoke(command.model, ["lint", adapter()])

    assert found.exit_code == 0, found.output
    assert "adapter: rank 4, 2 layers, q_proj, v_proj" in found.output
    assert "sha256: " in found.output


def test_an_adapter_that_would_be_served_wrongly_is_refused(adapter):
    found = CliRunner().invoke(
        command.model, ["lint", adapter(use_rslora=True), "--most-rank", "2"]
    )

    assert found.exit_code == 1
    assert "use_rslora" in found.output
    assert "over the server's limit, 2" in found.output


def test_a_folder_that_is_no_adapter_is_refused(tmp_path):
    found = CliRunner().invoke(command.model, ["lint", str(tmp_path)])

    assert found.exit_code == 1
    assert "adapter_config.json" in found.output
