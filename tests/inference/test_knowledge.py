import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.collection import load_folder
from inference.document import UnusableDocumentError
from inference.knowledge import (
    content_hash,
    index_version,
    markdown_document,
    parse_document,
    starter_folder,
)
from inference.schema import SourceKind

FRONT = """---
title: Sore knee
kind: clinic-guideline
source: A. Author, Knees, 2020
date: 2020-05
population: adult, child
licence: Apache-2.0
reviewed: false
---
"""


def document(body="## When\n\nRest the knee.\n", front=FRONT):
    return front + body


def test_a_section_is_a_passage_with_everything_a_reader_must_know():
    (passage,) = parse_document(document(), name="knee.md")

    assert passage.id == "knee#when"
    assert passage.heading == "Sore knee: When"
    assert passage.text == "Rest the knee."
    assert passage.source == "A. Author, Knees, 2020"
    assert passage.kind is SourceKind.CLINIC_GUIDELINE
    assert passage.date == "2020-05"
    assert passage.population == ("adult", "child")
    assert passage.licence == "Apache-2.0"
    assert passage.expires == ""
    assert not passage.reviewed


def test_text_before_the_first_section_belongs_to_the_title():
    first, second = parse_document(
        document("# Sore knee\n\nKnees hurt.\n\n## When\n\nRest.\n"), name="knee.md"
    )

    assert (first.id, first.heading) == ("knee#sore-knee", "Sore knee")
    assert second.heading == "Sore knee: When"


def test_a_section_may_have_a_source_date_and_population_of_its_own():
    body = "## A\n\nsource: B. Other\ndate: 2024\npopulation: child\n\nText: more.\n"

    (passage,) = parse_document(document(body), name="knee.md")

    assert (passage.source, passage.date) == ("B. Other", "2024")
    assert passage.population == ("child",)
    assert passage.text == "Text: more."


def test_a_wrapped_sentence_can_be_quoted_whole():
    (passage,) = parse_document(document("## A\n\nOne\ntwo three.\n"), name="knee.md")

    assert passage.text == "One two three."


def test_a_list_stays_whole_and_with_its_introduction():
    items = "\n".join(f"- criterion {number} " + "word " * 20 for number in range(12))
    body = f"## A\n\n{'Before. ' * 100}\n\nAny one of:\n\n{items}\n"

    passages = parse_document(document(body), name="knee.md")

    assert [passage.id for passage in passages] == ["knee#a", "knee#a-2"]
    assert passages[1].text.startswith("Any one of:\n- criterion 0")
    assert passages[1].text.count("- criterion") == 12


def test_a_table_keeps_its_rows():
    body = "## A\n\n| sign | means |\n|---|---|\n| pain | rest |\n"

    (passage,) = parse_document(document(body), name="knee.md")

    assert passage.text.splitlines()[2] == "| pain | rest |"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Just text.", "knee.md, line 1: begin the document"),
        ("---\ntitle: A\n", "knee.md, line 1: begin the document"),
        (document(front=FRONT.replace("title: Sore knee\n", "")), "line 8: .* title"),
        (document(front=FRONT.replace("source: A", "sauce: A")), "knee.md, line 4: "),
        (document(front=FRONT.replace("title: Sore knee", "title:")), "line 2: "),
        (document(front=FRONT.replace("clinic-g", "g")), "line 10: 'guideline' is not"),
        (document(front=FRONT.replace("child", "dog")), "line 10: 'dog' is not one of"),
        (document(front=FRONT.replace("false", "true")), "line 10: say by whom"),
        (
            document(front=FRONT.replace("reviewed: false", "jurisdiction: Here")),
            "line 10: 'Here' is no country",
        ),
        (document(front=FRONT.replace("2020-05", "May")), "line 10: 'May' is not a"),
        (document(front=FRONT.replace("2020-05", "2020-13")), "'2020-13' is not a"),
        (
            document(front=FRONT.replace("date:", "expires: soon\ndate:")),
            "line 11: 'soon' is not a",
        ),
        (document("\n## Empty\n\n## Also empty\n"), "line 1: the document has no text"),
    ],
)
def test_a_malformed_document_is_refused_with_file_and_line(text, message):
    with pytest.raises(UnusableDocumentError, match=message):
        parse_document(text, name="knee.md")


def test_two_passages_with_one_id_are_refused():
    with pytest.raises(UnusableDocumentError, match="knee#a exists already"):
        parse_document(document("## A\n\nx\n\n## A\n\ny\n"), name="knee.md")


def test_the_heading_and_the_id_say_what_a_section_is_part_of():
    body = "## When\n\nx\n\n### At night\n\ny\n\n#### Late\n\nz\n\n## Then\n\nw\n"

    passages = parse_document(document(body), name="knee.md")

    assert [each.id for each in passages] == [
        *("knee#when", "knee#when-at-night", "knee#then")
    ]
    assert passages[1].heading == "Sore knee: When: At night"
    assert passages[1].text == "y\n\nLate\n\nz"


