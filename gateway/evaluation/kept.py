"""Answers of a model kept in a file, so that an evaluation that broke off goes on.

An answer is known again by all that it depends on: the model, and the prompt and the
schema, in which case, floor and passages are byte for byte.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from domain.answers import Message, ModelIdentity
from domain.values import Acuity
from gateway.evaluation.cases import CasesError
from inference.contract import schema_sha256
from inference.prompt import prompt_sha256
from inference.schema import Answer, Generator


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    answer: Answer


class KeptAnswers(AbstractContextManager["KeptAnswers"]):
    """A generator that asks another one only what the file does not tell.

    Each answer is in the file before it is given. That no answer came is not kept:
    the next run asks again. A model's words are in the file, which may repeat a
    patient's: only its owner may read it.

    Args:
        generator: the model.
        path: the file; made where it is not there.
        identity: names the model as far as it is known before it is asked.

    Raises:
        CasesError: the file cannot be used.

    """

    def __init__(self, generator: Generator, path: Path, *, identity: str) -> None:
        self.asked = self.reused = 0
        self._generator = generator
        self.path = path
        self._identity = identity
        self._known, whole = _read(path)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(path, flags, 0o600)
            os.truncate(path, whole)  # what a crash tore off would spoil the next line
        except OSError as error:
            raise CasesError(f"{path} cannot be written: {error.strerror}.") from None

    def __enter__(self) -> Self:
        """Return this generator, which closes its file at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        os.close(self._file)

    async def generate(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, object],
        urgency: Acuity | None = None,
    ) -> Answer:
        """Return the kept answer to a prompt, or ask and keep.

        Raises:
            GeneratorUnavailableError: the model gives no answer.
            CasesError: it is another model than the one whose answers are kept.

        """
        parts = (self._identity, prompt_sha256(messages), schema_sha256(schema))
        key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if key in self._known:
            self.reused += 1
            return self._known[key]
        answer = await self._generator.generate(
            messages, schema=schema, urgency=urgency
        )
        self._require_same(answer.model)
        line = msgspec.json.encode(_Line(key=key, answer=answer)) + b"\n"
        os.write(self._file, line)
        self._known[key] = answer
        self.asked += 1
        return answer

    def _require_same(self, model: ModelIdentity) -> None:
        """Refuse a server that serves other weights by the same name.

        What the server calls itself in an answer is no part of it: it may say less.
        """
        known = next(iter(self._known.values()), None)
        if known and replace(known.model, reported="") != replace(model, reported=""):
            raise CasesError(
                f"{self.path} holds answers of another model ({known.model.name}"
                f" {known.model.weights}) than the one that answers now ({model.name}"
                f" {model.weights}): give another --out, or remove the file."
            )


def _read(path: Path) -> tuple[dict[str, Answer], int]:
    """Return the answers of a file, and how many bytes of it are whole lines."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return {}, 0
    except OSError as error:
        raise CasesError(f"{path} cannot be read: {error.strerror}.") from None
    whole = body.rfind(b"\n") + 1
    try:
        lines = [msgspec.json.decode(e, type=_Line) for e in body[:whole].splitlines()]
    except ValueError:
        raise CasesError(
            f"{path} is no file of answers: give another --out, or remove it."
        ) from None
    return {each.key: each.answer for each in lines}, whole
