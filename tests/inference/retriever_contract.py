"""What every retriever promises, whatever keeps its passages.

A module that holds a retriever to it gives a fixture `shelf` and a subclass of
`RetrieverContract` whose name begins with `Test`.
"""

import asyncio
from dataclasses import replace
from datetime import date
from zlib import crc32

import numpy as np
import pytest

from inference.knowledge import content_hash
from inference.schema import (
    Passage,
    Query,
    RetrievalUnavailableError,
    SourceKind,
)

TODAY = date(2026, 11, 22)
HANG_S = 30
"""No promise of speed: it only says that something ends by itself."""


def passage(name, text, **facts):
    """Return a passage as a loader would, hash included."""
    made = Passage(
        **{
            "id": f"t#{name}",
            "text": text,
            "heading": f"Testing: {name}",
            "source": "A. Author, 2020",
            "kind": SourceKind.CLINIC_GUIDELINE,
            "date": "2020",
            "population": ("adult", "child", "pregnant"),
            "licence": "Apache-2.0",
            "sha256": "",
            **facts,
        }
    )
    return replace(made, sha256=content_hash(made))


KNEE = passage(
    "knee",
    "Rest the sore knee and raise the leg.",
    publisher="A Society",
    version="3.1",
    effective="2020-05-01",
    expires="2099-12-31",
    jurisdiction="GB",
    reviewer="Dr. A. Reviewer",
)
INFANT = passage("infant", "Fever in an infant is urgent.", population=("child",))
ADULT = passage("adult", "Fever in an adult with chills.", population=("adult",))
PREGNANT = passage(
    "pregnant", "Headache with blurred vision is urgent.", population=("pregnant",)
)
WARFARIN = passage(
    "warfarin",
    "Warfarin raises the risk of bleeding.",
    kind=SourceKind.DRUG_INFORMATION,
)
PASSAGES = [KNEE, INFANT, ADULT, PREGNANT, WARFARIN]


class WordEmbedder:
    """Hashes words into a vector: texts that share words are near."""

    def __init__(self, identity="words@1"):
        self.identity = identity

    def embed_passages(self, texts):
        rows = np.zeros((len(texts), 256), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(".", "").split():
                row[crc32(word.encode("utf-8", "replace")) % 256] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)

    embed_queries = embed_passages


def query(*texts, population=(), today=TODAY, jurisdiction="", kinds=()):
    return Query(
        texts=texts,
        population=population,
        today=today,
        jurisdiction=jurisdiction,
        kinds=kinds,
    )


async def ask(retriever, *texts, **facts):
    """Ask, and fail where no answer comes."""
    async with asyncio.timeout(HANG_S):
        return await retriever.retrieve(query(*texts, **facts))


async def found(retriever, *texts, **facts):
    return [each.id for each in (await ask(retriever, *texts, **facts)).passages]


