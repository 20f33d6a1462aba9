"""A site quotes what was loaded, and says who signed it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import bookshelf
from domain.errors import (
    StaleVersionError,
    UnloadableKnowledgeError,
    UnsignableKnowledgeError,
)
from domain.shelved import (
    Edition,
    KnowledgeLoaded,
    KnowledgeSigned,
    LoadKnowledge,
    SignKnowledge,
)
from tests.domain.given import Given

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def edition(name, version="1"):
    return Edition(
        id=name,
        title=name.title(),
        sha256=f"{name}@{version}",
        passages=3,
        kinds=("clinic-guideline",),
        licences=("CC0-1.0",),
        version=version,
    )


KNEE, HIP, NEW_KNEE = edition("knee"), edition("hip"), edition("knee", "2")


def load(*documents, index, instead_of=""):
    return LoadKnowledge(
        index=index,
        instead_of=instead_of,
        embedder="m1",
        content=f"content of {index}",
        documents=documents,
        by="Jo",
        at=AT,
    )


def sign(*documents, index="one", by="Dr Jo Doe", role="ED consultant", number=""):
    return SignKnowledge(
        index=index,
        documents=documents,
        by=by,
        role=role,
        registration=number,
        at=AT,
    )


FRESH = Given(bookshelf.decide, bookshelf.evolve, bookshelf.EMPTY)
FIRST = load(KNEE, HIP, index="one")
SECOND = load(NEW_KNEE, HIP, index="two", instead_of="one")
LOADED = FRESH.after(FIRST)


def after(*commands):
    state = bookshelf.EMPTY
    for command in commands:
        for event in bookshelf.decide(command, state):
            state = bookshelf.evolve(state, event)
    return state


def test_a_load_says_what_came_from_where_and_by_whom():
    assert FRESH.when(FIRST) == [
        KnowledgeLoaded(
            index="one",
            embedder="m1",
            content="content of one",
            passages=6,
            loaded=(HIP, KNEE),
            retired=(),
            by="Jo",
            at=AT,
        )
    ]


def test_loading_the_same_again_changes_nothing():
    assert LOADED.when(FIRST) == []


def test_a_new_version_of_a_document_retires_the_old_one():
    (event,) = LOADED.when(SECOND)

    assert event.loaded == (NEW_KNEE,)
    assert event.retired == (KNEE,)
    assert after(FIRST, SECOND).documents == (HIP, NEW_KNEE)


def test_a_document_that_is_left_out_is_retired():
    (event,) = LOADED.when(load(HIP, index="two", instead_of="one"))

    assert (event.loaded, event.retired) == ((), (KNEE,))


def test_a_load_does_not_undo_another_that_it_did_not_know():
    with pytest.raises(StaleVersionError, match="Load again"):
        LOADED.when(load(NEW_KNEE, index="two"))


@pytest.mark.parametrize("documents", [(), (KNEE, NEW_KNEE)])
def test_nothing_at_all_or_one_name_twice_is_no_knowledge(documents):
    with pytest.raises(UnloadableKnowledgeError, match="its own name"):
        FRESH.when(load(*documents, index="one"))


def test_a_signature_says_who_answers_for_which_documents():
    assert LOADED.when(sign("hip", number="7012345")) == [
        KnowledgeSigned(
            index="one",
            documents=(("hip", HIP.sha256),),
            by="Dr Jo Doe",
            role="ED consultant",
            registration="7012345",
            at=AT,
        )
    ]


def test_without_a_name_all_documents_are_signed():
    book = after(FIRST, sign())

    assert all(book.signature(each) for each in (KNEE, HIP))


def test_signing_the_same_again_changes_nothing_and_another_clinician_does():
    signed = LOADED.after(sign())

    assert signed.when(replace(sign(), at=AT.replace(hour=13))) == []
    assert signed.when(sign("hip")) == []
    assert len(signed.when(sign(by="Dr Al Roe"))) == 1
    assert len(LOADED.after(sign("hip")).when(sign())) == 1


def test_a_signature_is_of_one_version_and_comes_back_with_it():
    back = load(KNEE, HIP, index="one", instead_of="two")
    book, again = after(FIRST, sign(), SECOND), after(FIRST, sign(), SECOND, back)

    assert book.signature(NEW_KNEE) is None
    assert book.signature(HIP) is not None
    assert again.signature(KNEE) is not None


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (sign(index="other"), "Another index is in use"),
        (sign("hip", "elbow"), "No document has the name elbow"),
        (sign(by=""), "Say who signs"),
        (sign(by="Dr\u202e"), "Say who signs"),
        (sign(role=" "), "Say who signs"),
        (sign(role="x" * 101), "Say who signs"),
        (sign(number="\x07"), "A registration has"),
    ],
)
def test_what_cannot_be_signed_is_refused_with_the_reason(command, sentence):
    with pytest.raises(UnsignableKnowledgeError, match=sentence):
        LOADED.when(command)


def test_nothing_is_signed_before_anything_is_loaded():
    with pytest.raises(UnsignableKnowledgeError, match="it is empty"):
        FRESH.when(sign(index=""))


NAMES = st.sampled_from(["knee", "hip", "elbow"])
EDITIONS = st.builds(edition, NAMES, st.sampled_from(["1", "2"]))
LOADS = st.builds(
    lambda documents, index: ("load", documents, index),
    st.lists(EDITIONS, max_size=4),
    st.sampled_from(["one", "two", "three"]),
)
SIGNATURES = st.builds(
    lambda names, index: ("sign", names, index),
    st.lists(NAMES, max_size=2),
    st.sampled_from(["one", "two", ""]),
)


@given(st.lists(LOADS | SIGNATURES, max_size=12))
def test_whatever_happens_the_shelf_holds_what_the_last_load_named(steps):
    state, last = bookshelf.EMPTY, ()
    for kind, given_, index in steps:
        command = (
            load(*given_, index=index, instead_of=state.index)
            if kind == "load"
            else sign(*given_, index=index)
        )
        try:
            events = bookshelf.decide(command, state)
        except (UnloadableKnowledgeError, UnsignableKnowledgeError):
            continue
        for event in events:
            state = bookshelf.evolve(state, event)
            if isinstance(event, KnowledgeLoaded):
                last = command.documents

    assert state.documents == tuple(sorted(last, key=lambda each: each.id))
    assert state.passages == 3 * len(last)
