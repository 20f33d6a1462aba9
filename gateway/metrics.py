"""What operators watch, as Prometheus metrics. No label holds patient data."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from domain.answers import ModelRun

_PREFIX = "triage_gateway_"
_SECONDS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 20, 40, 60, 120, 300),
)
_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1)
_GAUGES = {
    "log_position": "Position of the last committed event.",
    "log_commits": "Commits (fsyncs) of the log since the start.",
    "log_units": "Units of work committed since the start.",
    "log_append_seconds": "Processor seconds of units: deciding, encoding, encrypting.",
    "log_commit_seconds": "Seconds the writer spent inserting and syncing.",
    "projection_seconds": "Processor seconds spent in keeping the read models.",
    "projection_lag": "Events that the read models do not show yet.",
    "open_cases": "Cases that wait for a nurse.",
    "overdue_tasks": "Tasks whose time is over and that no nurse has taken.",
    "accesses_waiting": "Reads and refusals that the log does not have yet.",
    "audit_lag": "Events of which no AuditEvent can be searched yet.",
    "audit_poisoned": "Events that could not be made AuditEvents: see the log output.",
    "witness_age_seconds": "Since the slowest witness had the newest checkpoint.",
    "model_in_service": "1 while the model may be asked, else the rules stand alone.",
    "model_suspended": "1 while the model is switched off, by a person or its figures.",
    "model_raise_share": "Share of the last answers by which a case became urgent.",
    "quarantine_waiting": "Requests set aside that wait to be run again or dismissed.",
}


class ModelRuns:
    """What the model's answers cost, and how sure it was of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tokens = Counter(
            f"{_PREFIX}model_tokens",
            "Tokens of prompts, of these cached by the model server, and of answers.",
            ("kind",),
            registry=registry,
        )
        self._hit_rate = Gauge(
            f"{_PREFIX}model_cache_hit_rate",
            "Share of the prompts' tokens that the model server had cached.",
            registry=registry,
        )
        self._certainty = Histogram(
            f"{_PREFIX}model_certainty",
            "How probable the model found the level it named, where its server tells.",
            buckets=_SHARES,
            registry=registry,
        )
        self._prompted = self._cached = 0

    def count(self, run: ModelRun) -> None:
        """Count an answer, shown or not."""
        used = run.usage
        self._tokens.labels("prompt").inc(used.prompt)
        self._tokens.labels("cached").inc(used.cached)
        self._tokens.labels("answer").inc(used.answer)
        self._prompted += used.prompt
        self._cached += used.cached
        if self._prompted:
            self._hit_rate.set(self._cached / self._prompted)
        if run.certainty is not None:
            self._certainty.observe(run.certainty)


class Metrics:
    """The metrics of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter(
            "requests", "HTTP requests answered.", "method", "route", "status"
        )
        self.request_seconds = self._histogram(
            "request_seconds", "Seconds from a request's head to its answer.", "route"
        )
        self.step_seconds = self._counter(
            "step_seconds", "Seconds in parse (all of a Bundle), check, append.", "step"
        )
        self.set_aside = self._counter("requests_set_aside", "Answered 202: not used.")
        self.accepted = self._counter("resources_accepted", "Changes acknowledged.")
        self.floors = self._counter(
            "floor_assessments", "Assessments by the deterministic floor.", "acuity"
        )
        self.floor_delay = self._histogram(
            "floor_delay_seconds", "Seconds that the floor took for a case."
        )
        self.escalations = self._counter(
            "task_escalations",
            "Tasks that no nurse took in their time, by the level they got.",
            "acuity",
        )
        self.answers = self._counter(
            "model_answers", "Model runs by result: proposed or withheld.", "result"
        )
        self.disagreements = self._counter(
            "model_disagreements", "Answers two levels or more from the rules."
        )
        self.input_flags = self._counter(
            "model_input_flags", "Texts that read as if meant for software.", "kind"
        )
        self.model_seconds = self._histogram(
            "model_seconds", "Seconds of a whole model run, retrieval included."
        )
        self.model_runs = ModelRuns(self.registry)
        self.gauges = _gauges(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(
            _PREFIX + name, what, labels, buckets=_SECONDS, registry=self.registry
        )

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the seconds that a step of intake takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.step_seconds.labels(name).inc(time.perf_counter() - began)

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.registry)


def _gauges(registry: CollectorRegistry) -> dict[str, Gauge]:
    return {
        name: Gauge(f"{_PREFIX}{name}", what, registry=registry)
        for name, what in _GAUGES.items()
    }


@dataclass(frozen=True, eq=False)  # a registry keeps it by its identity
class _Labelled(Collector):
    """The metrics of several tenants as one collection."""

    by_tenant: Mapping[str, Metrics]

    def collect(self) -> Iterable[Metric]:
        """Return each metric once, with the samples of all tenants."""
        families: dict[str, Metric] = {}
        for tenant, metrics in self.by_tenant.items():
            for each in metrics.registry.collect():
                made = Metric(each.name, each.documentation, each.type)
                known = families.setdefault(each.name, made)
                known.samples += [
                    sample._replace(labels={**sample.labels, "tenant": tenant})
                    for sample in each.samples
                ]
        return families.values()


def labelled(by_tenant: Mapping[str, Metrics]) -> bytes:
    """Return the metrics of several tenants, each sample with the label `tenant`."""
    registry = CollectorRegistry()
    registry.register(_Labelled(by_tenant))
    return generate_latest(registry)
