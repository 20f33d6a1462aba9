"""What operators watch, as Prometheus metrics. No label holds patient data."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MODEL_SECONDS = (0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300)


class Metrics:
    """The metrics of one gateway, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "triage_gateway_requests_total",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "triage_gateway_request_seconds",
            "Seconds from a request's head to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.step_seconds = Counter(
            "triage_gateway_step_seconds_total",
            "Seconds spent in a step of intake: parse, check, append.",
            ("step",),
            registry=self.registry,
        )
        self.accepted = Counter(
            "triage_gateway_resources_accepted_total",
            "Resources that were stored as new versions.",
            registry=self.registry,
        )
        self.floors = Counter(
            "triage_gateway_floor_assessments_total",
            "Assessments by the deterministic floor.",
            ("acuity",),
            registry=self.registry,
        )
        self.floor_delay = Histogram(
            "triage_gateway_floor_delay_seconds",
            "Seconds from a case's newest data to the floor's assessment.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.answers = Counter(
            "triage_gateway_model_answers_total",
            "Model runs by result: proposed or withheld.",
            ("result",),
            registry=self.registry,
        )
        self.model_seconds = Histogram(
            "triage_gateway_model_seconds",
            "Seconds of a whole model run, retrieval included.",
            buckets=_MODEL_SECONDS,
            registry=self.registry,
        )
        self.head = Gauge(
            "triage_gateway_log_position",
            "Position of the last committed event.",
            registry=self.registry,
        )
        self.groups = Gauge(
            "triage_gateway_log_commits",
            "Commits (fsyncs) of the log since the start.",
            registry=self.registry,
        )
        self.units = Gauge(
            "triage_gateway_log_units",
            "Units of work committed since the start.",
            registry=self.registry,
        )
        self.lag = Gauge(
            "triage_gateway_projection_lag",
            "Events that the read models do not show yet.",
            registry=self.registry,
        )
        self.open_cases = Gauge(
            "triage_gateway_open_cases",
            "Cases that wait for a nurse.",
            registry=self.registry,
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
