import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.knowledge import content_hash, parse_document
from inference.retrieve.embedded import (
    MOST_PASSAGES,
    POOL,
    RELEVANT,
    EmbeddedRetriever,
    Method,
    Ranking,
)
from inference.retrieve.index import (
    IndexMismatchError,
    ensure_index,
    require_index,
)
from inference.schema import Query, RetrievalUnavailableError, SourceKind
from tests.inference.retriever_contract import WordEmbedder

TODAY = date(2026, 11, 22)
DOCUMENT = """---
title: Testing
kind: clinic-guideline
source: A. Author, 2020
date: 2020
population: adult, child, pregnant
licence: Apache-2.0
reviewed: false
---

## Knee

Rest the sore knee and raise the leg.

## Infant

population: child

Fever in an infant is urgent.

## Pregnancy

population: pregnant

Headache with blurred vision is urgent.

## Adult

population: adult

Fever in an adult with chills.

## Warfarin

kind: drug-information

Warfarin raises the risk of bleeding.
"""
PASSAGES = parse_document(DOCUMENT, name="t.md")


def changed(passage, **facts):
    other = replace(passage, **facts)
    return replace(other, sha256=content_hash(other))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    path = tmp_path_factory.mktemp("index") / "data dir?#" / "knowledge.sqlite"
    ensure_index(path, PASSAGES, WordEmbedder())
    return path


def ask(index, *texts, population=(), today=TODAY, embedder=None):
    retriever = EmbeddedRetriever(index, embedder or WordEmbedder())
    query = Query(texts=texts, population=population, today=today)
    return asyncio.run(retriever.retrieve(query))


def found(*args, **options):
    return [passage.id for passage in ask(*args, **options).passages]


def damaged(index, path, sql):
    if path != index:
        path.write_bytes(index.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)
    return path


def test_a_passage_comes_back_as_it_was_kept_with_its_rank(index):
    retrieval = ask(index, "sore knee")

    (passage,) = retrieval.passages
    kept = PASSAGES[0]
    facts = ("id", "text", "heading", "source", "kind", "date", "population", "licence")
    for fact in (*facts, "sha256", "reviewed"):
        assert getattr(passage, fact) == getattr(kept, fact)
    assert passage.score == 1
    assert content_hash(passage) == passage.sha256


def test_the_answer_names_the_index_it_came_from(index):
    version = ensure_index(index, PASSAGES, WordEmbedder())

    assert ask(index, "knee").index == version


def test_nothing_relevant_is_a_valid_answer(index):
    retrieval = ask(index, "mortgage rates", "?!", "")

    assert retrieval.passages == ()
    assert retrieval.index


def test_no_sub_query_finds_nothing(index):
    assert found(index) == []


def test_each_sub_query_brings_its_own_passages(index):
    assert set(found(index, "sore knee", "warfarin")) == {"t#knee", "t#warfarin"}


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        (("adult",), ["t#adult"]),
        (("child",), ["t#infant"]),
        (("pregnant",), []),
        (("adult", "pregnant"), ["t#adult"]),
        ((), ["t#adult", "t#infant"]),
    ],
)
def test_a_passage_is_shown_only_to_its_population(index, population, expected):
    assert sorted(found(index, "fever", population=population)) == expected


def test_a_passage_is_shown_until_the_day_it_expires(tmp_path):
    expiring = [changed(passage, expires="2026-11-22") for passage in PASSAGES]
    path = tmp_path / "k.sqlite"
    ensure_index(path, expiring, WordEmbedder())

    assert found(path, "sore knee", today=date(2026, 11, 22)) == ["t#knee"]
    assert found(path, "sore knee", today=date(2026, 11, 23)) == []


