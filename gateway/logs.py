"""Structured logs without patient data: a key must be on the list to be written."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Literal

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "address",
        "acuity",
        "case",
        "client",
        "count",
        "document",
        "entries",
        "error",
        "exception",
        "guards",
        "head",
        "method",
        "milliseconds",
        "model",
        "passages",
        "position",
        "problems",
        "reason",
        "request",
        "revision",
        "route",
        "shadow",
        "status",
        "withheld",
        "worker",
    }
)


class Unfailing(structlog.PrintLogger):
    """Prints lines; one that a full disk or a broken pipe refuses is lost.

    Whoever logs goes on: a worker that a patient waits for must not end by a line.
    """

    def msg(self, message: str) -> None:
        """Print a line, or lose it."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def configure(form: Literal["console", "json"]) -> None:
    """Write one line an event to standard error, pretty or as JSON."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: Unfailing(sys.stderr),
    )


def only_allowed(
    _logger: Any,  # noqa: ANN401 (structlog hands in whatever it wraps)
    _name: str,
    line: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list, and say that one was dropped."""
    dropped = [key for key in line if key not in ALLOWED]
    for key in dropped:
        del line[key]
    if dropped:
        line["problems"] = "a key that is not on the allow-list was dropped"
    return line


def places(error: BaseException) -> str:
    """Return where an error arose: files and lines, never its message or values."""
    found = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno}")
        step = step.tb_next
    return " > ".join(found)
