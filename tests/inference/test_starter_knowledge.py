"""What the knowledge base that comes with the package covers, and how it is marked."""

import asyncio
from collections import Counter
from datetime import date

import pytest

from domain.floor.red_flags import FLAGS
from inference.collection import load_folder
from inference.contract import quotes_of
from inference.embed import MiniLmEmbedder
from inference.knowledge import starter_folder
from inference.prompt import shown
from inference.retrieve.embedded import EmbeddedRetriever
from inference.retrieve.index import ensure_index
from inference.schema import Query, SourceKind

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def passages():
    return load_folder(starter_folder())


@pytest.fixture(scope="module")
def retriever(tmp_path_factory, passages):
    path = tmp_path_factory.mktemp("starter") / "knowledge.sqlite"
    embedder = MiniLmEmbedder.packaged()
    ensure_index(path, passages, embedder)
    return EmbeddedRetriever(path, embedder)


def test_there_are_two_hundred_passages_of_every_kind_and_for_everybody(passages):
    kinds = Counter(passage.kind for passage in passages)
    groups = Counter(group for passage in passages for group in passage.population)

    assert len(passages) >= 200
    assert min(kinds[kind] for kind in SourceKind) >= 20
    assert min(groups[group] for group in ("adult", "child", "pregnant")) >= 50


def test_no_passage_claims_a_clinician_who_did_not_read_it(passages):
    assert not any(passage.reviewed for passage in passages)


def test_every_passage_names_a_dated_source_and_a_day_on_which_it_ends(passages):
    assert all(
        passage.source and passage.date and passage.expires for passage in passages
    )


def test_of_every_passage_that_does_more_than_calm_a_sentence_can_be_quoted(passages):
    mute = {each.id for each in passages if not quotes_of(shown([each])[0])}

    assert mute <= {
        "back-pain#low-back-pain-without-red-flags",
        "common-minor-illness#common-cold",
        "common-minor-illness#mild-rash-or-insect-bite",
        "common-minor-illness#sore-throat",
    }


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.rule)
def test_every_red_flag_of_the_rules_finds_a_passage(flag, retriever):
    query = Query(
        texts=(flag.sentence.rstrip("."), flag.rule.split(".")[1].replace("-", " ")),
        population=(),
        today=TODAY,
    )

    assert asyncio.run(retriever.retrieve(query)).passages
