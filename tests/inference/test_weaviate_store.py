"""Loading into Weaviate, what is sent, and what becomes of faults."""

import asyncio
import struct
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.retrieve.weaviate.generations import (
    PASSAGES,
    OtherEmbedderError,
    vector_name,
)
from inference.retrieve.weaviate.objects import instant, read, written
from inference.retrieve.weaviate.retriever import searchable
from inference.retrieve.weaviate.server import WeaviateServer
from inference.schema import RetrievalUnavailableError, SourceKind
from tests.inference import retriever_contract as contract
from tests.inference.retriever_contract import (
    ADULT,
    HANG_S,
    KNEE,
    WARFARIN,
    WordEmbedder,
    ask,
    found,
    passage,
)
from tests.inference.weaviate_shelf import on_the_wire
from tests.weaviate_wire import VERSION, half_closed

SHORT_S = 0.4
MANY = [passage(str(number), f"Text number {number}.") for number in range(230)]


@pytest.fixture
async def shelf():
    async with on_the_wire() as weaviate:
        yield weaviate


def kept(shelf, tenant=None):
    """Return the properties of the passages that the server holds."""
    own = shelf.wire.objects[PASSAGES, tenant or shelf.tenant]
    return [properties for properties, _ in own.values()]


async def refusal(shelf, **changes):
    """Ask where nothing can be found, and return the sentence that says why."""
    with pytest.raises(RetrievalUnavailableError) as caught:
        await ask(shelf.retriever(**changes), "sore knee")
    return str(caught.value)


async def test_a_search_says_everything_that_a_server_may_default_otherwise(shelf):
    version = await shelf.put(contract.PASSAGES)
    shelf.wire.searches.clear()

    await found(
        shelf.retriever(),
        "sore knee",
        population=("adult", "pregnant"),
        jurisdiction="GB-SCT",
        kinds=(SourceKind.CLINIC_GUIDELINE,),
    )

    (asked,) = [each for each in shelf.wire.searches if each.HasField("hybrid_search")]
    hybrid = asked.hybrid_search
    assert (asked.collection, asked.tenant) == (PASSAGES, shelf.tenant)
    assert list(hybrid.targets.target_vectors) == [vector_name("words@1")]
    assert (hybrid.use_alpha_param, hybrid.alpha_param) == (True, 0.5)
    assert hybrid.fusion_type == hybrid.FUSION_TYPE_RANKED
    assert not hybrid.HasField("vector_distance")
    assert list(hybrid.properties) == ["heading^2", "text"]
    assert hybrid.query == "sore knee"
    vector = WordEmbedder().embed_queries(["sore knee"])[0]
    assert hybrid.vector_bytes == struct.pack("<256f", *vector)
    told = str(asked.filters)
    for each in (version, "GB-SCT", '"GB"', "anywhere", "clinic-guideline", "pregnant"):
        assert each in told
    assert told.count("2026-11-22T00:00:00") == 2
    assert asked.consistency_level == 2  # a quorum


async def test_a_large_load_is_sent_in_parts_and_put_in_force_as_a_whole(shelf):
    version = await shelf.put(MANY)

    assert len(kept(shelf)) == len(MANY)
    assert {each["generation"] for each in kept(shelf)} == {version}
    assert (await shelf.store().health()).passages == len(MANY)


async def test_what_a_load_replaced_is_deleted(shelf):
    await shelf.put(contract.PASSAGES)
    version = await shelf.put([KNEE, ADULT])

    assert {each["generation"] for each in kept(shelf)} == {version}
    assert len(kept(shelf)) == 2


async def test_the_same_load_again_writes_nothing(shelf):
    await shelf.put([KNEE])
    shelf.wire.read_only = True

    await shelf.put([KNEE])

    assert len(kept(shelf)) == 1


async def test_a_load_that_fails_leaves_what_was_in_force(shelf):
    version = await shelf.put(contract.PASSAGES)
    shelf.wire.read_only = True

    with pytest.raises(RetrievalUnavailableError, match="read-only"):
        await shelf.put(MANY)

    shelf.wire.read_only = False
    assert (await ask(shelf.retriever(), "sore knee")).index == version
    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]