def test_a_passage_is_not_shown_before_the_day_it_takes_effect(tmp_path):
    coming = [changed(passage, effective="2026-11-23") for passage in PASSAGES]
    path = tmp_path / "k.sqlite"
    ensure_index(path, coming, WordEmbedder())

    assert found(path, "sore knee", today=date(2026, 11, 22)) == []
    assert found(path, "sore knee", today=date(2026, 11, 23)) == ["t#knee"]


def test_a_hidden_passage_takes_no_place_of_a_shown_one(tmp_path):
    (knee,) = (passage for passage in PASSAGES if passage.id == "t#knee")
    crowd = [
        changed(knee, id=f"t#old-{number}", expires="2020-01-01")
        for number in range(60)
    ]
    path = tmp_path / "k.sqlite"
    ensure_index(path, [*crowd, knee], WordEmbedder())

    assert found(path, "sore knee") == ["t#knee"]


def test_at_most_six_passages_are_given(tmp_path):
    (knee,) = (passage for passage in PASSAGES if passage.id == "t#knee")
    many = [replace(knee, id=f"t#{number}") for number in range(30)]
    path = tmp_path / "k.sqlite"
    ensure_index(path, many, WordEmbedder())

    assert len(found(path, "sore knee", "leg")) == MOST_PASSAGES == 6


def test_an_unchanged_index_is_left_alone(tmp_path):
    path = tmp_path / "k.sqlite"
    steps = []
    first = ensure_index(path, PASSAGES, WordEmbedder(), lambda *s: steps.append(s))
    before = (path.stat().st_ino, path.stat().st_mtime_ns)

    second = ensure_index(path, PASSAGES, WordEmbedder(), lambda *s: steps.append(s))

    assert first == second
    assert steps == [(5, 5)]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before
    assert [each.name for each in tmp_path.iterdir()] == ["k.sqlite"]


@pytest.mark.parametrize(
    ("passages", "embedder"),
    [(PASSAGES[:2], WordEmbedder()), (PASSAGES, WordEmbedder("words@2"))],
)
def test_other_passages_or_another_embedder_rebuild_the_index(
    tmp_path, passages, embedder
):
    path = tmp_path / "k.sqlite"
    before = ensure_index(path, PASSAGES, WordEmbedder())

    after = ensure_index(path, passages, embedder)

    assert after != before
    assert ask(path, "knee", embedder=embedder).index == after


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" * 99])
def test_a_damaged_index_is_unavailable_until_it_is_rebuilt(tmp_path, content):
    path = tmp_path / "k.sqlite"
    path.write_bytes(content)

    with pytest.raises(RetrievalUnavailableError, match="rebuild"):
        ask(path, "knee")

    ensure_index(path, PASSAGES, WordEmbedder())
    assert found(path, "sore knee") == ["t#knee"]


def test_a_missing_index_is_unavailable(tmp_path):
    with pytest.raises(RetrievalUnavailableError, match="rebuild"):
        ask(tmp_path / "none.sqlite", "knee")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE passage SET text = 'Run.' WHERE id = 't#knee'",
        "UPDATE facet SET kind = 'rumour'",
        "UPDATE facet SET population = '[\"adult\"]'",
        "UPDATE passage SET facet = 99 WHERE id = 't#knee'",
        "UPDATE posting SET passages = x'00'",
        "UPDATE posting SET weights = x''",
        "UPDATE posting SET passages = x'ffffff7f', weights = x'00000000'",
        "UPDATE passage SET vector = x'00'",
        "DELETE FROM passage WHERE id = 't#knee'",
        "DELETE FROM about",
        "PRAGMA user_version = 99",
        "DROP TABLE posting",
    ],
)
def test_an_index_that_was_tampered_with_is_unavailable(index, tmp_path, sql):
    path = damaged(index, tmp_path / "k.sqlite", sql)

    with pytest.raises(RetrievalUnavailableError):
        ask(path, "sore knee")


def test_an_index_of_another_embedder_is_not_searched(index):
    with pytest.raises(RetrievalUnavailableError, match="another embedding model"):
        ask(index, "knee", embedder=WordEmbedder("words@2"))


