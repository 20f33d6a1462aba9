import asyncio
import json
from datetime import date
from pathlib import Path

import pytest

from inference.collection import load_folder
from inference.embed import MiniLmEmbedder
from inference.knowledge import starter_folder
from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.index import ensure_index
from inference.schema import Query

TODAY = date(2026, 11, 22)
LABELLED = Path(__file__).parents[1] / "assets" / "retrieval"
NEAR = "near-miss"


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    path = tmp_path_factory.mktemp("starter") / "knowledge.sqlite"
    embedder = MiniLmEmbedder.packaged()
    ensure_index(path, load_folder(starter_folder()), embedder)
    return EmbeddedRetriever(path, embedder)


def documents(retriever, *texts, population=()):
    query = Query(texts=texts, population=population, today=TODAY)
    retrieval = asyncio.run(retriever.retrieve(query))
    return {passage.id.split("#")[0] for passage in retrieval.passages}


def labelled(name):
    return [json.loads(line) for line in (LABELLED / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("query", "document"),
    [(row["query"], *row["documents"]) for row in labelled("starter.jsonl")],
)
def test_a_complaint_finds_its_document(retriever, query, document):
    assert document in documents(retriever, query)


def test_words_that_the_threshold_was_not_set_by_find_most_documents(retriever):
    rows = labelled("starter_held_out.jsonl")

    hits = [{*row["documents"]} <= documents(retriever, row["query"]) for row in rows]

    assert len(rows) == 36
    assert sum(hits) >= 32


@pytest.mark.parametrize(
    "query",
    [
        *(r["query"] for r in labelled("unanswerable.jsonl") if r["group"] != NEAR),
        "asdf qwer zxcv",
        "?!?",
    ],
)
def test_what_is_not_about_illness_finds_nothing(retriever, query):
    assert documents(retriever, query) == set()


def test_most_near_misses_find_nothing(retriever):
    """Text about bodies and clinics that no passage answers."""
    rows = labelled("unanswerable.jsonl") + labelled("unanswerable_held_out.jsonl")
    near = [row["query"] for row in rows if row["group"] != "unrelated"]

    shown = [query for query in near if documents(retriever, query)]

    assert len(near) == 40
    assert len(shown) <= 4


def test_an_adult_with_fever_is_not_given_the_infant_rules(retriever):
    assert "infants-and-fever" in documents(retriever, "fever", population=("child",))
    assert "infants-and-fever" not in documents(
        retriever, "fever", population=("adult",)
    )


def test_complaint_and_medicine_together_find_both(retriever):
    assert documents(retriever, "head injury", "apixaban", population=("adult",)) >= {
        "head-injury",
        "drugs-and-bleeding",
    }
