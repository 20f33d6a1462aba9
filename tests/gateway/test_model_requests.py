"""What is asked of model servers, and what is told of their answers."""

from dataclasses import replace

import pytest

from domain.answers import Usage
from gateway.audit.machine_entries import probabilities, tokens
from gateway.metrics import Metrics
from gateway.settings import SettingsError, load
from tests import model_runs

DEV = {"data": "x", "dev": True, "model_name": "m"}
RUN = replace(model_runs.RUN, shadow=True)
SURE = (0.05, 0.8, 0.1, 0.03, 0.02)


@pytest.mark.parametrize(
    "url",
    [
        "http://h:30000/v1",
        "https://h/v1 http://127.0.0.1:1/v1",
        "http://a/v1,http://b/v1",
        "http://a/v1, http://b/v1",
    ],
)
def test_one_address_or_several_can_be_given(url):
    assert load({**DEV, "model_url": url}).model_url == url


@pytest.mark.parametrize("url", ["", " ", "h:30000/v1", "http://a/v1 b", "http://a,,"])
def test_what_is_no_address_is_refused_at_the_start(url):
    with pytest.raises(SettingsError, match="model_url"):
        load({**DEV, "model_url": url})


@pytest.mark.parametrize("calibration", [0, -1, 1000])
def test_a_calibration_that_is_no_temperature_is_refused(calibration):
    with pytest.raises(SettingsError, match="calibration"):
        load({**DEV, "model_requests": {"calibration": calibration}})


def test_metrics_tell_what_answers_cost_and_how_much_was_cached():
    metrics = Metrics()

    metrics.model_runs.count(replace(RUN, usage=Usage(prompt=400, cached=0, answer=90)))
    metrics.model_runs.count(
        replace(RUN, usage=Usage(prompt=400, cached=300, answer=10), probabilities=SURE)
    )

    text = metrics.text().decode()
    assert 'triage_gateway_model_tokens_total{kind="prompt"} 800.0' in text
    assert 'triage_gateway_model_tokens_total{kind="cached"} 300.0' in text
    assert 'triage_gateway_model_tokens_total{kind="answer"} 100.0' in text
    assert "triage_gateway_model_cache_hit_rate 0.375" in text
    assert 'triage_gateway_model_certainty_bucket{le="0.7"} 0.0' in text
    assert "triage_gateway_model_certainty_count 1.0" in text


def test_a_server_that_tells_nothing_is_counted_as_that():
    metrics = Metrics()

    metrics.model_runs.count(RUN)

    assert "triage_gateway_model_cache_hit_rate 0.0" in metrics.text().decode()


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (RUN, "not told"),
        (
            replace(RUN, probabilities=SURE),
            "5%, 80%, 10%, 3%, 2% (as the model told it, not calibrated)",
        ),
        (
            replace(RUN, probabilities=SURE, calibration=1.5),
            "5%, 80%, 10%, 3%, 2% (calibrated by the temperature 1.5)",
        ),
    ],
)
def test_an_auditor_reads_how_sure_the_model_was_and_by_what_measure(run, told):
    assert probabilities(run) == told


def test_an_auditor_reads_what_an_answer_cost():
    known = replace(RUN, usage=Usage(prompt=400, cached=300, answer=10))

    assert tokens(RUN) == "the server does not tell"
    assert tokens(known) == "400 of the prompt (300 cached), 10 written"


def test_a_run_is_as_sure_as_its_most_probable_level():
    assert RUN.certainty is None
    assert replace(RUN, probabilities=SURE).certainty == 0.8