async def test_a_replaced_index_is_searched_from_the_next_query_on(tmp_path):
    path = tmp_path / "k.sqlite"
    ensure_index(path, PASSAGES[1:], WordEmbedder())
    retriever = EmbeddedRetriever(path, WordEmbedder())
    query = Query(texts=("sore knee",), population=(), today=TODAY)
    before = await retriever.retrieve(query)

    version = ensure_index(path, PASSAGES, WordEmbedder())
    after = await retriever.retrieve(query)

    assert before.passages == ()
    assert after.index == version != before.index
    assert [passage.id for passage in after.passages] == ["t#knee"]


async def test_many_queries_at_once_get_the_same_answers(index):
    retriever = EmbeddedRetriever(index, WordEmbedder())
    query = Query(texts=("sore knee", "fever"), population=(), today=TODAY)

    answers = await asyncio.gather(*(retriever.retrieve(query) for _ in range(20)))

    assert len(set(answers)) == 1


HOSTILE = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=80),
    st.lists(
        st.sampled_from(
            [
                "AND",
                "OR",
                "NOT",
                "NEAR(",
                ")",
                '"',
                "*",
                "^",
                ":",
                "-",
                "knee",
                "{",
                "_",
            ]
        ),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, max_size=3))
def test_no_text_is_read_as_search_syntax(index, texts):
    assert len(found(index, *texts)) <= MOST_PASSAGES


def test_a_very_long_text_is_searched_too(index):
    text = " ".join(f"word{number}" for number in range(5000))

    assert found(index, text, "sore knee") == ["t#knee"]


def test_what_holds_in_a_country_holds_in_its_regions_only_downwards(tmp_path):
    path = tmp_path / "k.sqlite"
    places = [
        changed(PASSAGES[0], id=f"t#{place or 'anywhere'}", jurisdiction=place)
        for place in ("", "GB", "GB-SCT", "G")
    ]
    ensure_index(path, places, WordEmbedder())
    retriever = EmbeddedRetriever(path, WordEmbedder())

    def valid(place):
        query = Query(
            texts=("sore knee",), population=(), today=TODAY, jurisdiction=place
        )
        shown = asyncio.run(retriever.retrieve(query)).passages
        return {each.id.removeprefix("t#") for each in shown}

    assert valid("GB") == {"anywhere", "GB"}
    assert valid("GB-SCT") == {"anywhere", "GB", "GB-SCT"}
    assert valid("FR") == {"anywhere"}
    assert valid("") == {"anywhere", "GB", "GB-SCT", "G"}


def test_a_narrow_filter_loses_no_passage_that_many_others_outrank(tmp_path):
    knee = PASSAGES[0]
    crowd = [
        changed(knee, id=f"t#gb-{number}", text=text, jurisdiction="GB")
        for number, text in enumerate(["Sore knee."] * 2 * POOL + ["Other."] * 500)
    ]
    crowd = [
        changed(each, heading="Other") if each.text == "Other." else each
        for each in crowd
    ]
    wanted = changed(knee, id="t#fr", text=f"{knee.text} {'Word ' * 40}")
    wanted = changed(wanted, jurisdiction="FR")
    path = tmp_path / "k.sqlite"
    ensure_index(path, [*crowd, wanted], WordEmbedder())
    query = Query(texts=("sore knee",), population=(), today=TODAY, jurisdiction="FR")

    everywhere = EmbeddedRetriever(path, WordEmbedder())
    asked = replace(query, jurisdiction="")
    others = asyncio.run(everywhere.retrieve(asked)).passages
    assert [each.id for each in others] == [f"t#gb-{number}" for number in range(6)]
    for method in Method:
        ranking = Ranking(method=method, threshold=0)
        retriever = EmbeddedRetriever(path, WordEmbedder(), ranking)
        shown = asyncio.run(retriever.retrieve(query)).passages
        assert [each.id for each in shown] == ["t#fr"]