async def test_a_load_that_was_broken_off_can_be_repeated(shelf):
    await shelf.put(contract.PASSAGES)
    shelf.wire.refused = {MANY[-1].id}
    with pytest.raises(RetrievalUnavailableError, match="could not be used"):
        await shelf.put(MANY)
    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]
    shelf.wire.refused = set()

    version = await shelf.put(MANY)

    assert {each["generation"] for each in kept(shelf)} == {version}
    assert len(kept(shelf)) == len(MANY)


async def test_passages_that_the_server_lost_are_missed(shelf):
    shelf.wire.lost = {MANY[3].id}

    with pytest.raises(RetrievalUnavailableError, match="229 of 230"):
        await shelf.put(MANY)

    assert "No knowledge" in await refusal(shelf)


async def test_a_load_during_a_search_is_not_taken_for_nothing_relevant(shelf):
    await shelf.put(contract.PASSAGES)
    retriever = shelf.retriever()
    version = {}

    async def load():
        version["new"] = await shelf.put([KNEE])

    async def between():
        """Let the search learn what is in force, and load before it looks there."""
        shelf.wire.between = load

    shelf.wire.between = between
    retrieval = await ask(retriever, "sore knee")

    assert [each.id for each in retrieval.passages] == ["t#knee"]
    assert retrieval.index == version["new"]


async def test_what_another_load_put_in_force_meanwhile_is_not_deleted(shelf):
    await shelf.put([KNEE])
    newer = await shelf.put(contract.PASSAGES)

    await shelf.store()._delete_others("an older load, which ends late")

    assert {each["generation"] for each in kept(shelf)} == {newer}
    assert len(kept(shelf)) == len(contract.PASSAGES)


async def test_tenants_never_see_each_others_knowledge(shelf):
    first = shelf.tenant
    await shelf.put([KNEE])
    shelf.tenant = "another"
    await shelf.put([WARFARIN])

    assert await found(shelf.retriever(), "sore knee", "warfarin bleeding") == [
        "t#warfarin"
    ]
    shelf.tenant = first
    assert await found(shelf.retriever(), "sore knee", "warfarin bleeding") == [
        "t#knee"
    ]
    assert len(kept(shelf, "another")) == 1


async def test_another_embedder_has_vectors_of_its_own_in_the_same_collection(shelf):
    other = WordEmbedder("words@2")
    await shelf.put([KNEE])
    await shelf.put([KNEE], other)

    assert await found(shelf.retriever(other), "sore knee") == ["t#knee"]
    with pytest.raises(OtherEmbedderError):
        await ask(shelf.retriever(), "sore knee")
    assert set(shelf.wire.schema[PASSAGES]["vectorConfig"]) == {
        vector_name("words@1"),
        vector_name("words@2"),
    }


async def test_an_index_that_is_no_longer_in_force_is_not_searched(shelf):
    old = await shelf.put([KNEE])
    retriever = shelf.retriever(wanted=lambda: old)
    assert await found(retriever, "sore knee") == ["t#knee"]

    await shelf.put(contract.PASSAGES)

    with pytest.raises(RetrievalUnavailableError, match="in force"):
        await ask(retriever, "sore knee")


async def test_a_whole_store_says_so(shelf):
    version = await shelf.put(contract.PASSAGES)

    health = await shelf.store().health()

    assert (health.server, health.index, health.passages) == (VERSION, version, 5)


async def test_an_empty_knowledge_base_is_whole(shelf):
    await shelf.put([])

    assert (await shelf.store().health()).passages == 0


async def test_a_store_without_knowledge_is_not_healthy(shelf):
    await shelf.put([KNEE])
    shelf.tenant = "another"
    async with shelf.connection.lent(5) as client:
        for each in (PASSAGES, "TriageStanding"):
            await client.collections.use(each).tenants.create("another")

    with pytest.raises(RetrievalUnavailableError, match="holds no knowledge"):
        await shelf.store().health()


@pytest.mark.parametrize(
    ("harm", "match"),
    [
        (
            lambda own, canary: own.pop(next(each for each in own if each != canary)),
            "4 of 5",
        ),
        (lambda own, canary: own.pop(canary), "4 of 5"),
        (lambda own, canary: own[canary][1].clear(), "does not find"),
    ],
    ids=["a passage is gone", "the canary is gone", "its vector is gone"],
)
async def test_a_store_that_lost_something_is_not_healthy(shelf, harm, match):
    await shelf.put(contract.PASSAGES)
    own = shelf.wire.objects[PASSAGES, shelf.tenant]
    (canary,) = [uuid for uuid, (one, _) in own.items() if one["passage"] == KNEE.id]
    harm(own, canary)

    with pytest.raises(RetrievalUnavailableError, match=match):
        await shelf.store().health()


