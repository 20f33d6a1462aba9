"""A release and a gate as their files tell them, for the registry.

Whoever registers a release verifies its folder (`inference.release`). What is sent to a
running gateway, manifest, signature and evaluation, is verified once more here.
"""

import hashlib
import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from domain.answers import Asking
from domain.errors import UnfitReleaseError, UnregistrableReleaseError
from domain.registered import Measured, Release, Required
from inference.canary import prompt_of_canary
from inference.evaluation import UnreadableEvaluationError, read_evaluation
from inference.prompt import PROMPT_VERSION
from inference.release import EVALUATION, GGUF, MANIFEST, Manifest, is_of
from inference.signature import PublicKey, SignatureError


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The texts of `release.json`, its signature, and `evaluation.json`."""

    manifest: str
    signature: str
    evaluation: str
    key: str  # the public key that the signature has to be of


class _Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    require: tuple[dict[str, object], ...]


def asking() -> Asking:
    """Return how this program asks a model."""
    prompt, schema = prompt_of_canary()
    return Asking(prompt=PROMPT_VERSION, prompt_sha256=prompt, schema_sha256=schema)


def release(sent: Sent) -> Release:
    """Read a release whose manifest is signed and whose evaluation is the one signed.

    Raises:
        UnregistrableReleaseError: a text is not what the key has signed, or none.

    """
    try:
        key = PublicKey.parse(sent.key)
        key.require(sent.manifest, sent.signature)
        told = msgspec.json.decode(sent.manifest, type=Manifest)
        figures = _figures(sent.evaluation, told)
    except (SignatureError, UnreadableEvaluationError) as error:
        raise UnregistrableReleaseError(f"The release is refused: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UnregistrableReleaseError(
            f"{MANIFEST} is none: register the folder that `triage-gateway train` made."
        ) from error
    return Release(
        name=told.name,
        version=told.version,
        sha256=_sha256(sent.manifest),
        base=told.base.name,
        base_sha256=told.base.sha256,
        adapter_sha256=told.adapter.sha256,
        asking=Asking(
            prompt=told.prompt.version,
            prompt_sha256=told.prompt.sha256,
            schema_sha256=told.schema.sha256,
        ),
        figures=figures,
        key=str(key),
    )


def required(content: str) -> tuple[Required, ...]:
    """Read a gate's file, for an activation as for `triage-gateway evaluate --gate`.

    Raises:
        UnfitReleaseError: it is none, or a requirement in it can mean nothing.

    """
    try:
        told = msgspec.convert(tomllib.loads(content), _Gate).require
        found = msgspec.convert(told, tuple[Required, ...])
    except (ValueError, RecursionError) as error:
        raise UnfitReleaseError(
            f"It is no gate ({error}): docs/evaluation.md shows its [[require]] tables."
        ) from error
    for number, (given, each) in enumerate(zip(told, found, strict=True), 1):
        for fault in _faults(given, each):
            raise UnfitReleaseError(f"Requirement {number} of the gate: {fault}")
    return found


def gate_sha256(content: str) -> str:
    """Return the hash by which the log names a gate's file."""
    return _sha256(content)


def _faults(given: dict[str, object], read: Required) -> Iterator[str]:
    unknown = sorted(given.keys() - Required.__dataclass_fields__.keys())
    if unknown:
        yield f"it has an unknown field, {unknown[0]}."
    bounds = [each for each in (read.at_most, read.at_least) if each is not None]
    if len(bounds) != 1:
        yield "give either at_most or at_least."
    if not all(map(math.isfinite, bounds)):
        yield "its bound is no number that a figure could miss."
    if bool(read.group) is not bool(read.of):
        yield "`group` and `of` need each other, such as sex and female."


def _figures(evaluation: str, told: Manifest) -> tuple[Measured, ...]:
    if told.files.get(EVALUATION) != _sha256(evaluation):
        raise UnreadableEvaluationError(f"{EVALUATION} is not the one that was signed.")
    found = read_evaluation(evaluation.encode())
    adapter = told.adapter.sha256
    if not is_of(found, {adapter, told.files.get(GGUF, adapter)}):
        raise UnreadableEvaluationError(f"{EVALUATION} is of another adapter.")
    if found.prompt != told.prompt.version:
        raise UnreadableEvaluationError(f"{EVALUATION} is of another prompt.")
    return found.figures


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