class RetrieverContract:
    """The promises; `shelf` puts passages, and does to them what no loader would."""

    async def test_a_passage_comes_back_as_it_was_kept(self, shelf):
        await shelf.put(PASSAGES)

        retrieval = await ask(shelf.retriever(), "sore knee")

        assert [replace(each, score=0.0) for each in retrieval.passages] == [KNEE]
        assert retrieval.passages[0].score == 1
        assert retrieval.best > 0.36

    async def test_the_answer_names_the_index_it_came_from(self, shelf):
        version = await shelf.put(PASSAGES)

        assert (await ask(shelf.retriever(), "knee")).index == version
        assert (await ask(shelf.retriever())).index == version

    async def test_nothing_relevant_is_a_valid_answer(self, shelf):
        await shelf.put(PASSAGES)

        retrieval = await ask(shelf.retriever(), "mortgage rates", "?!", "")

        assert retrieval.passages == ()
        assert retrieval.best < 0.36

    async def test_each_sub_query_brings_its_own_passages(self, shelf):
        await shelf.put(PASSAGES)

        both = await found(shelf.retriever(), "sore knee", "warfarin bleeding")

        assert set(both) == {"t#knee", "t#warfarin"}

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
    async def test_a_passage_is_shown_only_to_its_population(
        self, shelf, population, expected
    ):
        await shelf.put(PASSAGES)

        got = await found(shelf.retriever(), "fever", population=population)

        assert sorted(got) == expected

    @pytest.mark.parametrize(
        ("kinds", "expected"),
        [
            ((), ["t#warfarin"]),
            ((SourceKind.DRUG_INFORMATION,), ["t#warfarin"]),
            (tuple(SourceKind), ["t#warfarin"]),
            ((SourceKind.CLINIC_GUIDELINE,), []),
        ],
    )
    async def test_only_the_kinds_that_are_wanted_are_shown(
        self, shelf, kinds, expected
    ):
        await shelf.put(PASSAGES)

        got = await found(shelf.retriever(), "warfarin bleeding", kinds=kinds)

        assert got == expected

    @pytest.mark.parametrize(
        ("jurisdiction", "expected"),
        [
            ("", ["t#knee"]),
            ("GB", ["t#knee"]),
            ("GB-SCT", ["t#knee"]),
            ("US", []),
            ("G", []),
        ],
    )
    async def test_a_passage_is_shown_only_where_it_holds(
        self, shelf, jurisdiction, expected
    ):
        await shelf.put(PASSAGES)
        retriever = shelf.retriever()

        assert await found(retriever, "sore knee", jurisdiction=jurisdiction) == (
            expected
        )
        everywhere = await found(
            retriever, "warfarin bleeding", jurisdiction=jurisdiction
        )
        assert everywhere == ["t#warfarin"]

    @pytest.mark.parametrize(
        ("today", "expected"),
        [
            (date(2020, 4, 30), []),
            (date(2020, 5, 1), ["t#knee"]),
            (date(2099, 12, 31), ["t#knee"]),
            (date(2100, 1, 1), []),
        ],
    )
    async def test_a_passage_is_shown_from_its_first_day_to_its_last(
        self, shelf, today, expected
    ):
        await shelf.put(PASSAGES)
        retriever = shelf.retriever()

        assert await found(retriever, "sore knee", today=today) == expected
        always = await found(retriever, "warfarin bleeding", today=today)
        assert always == ["t#warfarin"]

    async def test_a_hidden_passage_takes_no_place_of_a_shown_one(self, shelf):
        crowd = [
            passage(f"old-{number}", KNEE.text, expires="2020-01-01")
            for number in range(60)
        ]
        await shelf.put([*crowd, KNEE])

        assert await found(shelf.retriever(), "sore knee") == ["t#knee"]

    async def test_at_most_six_passages_are_given(self, shelf):
        await shelf.put([passage(str(number), KNEE.text) for number in range(30)])

        assert len(await found(shelf.retriever(), "sore knee", "leg")) == 6

    @pytest.mark.parametrize(
        "text",
        [
            '"',
            "knee AND (",
            "NEAR(knee *",
            "{path: [generation]}",
            "\ud800 lone",
            "nul \0 knee",
            "\u202eeenk",
            " ".join(f"word{number}" for number in range(5000)),
        ],
    )
    async def test_no_text_is_read_as_search_syntax(self, shelf, text):
        await shelf.put(PASSAGES)

        got = await found(shelf.retriever(), text, "sore knee")

        assert "t#knee" in got

    async def test_a_passage_that_was_changed_behind_our_back_is_refused(self, shelf):
        await shelf.put(PASSAGES)
        await shelf.tamper(KNEE.id, "Run on the sore knee and raise the leg.")

        with pytest.raises(RetrievalUnavailableError, match="match its hash"):
            await ask(shelf.retriever(), "sore knee")

    async def test_knowledge_of_another_embedder_is_not_searched(self, shelf):
        await shelf.put(PASSAGES)

        with pytest.raises(RetrievalUnavailableError, match="nother"):
            await ask(shelf.retriever(WordEmbedder("words@2")), "knee")

    async def test_nothing_loaded_is_unavailable_until_it_is(self, shelf):
        retriever = shelf.retriever()
        with pytest.raises(RetrievalUnavailableError):
            await ask(retriever, "sore knee")

        await shelf.put(PASSAGES)

        assert await found(retriever, "sore knee") == ["t#knee"]

    async def test_a_load_retires_what_was_there(self, shelf):
        before = await shelf.put(PASSAGES)
        retriever = shelf.retriever()
        assert await found(retriever, "sore knee", "warfarin bleeding")

        after = await shelf.put([KNEE])

        retrieval = await ask(retriever, "sore knee", "warfarin bleeding")
        assert [each.id for each in retrieval.passages] == ["t#knee"]
        assert retrieval.index == after != before

    async def test_the_same_load_again_changes_nothing(self, shelf):
        first = await shelf.put(PASSAGES)
        again = await shelf.put(PASSAGES)

        assert first == again
        assert await found(shelf.retriever(), "sore knee") == ["t#knee"]

    async def test_an_empty_knowledge_base_finds_nothing(self, shelf):
        version = await shelf.put([])

        retrieval = await ask(shelf.retriever(), "sore knee")

        assert (retrieval.passages, retrieval.index) == ((), version)

    async def test_many_queries_at_once_get_the_same_answers(self, shelf):
        await shelf.put(PASSAGES)
        retriever = shelf.retriever()

        answers = await asyncio.gather(
            *(ask(retriever, "sore knee", "fever") for _ in range(20))
        )

        assert len(set(answers)) == 1
        assert answers[0].passages

    async def test_a_query_that_is_given_up_harms_no_other(self, shelf):
        await shelf.put(PASSAGES)
        retriever = shelf.retriever()
        given_up = [asyncio.create_task(ask(retriever, "fever")) for _ in range(3)]
        kept = asyncio.create_task(ask(retriever, "sore knee"))
        await asyncio.sleep(0)
        for each in given_up:
            each.cancel()

        ended = await asyncio.gather(*given_up, return_exceptions=True)

        assert all(isinstance(each, asyncio.CancelledError) for each in ended)
        assert [each.id for each in (await kept).passages] == ["t#knee"]
        assert await found(retriever, "sore knee") == ["t#knee"]

    async def test_what_is_out_of_reach_is_told_and_comes_back_by_itself(self, shelf):
        await shelf.put(PASSAGES)
        retriever = shelf.retriever()
        assert await found(retriever, "sore knee") == ["t#knee"]

        await shelf.take_away()
        with pytest.raises(RetrievalUnavailableError):
            await ask(retriever, "sore knee")
        with pytest.raises(RetrievalUnavailableError):
            await ask(shelf.retriever(), "sore knee")

        await shelf.bring_back()
        assert await found(retriever, "sore knee") == ["t#knee"]
