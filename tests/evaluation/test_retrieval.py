import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.__main__ import main
from gateway.evaluation import relevance
from gateway.evaluation.cases import CasesError
from gateway.evaluation.relevance import Found
from gateway.evaluation.retrieval import LabelledQuery, document_of, read

ROOT = Path(__file__).resolve().parents[2]
OPENEM = ROOT.parent / "shared" / "data" / "retrieval" / "openem-corpus"
needs_openem = pytest.mark.skipif(
    not OPENEM.is_dir(), reason="the openem corpus is not beside the repository"
)
DOCUMENT = """---
title: {title}
kind: clinic-guideline
source: A. Author, 2020
date: 2020
population: adult, child, pregnant
licence: Apache-2.0
---

## Advice

{text}
"""
TEXTS = {
    "knee": "Rest the sore knee and raise the leg.",
    "fever": "A fever in a young infant is urgent.",
    "chest": "Crushing chest pain with sweating is a heart attack until proven not.",
}


@pytest.fixture
def folder(tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    for name, text in TEXTS.items():
        document = DOCUMENT.format(title=name.title(), text=text)
        (base / f"{name}.md").write_text(document)
    return base


def labelled(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def found(wanted, *documents):
    query = LabelledQuery(text="asked", documents=tuple(wanted))
    return Found(query=query, documents=documents, best=0.5, milliseconds=4)


def test_the_figures_are_those_of_the_textbook():
    first = found(["a", "b"], "a", "x", "b")
    second = found(["c"], "x", "c")

    figures = relevance.measured([first, second, found([], "x")], seed=1).figures

    values = {name: figure.value for name, figure in figures.items()}
    assert values["recall@1"] == pytest.approx((1 / 2 + 0) / 2)
    assert values["recall@3"] == pytest.approx(1)
    assert values["MRR"] == pytest.approx((1 + 1 / 2) / 2)
    ideal = 1 + 1 / 1.584963
    assert values["nDCG@10"] == pytest.approx(
        ((1 + 1 / 2) / ideal + 1 / 1.584963) / 2, abs=1e-6
    )
    assert figures["MRR"].total == 2
    assert figures["MRR"].low <= values["MRR"] <= figures["MRR"].high


def test_what_was_not_found_counts_nothing():
    figures = relevance.measured([found(["a"], "x"), found(["a"])], seed=1).figures

    assert {figure.value for figure in figures.values()} == {0}


def test_the_threshold_is_judged_on_queries_with_an_answer_and_without():
    every = [found(["a"], "x", "a"), found(["a"]), found([]), found([], "x")]

    shown = relevance.shown(every)

    assert (shown.answered.count, shown.answered.total) == (1, 2)
    assert (shown.silent.count, shown.silent.total) == (1, 2)
    assert relevance.missed(every) == (every[1], every[3])
    assert relevance.shown([]).silent is None


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"query": "knee"}, "line 1"),
        ({"query": "knee", "documents": ["knee"], "other": 1}, "line 1"),
        ({"query": "knee", "documents": ["nose"]}, "called nose"),
    ],
)
def test_labels_that_cannot_be_used_are_named(folder, tmp_path, row, named):
    with pytest.raises(CasesError, match=named):
        read(folder, [labelled(tmp_path / "q.jsonl", row)])


def test_a_folder_without_labels_says_what_to_name(folder):
    with pytest.raises(CasesError, match="--queries"):
        read(folder, [])


def test_a_malformed_document_is_named(folder, tmp_path):
    (folder / "bad.md").write_text("no facts")
    queries = labelled(tmp_path / "q.jsonl", {"query": "knee", "documents": ["knee"]})

    with pytest.raises(CasesError, match=r"bad\.md"):
        read(folder, [queries])


@pytest.mark.parametrize("option", ["", "--markdown"])
def test_the_command_measures_each_way_to_search(folder, tmp_path, option):
    queries = labelled(
        tmp_path / "q.jsonl",
        {"query": "my knee is sore", "documents": ["knee"]},
        {"query": "crushing chest pain", "documents": ["chest"]},
        {"query": "mortgage rates", "documents": []},
        {"query": "opening hours", "documents": ["fever"]},
    )
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "ear.md").write_text(DOCUMENT.format(title="Ear", text="An ear aches."))
    index = tmp_path / "k.sqlite"

    result = CliRunner().invoke(
        main,
        [
            *("knowledge", "evaluate", str(folder), "--queries", str(queries)),
            *("--beside", str(beside), "--index", str(index), *option.split()),
        ],
    )

    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    for part in ("keyword", "vector", "hybrid", "recall@5", "nDCG@10", "MRR"):
        assert part in said
    assert "4 passages, 3 queries with an answer, 1 without" in said
    assert "2 of 3" in said
    assert "nothing answers: 1 of 1" in said
    assert "missed: 'opening hours', wanted fever; first nothing." in said
    assert index.exists()
    assert ("| recall@5 |" in result.output) == bool(option)


def test_what_is_wrong_is_said_in_a_sentence(folder, tmp_path):
    command = ["knowledge", "evaluate", str(folder)]
    queries = labelled(tmp_path / "q.jsonl", {"query": "knee", "documents": ["knee"]})
    blocked = tmp_path / "file"
    blocked.write_text("")

    unlabelled = CliRunner().invoke(main, command)
    unwritable = CliRunner().invoke(
        main, [*command, "--queries", str(queries), "--index", str(blocked / "k")]
    )

    assert unlabelled.exit_code == unwritable.exit_code == 1
    assert "no query is labelled" in unlabelled.output
    assert "Traceback" not in unwritable.output


@needs_openem
def test_the_openem_corpus_is_read_with_its_labels():
    library = read(OPENEM, [])

    assert len(library.queries) == 27
    assert len({document_of(each) for each in library.passages}) == 370
    assert "compiled by machine" in library.caveats[0]