def test_only_the_wanted_kinds_are_found(index):
    query = Query(
        texts=("sore knee", "warfarin bleeding"),
        population=(),
        today=TODAY,
        kinds=(SourceKind.DRUG_INFORMATION,),
    )

    retriever = EmbeddedRetriever(index, WordEmbedder())
    retrieval = asyncio.run(retriever.retrieve(query))

    assert [each.id for each in retrieval.passages] == ["t#warfarin"]


def test_the_nearest_passage_is_told_of_though_it_is_not_shown(index):
    asked = "fever mortgage rates this year again"
    retrieval = ask(index, asked)

    assert retrieval.passages == ()
    assert 0 < retrieval.best < RELEVANT
    assert ask(index, "sore knee").best > RELEVANT
    assert ask(index).best == 0


def test_an_empty_knowledge_base_answers_nothing(tmp_path):
    path = tmp_path / "k.sqlite"
    version = ensure_index(path, [], WordEmbedder())

    retrieval = ask(path, "sore knee")

    assert (retrieval.passages, retrieval.index) == ((), version)


class Counting(WordEmbedder):
    def __init__(self, identity="words@1"):
        super().__init__(identity)
        self.embedded = []

    def embed_passages(self, texts):
        self.embedded.extend(texts)
        return super().embed_passages(texts)


@pytest.mark.parametrize(
    ("identity", "spoilt", "again"),
    [
        ("words@1", "", 1),
        ("words@2", "", 5),
        ("words@1", "UPDATE passage SET vector = x'00' WHERE number = 2", 5),
    ],
)
def test_only_what_changed_is_embedded_again(tmp_path, identity, spoilt, again):
    path = tmp_path / "k.sqlite"
    ensure_index(path, PASSAGES, WordEmbedder())
    if spoilt:
        damaged(path, path, spoilt)
    embedder = Counting(identity)

    changed_knee = changed(PASSAGES[0], text="Rest the sore knee on a pillow.")
    ensure_index(path, [changed_knee, *PASSAGES[1:]], embedder)

    assert len(embedder.embedded) == again
    (knee,) = ask(path, "sore knee", embedder=embedder).passages
    assert knee.text == "Rest the sore knee on a pillow."


def test_an_index_that_somebody_else_made_must_be_by_the_same_model(index):
    version = ensure_index(index, PASSAGES, WordEmbedder())

    assert require_index(index, WordEmbedder()) == version
    with pytest.raises(IndexMismatchError, match="words@1; the settings name words@2"):
        require_index(index, WordEmbedder("words@2"))


class Obstetrician:
    """Finds relevant what is about pregnancy, and remembers what it read."""

    def __init__(self):
        self.pairs = []

    def relevance(self, pairs):
        self.pairs.extend(pairs)
        return [float("Pregnancy" in passage) for _, passage in pairs]


def test_a_reranker_orders_what_was_found_and_adds_nothing(index):
    reranker = Obstetrician()
    retriever = EmbeddedRetriever(index, WordEmbedder(), reranker=reranker)
    query = Query(texts=("is urgent", "sore knee"), population=(), today=TODAY)

    passages = asyncio.run(retriever.retrieve(query)).passages

    assert passages[0].id == "t#pregnancy"
    assert [each.score for each in passages] == [1.0, 0.0, 0.0]
    assert len(reranker.pairs) == 2 * len(passages)
    assert {text for text, _ in reranker.pairs} == {"is urgent", "sore knee"}


def test_a_reranker_reads_nothing_where_nothing_was_found(index):
    reranker = Obstetrician()
    retriever = EmbeddedRetriever(index, WordEmbedder(), reranker=reranker)
    query = Query(texts=("mortgage rates",), population=(), today=TODAY)

    assert asyncio.run(retriever.retrieve(query)).passages == ()
    assert reranker.pairs == []