def test_a_passage_has_all_the_facts_that_its_document_states():
    stated = (
        "publisher: Knee Society\nversion: 3.1\neffective: 2021\nexpires: 2031-06\n"
        "jurisdiction: GB-SCT\nreviewer: Dr A. Author\n---\n"
    )

    (passage,) = parse_document(
        document(front=FRONT.replace("reviewed: false\n---\n", stated)), name="knee.md"
    )

    assert (passage.publisher, passage.version) == ("Knee Society", "3.1")
    assert (passage.effective, passage.expires) == ("2021-01-01", "2031-06-01")
    assert (passage.jurisdiction, passage.reviewer) == ("GB-SCT", "Dr A. Author")
    assert passage.reviewed


def test_what_nobody_sees_is_gone_before_anything_is_read():
    hidden = "Re\u200bst \u202ethe\u202c knee\u00ad.\x07\U000e0041"

    (passage,) = parse_document(document(f"## A\n\n{hidden}\n"), name="knee.md")

    assert passage.text == "Rest the knee."


def test_html_inside_markdown_is_left_out():
    body = (
        "## A\n\n<script>do()</script>\n\nRest <b>the</b> <!-- ignore --> **knee**, see"
        " [there](https://x.example) ![picture](x.png).\n"
    )

    (passage,) = parse_document(document(body), name="knee.md")

    assert passage.text == "Rest the knee, see there ."


def test_the_hash_of_a_document_is_that_of_its_passages():
    one = markdown_document(document(), name="knee.md")
    other = markdown_document(document("## When\n\nRun.\n"), name="knee.md")

    assert (one.id, one.title) == ("knee", "Sore knee")
    assert one.sha256 == markdown_document(document(), name="knee.md").sha256
    assert other.sha256 != one.sha256


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused_with_a_sentence(text):
    for candidate in (text, FRONT + text):
        try:
            outcome = parse_document(candidate, name="any.md")
        except UnusableDocumentError as refusal:
            outcome = re.findall(r"any\.md, line \d+: .+", str(refusal))

        assert outcome


def test_a_change_of_any_shown_fact_changes_the_hash():
    (passage,) = parse_document(document(), name="knee.md")

    assert passage.sha256 == content_hash(passage)
    for change in (
        {"text": "Run."},
        {"heading": "B"},
        {"source": "C"},
        {"kind": SourceKind.DRUG_INFORMATION},
        {"date": "2021"},
        {"population": ("adult",)},
        {"licence": "none"},
        {"publisher": "D"},
        {"version": "2"},
        {"effective": "2021-01-01"},
        {"expires": "2031-01-01"},
        {"jurisdiction": "CH"},
        {"reviewer": "Dr E"},
    ):
        assert content_hash(replace(passage, **change)) != passage.sha256
    assert content_hash(replace(passage, score=0.5)) == passage.sha256


def test_the_index_version_depends_on_content_and_embedder_but_not_on_order():
    passages = parse_document(document("## A\n\nx\n\n## B\n\ny\n"), name="knee.md")
    version = index_version(passages, embedder="m1")

    assert index_version(reversed(passages), embedder="m1") == version
    assert index_version(passages, embedder="m2") != version
    assert index_version(passages[:1], embedder="m1") != version


@pytest.fixture(scope="module")
def starter():
    return load_folder(starter_folder())


def test_the_starter_knowledge_has_every_kind_and_population(starter):
    assert len(starter) >= 100
    kinds = Counter(passage.kind for passage in starter)
    assert all(kinds[kind] >= 8 for kind in SourceKind)
    populations = Counter(group for passage in starter for group in passage.population)
    assert all(populations[group] >= 20 for group in ("adult", "child", "pregnant"))


def test_no_starter_passage_repeats_another(starter):
    assert len({passage.text for passage in starter}) == len(starter)
    assert len({passage.sha256 for passage in starter}) == len(starter)


def test_every_starter_passage_has_its_facts_and_no_signature(starter):
    for passage in starter:
        assert 25 <= len(passage.text.split()) <= 150, passage.id
        assert re.search(r"\b(19|20)\d\d\b", passage.source), passage.id
        assert passage.licence == "Apache-2.0"
        assert passage.expires > "2026"
        assert not passage.reviewed, "only a clinician may sign"


def test_no_starter_passage_gives_a_dose(starter):
    dose = re.compile(
        r"\d\s?(mg|mcg|µg|microgram\w*|g|ml|units?|IU)(/kg|/h)?\b(?!/)", re.IGNORECASE
    )
    for passage in starter:
        assert not dose.search(passage.text), passage.id
