"""A recorded prompt sent again, to see what a model says to it today.

This is no replay: a replay makes again what is determined by the log, without any
model. A rerun asks a model, and reports; it writes nothing.
"""

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.answers import ModelIdentity, ModelRun
from domain.events import ImpressionProposed, ImpressionWithheld
from domain.values import Case
from gateway.audit.case import Life
from inference.contract import output_schema, schema_sha256
from inference.prompt import case_refs, prompt_sha256
from inference.schema import UNDECLARED, Answer, Generator


class NothingToRerunError(Exception):
    """There is no recorded prompt to send; the message says why."""


class Verdict(StrEnum):
    """What a rerun shows."""

    SAME = "same"
    DIFFERS = "differs"
    ANOTHER = "another model"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A prompt that was sent, and all that its answer was recorded with."""

    position: int
    at: datetime
    revision: int
    case: Case
    run: ModelRun


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """Two answers to one prompt; `others` names what else than the answer differs.

    `diff` is a unified diff of the answers, empty where they are the same. `undeclared`
    is what nobody declared, then or now, so that it may be another in spite of all.
    """

    verdict: Verdict
    others: tuple[tuple[str, str, str], ...]  # what, as recorded, as it is now
    diff: tuple[str, ...]
    undeclared: tuple[str, ...]
    milliseconds: int


def asked(life: Life, revision: int | None = None) -> Asked:
    """Return the prompt of an assessment of a case, the newest where none is named.

    Raises:
        NothingToRerunError: no model was asked then, or the prompt was erased.

    """
    answers = [
        (recorded, event, before)
        for recorded, event, before, _ in life.events
        if isinstance(event, ImpressionProposed | ImpressionWithheld)
        and revision in (None, event.revision)
    ]
    if not answers:
        raise NothingToRerunError(_missing(life, revision))
    recorded, event, before = answers[-1]
    if event.run is None or before.case is None:
        reasons = (
            "; ".join(event.reasons) if isinstance(event, ImpressionWithheld) else ""
        )
        raise NothingToRerunError(f"No model answered then: {reasons}")
    _require_whole(event.run)
    return Asked(
        position=recorded.position,
        at=recorded.at,
        revision=event.revision,
        case=before.case,
        run=event.run,
    )


async def rerun(recorded: Asked, generator: Generator, *, adapter_sha256: str) -> Rerun:
    """Send the recorded prompt, byte for byte, and compare the answers.

    Args:
        recorded: the prompt, and all that its answer was recorded with.
        generator: the model of today.
        adapter_sha256: of its adapter's files, as declared; "" where nobody does.

    Raises:
        GeneratorUnavailableError: the model gave no answer.

    """
    run = recorded.run
    schema = output_schema(run.passages, case_refs(recorded.case))
    answer = await generator.generate(run.prompt, schema=schema)
    files = (
        _files(run.model, run.adapter_sha256),
        _files(answer.model, adapter_sha256),
    )
    others = tuple(
        each
        for each in (
            *_identity(run, answer),
            ("adapter's files", *files),
            *_conditions(run, schema, answer),
        )
        if each[1] != each[2]
    )
    said = (run.answer, run.finish) == (answer.text, answer.finish)
    verdict = Verdict.SAME if said else Verdict.DIFFERS
    return Rerun(
        verdict=Verdict.ANOTHER if others else verdict,
        others=others,
        diff=() if said else _diff(run, answer),
        undeclared=tuple(_undeclared(run, answer, files)),
        milliseconds=answer.milliseconds,
    )


def _missing(life: Life, revision: int | None) -> str:
    if life.erased:
        return "The prompt was erased, with everything else of this case."
    if revision is None:
        return "No model was asked about this case."
    return f"No model was asked about revision {revision} of this case's data."


def _require_whole(run: ModelRun) -> None:
    if prompt_sha256(run.prompt) != run.prompt_sha256:
        raise NothingToRerunError(
            "The recorded prompt is not the one that the recorded hash names: ask "
            "'triage-gateway audit replay' what else differs."
        )


def _identity(run: ModelRun, answer: Answer) -> Iterator[tuple[str, str, str]]:
    then, now = run.model, answer.model
    yield "base", then.name.partition(":")[0], now.name.partition(":")[0]
    yield "adapter", then.adapter or "none", now.adapter or "none"
    yield "weights", then.weights, now.weights
    yield "server", then.server, now.server
    yield "reported by the server", then.reported or "none", now.reported or "none"


def _files(model: ModelIdentity, sha256: str) -> str:
    """Return which files a model's adapter is: a name says nothing about them."""
    return sha256 or (UNDECLARED if model.adapter else "none")


def _undeclared(run: ModelRun, answer: Answer, files: tuple[str, str]) -> Iterator[str]:
    if UNDECLARED in (run.model.weights, answer.model.weights):
        yield "the weights"
    if UNDECLARED in files:
        yield "the adapter's files"


def _conditions(
    run: ModelRun, schema: dict[str, object], answer: Answer
) -> Iterator[tuple[str, str, str]]:
    yield "schema", run.schema_sha256, schema_sha256(schema)
    then, now = run.sampling, answer.sampling
    yield "temperature", str(then.temperature), str(now.temperature)
    yield "seed", str(then.seed), str(now.seed)
    yield "most tokens", str(then.max_tokens), str(now.max_tokens)


def _diff(run: ModelRun, answer: Answer) -> tuple[str, ...]:
    """Compare value by value, and by each character where all values are the same.

    A name that is given twice, or a space, makes another text of the same JSON.
    """
    return _compared(run, answer, _values) or _compared(run, answer, _lines)


def _compared(
    run: ModelRun, answer: Answer, divided: Callable[[str], list[str]]
) -> tuple[str, ...]:
    before, after = (
        [*divided(text), f"(ended by: {finish})"]
        for text, finish in ((run.answer, run.finish), (answer.text, answer.finish))
    )
    return tuple(difflib.unified_diff(before, after, "recorded", "now", lineterm=""))


def _values(text: str) -> list[str]:
    """Return JSON as one value a line, and any other text as it is."""
    try:
        return _lines(json.dumps(json.loads(text), indent=1, ensure_ascii=False))
    except (ValueError, RecursionError):
        return _lines(text)


def _lines(text: str) -> list[str]:
    """Divide a text so that no other text gives the same lines."""
    return text.split("\n")