async def test_a_canary_that_was_replaced_by_another_passage_is_missed(shelf):
    await shelf.put(contract.PASSAGES)
    own = shelf.wire.objects[PASSAGES, shelf.tenant]
    (canary,) = [uuid for uuid, (one, _) in own.items() if one["passage"] == KNEE.id]
    own["00000000-0000-4000-8000-000000000000"] = own.pop(canary)

    with pytest.raises(RetrievalUnavailableError, match="does not find"):
        await shelf.store().health()


async def test_a_read_only_store_is_not_healthy(shelf):
    await shelf.put(contract.PASSAGES)
    shelf.wire.read_only = True

    with pytest.raises(RetrievalUnavailableError, match="read-only"):
        await shelf.store().health()
    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]


@pytest.mark.parametrize(
    ("fault", "match"),
    [
        ({"unavailable": True}, "did not answer within 0.4 seconds"),
        ({"seconds": 3600.0}, "did not answer within 0.4 seconds"),
        ({"rest_body": "<html>Log in</html>"}, "could not be used"),
        ({"rest_body": "[]"}, "could not be used"),
        ({"rest_body": "{}"}, "could not be used"),
        ({"rest_body": '{"version": []}'}, "could not be used"),
        ({"rest_body": '{"version": "1.20.0"}'}, "could not be used"),
        ({"garbled": True}, "could not be used"),
        ({"garbled": True, "grpc_body": b""}, "No knowledge was loaded"),
        ({"key": "another"}, "refuses the API key"),
    ],
    ids=lambda fault: next(iter(fault)) if isinstance(fault, dict) else "",
)
async def test_a_fault_is_told_in_time_and_leaves_nothing_behind(
    shelf, capsys, fault, match
):
    await shelf.put(contract.PASSAGES)
    retriever = shelf.retriever(seconds=SHORT_S)
    usual = {name: getattr(shelf.wire, name) for name in fault}
    for name, value in fault.items():
        setattr(shelf.wire, name, value)

    with pytest.raises(RetrievalUnavailableError, match=match):
        await ask(retriever, "sore knee")

    for name, value in usual.items():
        setattr(shelf.wire, name, value)
    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]
    assert capsys.readouterr().out == ""


async def test_a_key_that_gets_rejected_by_grpc_alone_is_told_too(shelf):
    await shelf.put([KNEE])
    retriever = shelf.retriever()
    assert await found(retriever, "sore knee") == ["t#knee"]
    shelf.wire.key = "another"

    with pytest.raises(RetrievalUnavailableError, match="refuses the API key"):
        await ask(retriever, "sore knee")


async def test_a_server_that_accepts_and_never_answers_is_given_up(shelf):
    async with half_closed() as port:
        url = f"http://127.0.0.1:{port}"

        at_http = await refusal(shelf, url=url, seconds=SHORT_S)
        await shelf.put([KNEE])
        at_grpc = await refusal(shelf, grpc_port=port, seconds=SHORT_S)

    assert "did not answer within" in at_http
    assert "did not answer within" in at_grpc


async def test_a_proxy_of_the_environment_is_not_asked(shelf, monkeypatch):
    for name in ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    await shelf.put([KNEE])

    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]


async def test_a_hang_of_the_server_cannot_hold_up_a_load(shelf):
    shelf.wire.seconds = 3600.0
    store = shelf.store(load_seconds=SHORT_S)

    with pytest.raises(RetrievalUnavailableError, match="did not answer within"):
        async with asyncio.timeout(HANG_S):
            await store.load([], np.empty((0, 256), np.float32), version="1")


async def test_one_failing_sub_query_ends_the_others(shelf):
    await shelf.put(contract.PASSAGES)
    shelf.wire.broken_search = "warfarin"

    with pytest.raises(RetrievalUnavailableError):
        await ask(shelf.retriever(), "sore knee", "warfarin", "fever")

    shelf.wire.broken_search = None
    assert await found(shelf.retriever(), "sore knee") == ["t#knee"]


