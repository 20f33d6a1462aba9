"""A model card tells all 31 attributes, and invents none."""

import re

import pytest

from inference.evaluation import read_evaluation
from training.attributes import GROUPS, KEYS
from training.card import NOT_ASSESSED, CardError, read_told, texts
from training.release import release

EXTERNAL = 'external = ["cases.jsonl"]\n'


@pytest.fixture
def told(tmp_path):
    def write(text):
        file = tmp_path / "card.toml"
        file.write_text(text)
        return file

    return write


@pytest.fixture
def carded(trained, told, tmp_path):
    """Make a release with what people told; return its card and attributes' texts."""

    def make(text="", **more):
        file = told(text)
        made = release(trained.wanted(card=file, **more), tmp_path / "tiny")
        content = (made.folder / "card.md").read_text()
        return content, _attributes(content)

    return make


def _attributes(content):
    """Return the text below each attribute's name, as a reader finds them."""
    parts = re.split(r"^\*\*(\d\.\d .+)\*\*$", content, flags=re.MULTILINE)
    return {
        name: re.split(r"^### ", text, flags=re.MULTILINE)[0].strip()
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_there_are_31_attributes_in_nine_groups_in_the_regulations_order():
    assert [len(each.attributes) for each in GROUPS] == [4, 4, 2, 4, 2, 4, 5, 4, 2]
    assert len(KEYS) == len(set(KEYS)) == 31


def test_a_card_names_each_attribute_in_order_and_leaves_none_empty(carded):
    content, found = carded()

    assert list(found) == [
        f"{number}.{place} {name}"
        for number, group in enumerate(GROUPS, 1)
        for place, name in enumerate(group.attributes.values(), 1)
    ]
    assert len(found) == 31
    assert all(found.values())
    titles = re.findall(r"^### \d\. (.+)$", content, flags=re.MULTILINE)
    assert titles == [group.title for group in GROUPS]


def test_a_card_begins_with_what_the_model_is_not(carded):
    content, _ = carded()

    first = content.partition("\n## ")[0]
    assert "Not a medical device. No clinical use." in first


def test_what_nobody_told_is_not_invented(carded):
    _, found = carded()

    for name in (
        "1.1 Name and contact information for the intervention developer",
        "6.2 Party that conducted the external testing",
        "8.2 Validity of intervention in local data",
    ):
        assert found[name] in ("Not stated.", NOT_ASSESSED)


def test_figures_have_number_interval_date_and_versions(carded):
    content, found = carded(EXTERNAL)

    validity = next(text for name, text in found.items() if name.startswith("7.3"))
    assert re.search(r"\| under_triage \| 25\.0 % \(0\.6-80\.6\), n 4 \|", validity)
    assert "| quadratic_kappa |" in validity
    assert "5 cases of" in validity
    process = found["6.4 Description of external validation process"]
    assert re.search(r"prompt \S+, \d\d \w+ 20\d\d, held-out cases", process)
    assert "n is the number of cases" in content


def test_figures_of_groups_stand_for_fairness_with_their_doubt(carded):
    _, found = carded(EXTERNAL)

    fairness = next(text for name, text in found.items() if name.startswith("7.4"))
    assert "| sex | female | floor |" in fairness
    assert "No test of equivalence was made" in fairness
    sizes = next(text for name, text in found.items() if name.startswith("6.3"))
    assert "| cases.jsonl | sex | female | 5 |" in sizes


def test_a_data_set_of_which_nobody_says_whose_it_is_proves_neither(carded):
    content, found = carded()

    assert "is not told to be of the training data's source" in content
    assert {text for name, text in found.items() if name[:3] in ("7.1", "7.3")} == {
        NOT_ASSESSED
    }


def test_what_people_tell_comes_before_what_is_computed(carded):
    content, found = carded(
        'licence = "Apache-2.0"\nsame_source = ["cases.jsonl"]\n'
        '[attributes]\ndeveloper = "Clinic A, a@example.org"\ncriteria = "As told."\n'
    )

    assert "| licence | Apache-2.0 |" in content
    assert next(iter(found.values())) == "Clinic A, a@example.org"
    assert "As told." in found.values()
    same = next(text for name, text in found.items() if name.startswith("7.1"))
    assert "n 4" in same


def test_a_card_tells_whether_any_stage_was_about_fairness(trained):
    told = read_told(None)
    made = {
        "stages": [{"stage": "sft"}],
        "rows": {
            "mix": {"found": {}, "left_out": {}, "shares": {}},
            "sources": [],
            "statistics": {},
            "mistakes": {"demographic-shifted": 0.1},
        },
    }
    evaluation = _evaluation(trained)

    without = texts(made, evaluation, told)["fairness"]
    made["stages"].append({"stage": "dpo"})
    with_pairs = texts(made, evaluation, told)["fairness"]

    assert without == "No stage of this training was about fairness."
    assert "In preference learning (dpo)" in with_pairs


def _evaluation(trained):
    return read_evaluation((trained.evaluation / "evaluation.json").read_bytes())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[attributes]\nworth = 'x'", "no attribute worth"),
        ("colour = 'x'", "cannot be read"),
        ("=", "cannot be read"),
        ('same_source = ["a"]\nexternal = ["a"]', "both of the same source and ext"),
    ],
)
def test_what_is_told_in_another_form_is_refused(told, text, said):
    with pytest.raises(CardError, match=said):
        read_told(told(text))


def test_a_data_set_that_was_not_evaluated_cannot_stand_in_a_card(carded):
    with pytest.raises(CardError, match="No data set elsewhere was evaluated"):
        carded('external = ["elsewhere"]')


def test_nothing_in_a_cell_leads_out_of_its_table(carded, trained):
    odd = {"requirement": "a | b\n<script>", "why": "", "found": None, "holds": True}
    trained.change_evaluation(lambda told: told["gate"].append(odd))

    content, _ = carded()

    assert "| a \\| b &lt;script> | not measured | holds |" in content
