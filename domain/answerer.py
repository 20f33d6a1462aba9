"""Which model answers, compared with the release that it should be."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.answers import Asking, ModelRun
from domain.registered import Release
from domain.served import Served


@dataclass(frozen=True, kw_only=True)
class Answerer:
    """What of a model that answers has to be that of the active release."""

    weights: str
    adapter: str  # its name on the server, "" without one
    adapter_sha256: str  # as declared
    asking: Asking

    @classmethod
    def of_run(cls, run: ModelRun) -> "Answerer":
        """Return it for an answer."""
        return cls(
            weights=run.model.weights,
            adapter=run.model.adapter,
            adapter_sha256=run.adapter_sha256,
            asking=run.asking,
        )

    @classmethod
    def of_served(cls, served: Served) -> "Answerer":
        """Return it for a model that passed its self-test."""
        return cls(
            weights=served.weights,
            adapter=served.adapter,
            adapter_sha256=served.adapter_sha256,
            asking=Asking(
                prompt=served.prompt,
                prompt_sha256=served.prompt_sha256,
                schema_sha256=served.schema_sha256,
            ),
        )

    def is_of(self, release: Release) -> bool:
        """Say whether weights and adapter are those of a release."""
        return not any(differences(self, release))


def differences(answerer: Answerer, release: Release) -> Iterator[str]:
    """Say what of weights and adapter is not that of the active release."""
    whose = f"those of the active release, {release.title}"
    if answerer.weights.removeprefix("sha256:").lower() != release.base_sha256:
        yield f"its weights are not declared to be {whose}"
    if bool(answerer.adapter) != bool(answerer.adapter_sha256):
        yield "it has an adapter without a declared hash, or a hash without an adapter"
    if answerer.adapter_sha256 != release.adapter_sha256:
        yield f"its adapter's files are not declared to be {whose}"


def unasked(asking: Asking, release: Release) -> Iterator[str]:
    """Say how it is asked otherwise than a release was measured."""
    told = release.asking
    if asking.prompt != told.prompt:
        yield f"it was measured with prompt {told.prompt}, now there is {asking.prompt}"
    elif asking.prompt_sha256 != told.prompt_sha256:
        yield "it was measured with another text of the prompt"
    if asking.schema_sha256 != told.schema_sha256:
        yield "it was measured with another answer format"
