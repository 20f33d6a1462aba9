"""`triage-gateway knowledge evaluate`: measure retrieval on labelled queries."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from gateway.cli.knowledge_evaluate_table import markdown, show
from gateway.cli.progress import bar
from gateway.evaluation import relevance, retrieval
from gateway.evaluation.cases import CasesError
from gateway.evaluation.relevance import Remembering, Report
from gateway.evaluation.retrieval import Library
from inference.embed import Embedder, EmbeddingUnavailableError, open_embedder
from inference.retrieve.embedded import Method, Ranking
from inference.retrieve.index import ensure_index

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    seed: int
    index: Path | None
    model: str


@click.command("evaluate")
@click.argument("folder", type=_FOLDER)
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Labelled queries, a JSON object a line; openem's are found by themselves.",
)
@click.option(
    "--beside",
    type=_FOLDER,
    multiple=True,
    help="Further documents in the index, which answer no query of these.",
)
@click.option(
    "--index",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the index in this file: embedding is what takes long.",
)
@click.option("--model", default="", help="Embedding model: a folder, or a hub's name.")
@click.option("--seed", default=1, show_default=True, help="Of the bootstrap.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
def evaluate_knowledge(
    folder: Path,
    queries: tuple[Path, ...],
    beside: tuple[Path, ...],
    index: Path | None,
    model: str,
    *,
    seed: int,
    as_markdown: bool,
) -> None:
    """Measure keyword, vector and hybrid search of a FOLDER on labelled queries."""
    wanted = Wanted(seed=seed, index=index, model=model)
    try:
        library = retrieval.read(folder, queries, beside)
        found = _measured(library, open_embedder(model), wanted)
    except (CasesError, EmbeddingUnavailableError, OSError) as error:
        raise click.ClickException(str(error)) from None
    except sqlite3.Error as error:
        raise click.ClickException(f"The index cannot be written: {error}.") from None
    if as_markdown:
        click.echo(markdown(found))
    else:
        show(found)


def _measured(library: Library, embedder: Embedder, wanted: Wanted) -> Report:
    with TemporaryDirectory() as folder:
        index = wanted.index or Path(folder) / "knowledge.sqlite"
        with bar("Embedding") as progress:
            name = ensure_index(index, library.passages, embedder, progress)
        texts = [each.text for each in library.queries]
        known = Remembering(embedder, texts)
        found = asyncio.run(_searched(library, index, known))
    ranked, threshold = found[:-1], found[-1]
    return Report(
        library=library,
        index=name,
        embedder=embedder.identity,
        version=version("triage-gateway"),
        at=datetime.now(UTC),
        ways={
            method: relevance.measured(each, seed=wanted.seed)
            for method, each in zip(Method, ranked, strict=True)
        },
        shown=relevance.shown(threshold),
        missed=relevance.missed(threshold),
        embedding_ms=tuple(np.percentile(known.milliseconds, (50, 95)).tolist()),
    )


async def _searched(
    library: Library, index: Path, embedder: Remembering
) -> list[list[relevance.Found]]:
    """Search in each way without a threshold, and at last as a gateway does."""
    rankings: Sequence[Ranking] = [
        *(replace(relevance.UNLIMITED, method=method) for method in Method),
        Ranking(),
    ]
    today = datetime.now(UTC).date()
    found = []
    for ranking in rankings:
        with bar(f"Searching, {ranking.method.value}") as progress:
            found.append(
                await relevance.searched(
                    index,
                    embedder,
                    library.queries,
                    ranking,
                    today=today,
                    progress=progress,
                )
            )
    return found
