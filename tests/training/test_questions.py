"""Public question sets that a user brings, in the form in which they are published."""

import json

import pytest

from training.questions import UnreadableQuestionsError, medmcqa, medqa, pubmedqa


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


MEDQA = {
    "question": "Which vein?",
    "answer": "Azygos",
    "options": {"A": "Azygos", "B": "Renal"},
    "answer_idx": "A",
}
MEDMCQA = {
    "id": "q1",
    "question": "Which?",
    "opa": "1",
    "opb": "2",
    "opc": "3",
    "opd": "4",
    "cop": 4,
}
PUBMEDQA = {
    "77": {"QUESTION": "Does it?", "CONTEXTS": ["It did."], "final_decision": "maybe"}
}


def test_medqa_is_read_as_published(tmp_path):
    (question,) = medqa(lines(tmp_path / "q.jsonl", MEDQA))

    assert question.text == "Which vein?"
    assert question.options[question.answer] == "Azygos"


@pytest.mark.parametrize(("first", "cop"), [(1, 4), (0, 3)])
def test_medmcqa_counts_options_from_where_it_is_told(tmp_path, first, cop):
    row = MEDMCQA | {"cop": cop}

    (question,) = medmcqa(lines(tmp_path / "q.jsonl", row), first=first)

    assert question.options[question.answer] == "4"


def test_an_option_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(UnreadableQuestionsError, match="line 1: cop 4 is no option"):
        list(medmcqa(lines(tmp_path / "q.jsonl", MEDMCQA), first=0))


def test_pubmedqa_asks_about_its_contexts(tmp_path):
    file = tmp_path / "q.json"
    file.write_text(json.dumps(PUBMEDQA))

    (question,) = pubmedqa(file)

    assert question.text == "It did.\nDoes it?"
    assert question.options[question.answer] == "maybe"


def test_what_is_of_another_form_is_named(tmp_path):
    short = {key: value for key, value in MEDQA.items() if key != "options"}
    with pytest.raises(UnreadableQuestionsError, match="line 2: it lacks"):
        list(medqa(lines(tmp_path / "a.jsonl", MEDQA, short)))

    wrong = MEDQA | {"answer_idx": "E"}
    with pytest.raises(UnreadableQuestionsError, match="answer not offered"):
        list(medqa(lines(tmp_path / "b.jsonl", wrong)))

    (tmp_path / "c.jsonl").write_text("{")
    with pytest.raises(UnreadableQuestionsError, match="line 1: not JSON"):
        list(medqa(tmp_path / "c.jsonl"))

    (tmp_path / "d.json").write_text("{")
    with pytest.raises(UnreadableQuestionsError, match="not JSON"):
        list(pubmedqa(tmp_path / "d.json"))
