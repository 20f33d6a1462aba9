"""What was loaded is kept as it was, and its index is whole or not there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.knowledge import markdown_document
from inference.shelf import (
    INDEX,
    ShelfError,
    alone,
    altered,
    is_ready,
    keep,
    kept,
    prepare,
    put_in_place,
    version_of,
)

TEXT = """---
title: Sore knee
kind: clinic-guideline
source: A. Author, Knees, 2020
date: 2020-05
population: adult, child
licence: Apache-2.0
expires: 2031
---

## When

Rest the knee.

## Why

It heals.
"""
KNEE = markdown_document(TEXT, name="knee.md")
HIP = markdown_document(TEXT.replace("knee", "hip"), name="hip.md")


class Lengths:
    """Embeds a text by its length, and counts how often it is asked."""

    identity = "lengths@1"

    def __init__(self):
        self.embedded = 0

    def embed_passages(self, texts):
        self.embedded += len(texts)
        rows = np.array([[len(text), 1] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    embed_queries = embed_passages


class DyingError(BaseException):
    """Ends a load as a kill does: nothing catches it."""


def die(_done, _total):
    raise DyingError


def shown(data, documents, embedder=None):
    """Load documents; return the version."""
    passages = [passage for each in documents for passage in each.passages]
    with alone(data):
        version = prepare(data, passages, embedder or Lengths())
        assert put_in_place(data, version)
    return version


def test_documents_come_back_as_they_were_kept_in_any_order(tmp_path):
    content = keep(tmp_path, [KNEE, HIP])

    assert kept(tmp_path, content) == [HIP, KNEE]
    assert keep(tmp_path, [HIP, KNEE]) == content
    assert altered([KNEE]) == []


TEXTS = st.text(min_size=1, max_size=40).filter(
    lambda text: text.strip() and "#" not in text
)


@settings(max_examples=30)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_any_text_comes_back(tmp_path_factory, texts):
    data = tmp_path_factory.mktemp("data")
    passages = tuple(
        KNEE.passages[0].__class__(
            **{**vars(KNEE.passages[0]), "id": f"knee#{n}", "text": text}
        )
        for n, text in enumerate(texts)
    )
    document = KNEE.__class__(id="knee", title=texts[0], passages=passages)

    assert kept(data, keep(data, [document])) == [document]


def test_what_was_changed_or_is_missing_is_not_believed(tmp_path):
    content = keep(tmp_path, [KNEE])
    file = tmp_path / "knowledge" / f"{content}.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Rest", b"Bend"))

    with pytest.raises(ShelfError, match="were changed since"):
        kept(tmp_path, content)
    for other in ("0" * 64, "../../etc/passwd", ""):
        with pytest.raises(ShelfError, match="not in this data folder"):
            kept(tmp_path, other)


def test_an_index_is_used_from_when_it_is_put_in_place(tmp_path):
    keep(tmp_path, [KNEE])
    version = prepare(tmp_path, KNEE.passages, Lengths())

    assert is_ready(tmp_path, version)
    assert version_of(tmp_path / INDEX) == ""
    assert put_in_place(tmp_path, version)
    assert version_of(tmp_path / INDEX) == version
    assert is_ready(tmp_path, version)
    assert not is_ready(tmp_path, "other")
    assert not put_in_place(tmp_path, "other")
    assert list((tmp_path / "knowledge").glob("*.sqlite")) == []


def test_loading_the_same_embeds_nothing_and_a_change_only_what_changed(tmp_path):
    embedder = Lengths()
    first = shown(tmp_path, [KNEE], embedder)

    assert shown(tmp_path, [KNEE], embedder) == first
    assert embedder.embedded == 2
    assert shown(tmp_path, [KNEE, HIP], embedder) != first
    assert embedder.embedded == 4


def test_a_load_that_dies_leaves_the_index_as_it_was(tmp_path):
    first = shown(tmp_path, [KNEE])
    passages = (*KNEE.passages, *HIP.passages)

    with pytest.raises(DyingError), alone(tmp_path):
        prepare(tmp_path, passages, Lengths(), die)
    (tmp_path / "knowledge" / ".kept-half").write_bytes(b"half")
    (tmp_path / "knowledge" / ".index-half").mkdir()

    assert version_of(tmp_path / INDEX) == first
    second = shown(tmp_path, [KNEE, HIP])
    assert version_of(tmp_path / INDEX) == second
    left = {each.name for each in (tmp_path / "knowledge").iterdir()}
    assert left == {".lock"}


def test_a_load_that_dies_before_the_rename_is_finished_by_the_next(tmp_path):
    first = shown(tmp_path, [KNEE])
    version = prepare(tmp_path, HIP.passages, Lengths())

    assert version_of(tmp_path / INDEX) == first
    assert put_in_place(tmp_path, version)
    assert version_of(tmp_path / INDEX) == version


def test_two_loads_do_not_run_at_once(tmp_path):
    with (
        alone(tmp_path),
        pytest.raises(ShelfError, match="is being loaded"),
        alone(tmp_path),
    ):
        pass