async def test_searches_that_begin_together_share_one_connection(shelf):
    await shelf.put(contract.PASSAGES)
    retriever = shelf.retriever()
    shelf.wire.greeted = 0

    await asyncio.gather(*(ask(retriever, "sore knee") for _ in range(8)))

    assert shelf.wire.greeted == 1


async def test_a_failure_does_not_close_the_connection_under_others(shelf):
    await shelf.put(contract.PASSAGES)
    retriever = shelf.retriever()
    assert await found(retriever, "sore knee") == ["t#knee"]
    shelf.wire.broken_search = "warfarin"

    answers = await asyncio.gather(
        *(ask(retriever, text) for text in ("sore knee", "warfarin", "sore knee")),
        return_exceptions=True,
    )

    assert [type(each).__name__ for each in answers] == [
        "Retrieval",
        "RetrievalUnavailableError",
        "Retrieval",
    ]


async def test_a_closed_retriever_connects_again_when_it_is_asked(shelf):
    await shelf.put([KNEE])
    retriever = shelf.retriever()
    assert await found(retriever, "sore knee") == ["t#knee"]

    await retriever.close()
    await retriever.close()

    assert await found(retriever, "sore knee") == ["t#knee"]


async def test_a_passage_of_an_unknown_kind_is_refused(shelf):
    await shelf.put([KNEE])
    (properties,) = kept(shelf)
    properties["kind"] = "rumour"

    with pytest.raises(RetrievalUnavailableError, match="match its hash"):
        await ask(shelf.retriever(), "sore knee")


async def test_a_passage_that_the_filters_let_through_is_checked_again(shelf):
    late = passage("late", KNEE.text, expires="2020-01-01")
    await shelf.put([late])
    (properties,) = kept(shelf)
    properties["expires"] = instant(date(2099, 1, 1)).isoformat()

    assert await found(shelf.retriever(), "sore knee") == []


async def test_a_vector_of_another_width_is_no_answer(shelf):
    await shelf.put([KNEE])
    ((_, vectors),) = shelf.wire.objects[PASSAGES, shelf.tenant].values()
    shelf.wire.cut_vectors = True

    assert "could not be used" in await refusal(shelf)
    assert vectors


@pytest.mark.parametrize(
    ("given", "secure", "host", "port"),
    [
        ("http://weaviate:8080", False, "weaviate", 8080),
        ("http://weaviate", False, "weaviate", 8080),
        ("https://weaviate.example.org", True, "weaviate.example.org", 443),
        ("https://[::1]:8443/", True, "::1", 8443),
    ],
)
def test_an_address_says_where_and_whether_in_tls(given, secure, host, port):
    server = WeaviateServer(url=given)

    assert (server.secure, server.host, server.port) == (secure, host, port)
    assert not server.shows_its_key
    assert replace(server, api_key="secret").shows_its_key is not secure
    here = replace(server, api_key="secret", url="http://localhost:8080")
    assert not here.shows_its_key
    assert "secret" not in repr(replace(server, api_key="secret"))


TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60)
DAYS = st.one_of(st.just(""), st.dates().map(str))
PASSAGES_OF_ANY_CONTENT = st.builds(
    passage,
    TEXTS,
    TEXTS,
    kind=st.sampled_from(SourceKind),
    population=st.lists(st.sampled_from(["adult", "child", "pregnant"])).map(tuple),
    effective=DAYS,
    expires=DAYS,
    **dict.fromkeys(("jurisdiction", "publisher", "version", "reviewer"), TEXTS),
)


@settings(max_examples=60, deadline=None)
@given(PASSAGES_OF_ANY_CONTENT)
def test_whatever_a_passage_says_is_read_as_it_was_written(any_passage):
    kept = written(any_passage, "1")

    assert read(kept) == any_passage
    assert instant(date(1700, 1, 1)) <= kept["effective"] <= instant(date(2200, 1, 1))


def test_a_property_that_is_no_text_is_no_passage():
    with pytest.raises(ValueError, match="text is no text"):
        read({**written(KNEE, "1"), "text": 7})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=())), max_size=4))
def test_every_sub_query_that_is_sent_can_be_sent_and_says_something(texts):
    for text in searchable(texts):
        assert text.encode("utf-8").strip()


def test_days_beyond_what_weaviate_counts_are_brought_within():
    assert instant(date(1, 1, 1)) < instant(date(1900, 1, 1))
    assert instant(date(9999, 12, 31)) == instant(date(2200, 1, 1))
