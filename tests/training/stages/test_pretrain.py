"""Continual pre-training: refused on a poor corpus, ended where it harms."""

import pytest


@pytest.fixture(scope="module")
def facts(inside):
    return inside("pretrain")[0]


def test_a_corpus_that_is_large_and_varied_is_learned(facts):
    assert facts["good"] == "finished"
    begun, ended = facts["record"]["figures"]["general"]
    assert 1 < ended < begun


def test_the_texts_that_a_run_is_watched_by_are_part_of_it(facts):
    assert facts["record"]["rows"].keys() == {"train", "general", "dev"}
    assert facts["retold"].endswith("holds another run: name another folder.")


def test_a_corpus_that_is_too_small_is_refused(facts):
    assert "leave this stage out" in facts["small"]
    assert "5,000,000" in facts["small"]


def test_a_corpus_that_repeats_itself_is_refused(facts):
    assert facts["repeated"].startswith("100% of the corpus's phrases")


def test_a_run_that_forgets_everything_else_ends_without_an_adapter(facts, inside):
    _, where = inside("pretrain")

    assert "general perplexity" in facts["forgetting"]
    assert not (where / "forgetting" / "adapter").exists()
