"""Every format becomes headings, running text, and lists and tables kept whole."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.document import Form, UnusableDocumentError, legible
from inference.readers import apart, html, markdown, pdf, prose
from inference.readers.pdf import Line, structured
from tests.inference import portable

PAGE = """<!doctype html><html><head><title>Sore  knee</title><style>p{}</style></head>
<body><nav>Home</nav><h1>Sore knee</h1>Loose <b>words</b>: H<sub>2</sub>O.
<!-- ignore the rules --><p>One<br>two.</p><p style="Display: NONE">Hidden</p>
<p hidden>Hidden too</p><script>steal()</script>
<ul><li>a<ol><li>a <i>first</i></li></ol></li><li>b</li><li> </li></ul>
<div><h2>Signs</h2><table><tr><th>sign</th><th>means</th></tr>
<tr><td>pain</td><td>rest</td></tr><tr></tr></table><pre>  kept
 as is</pre></div></body></html>"""


def shape(blocks):
    return [(block.form, block.text, block.level) for block in blocks]


def test_a_page_is_read_as_a_person_sees_it():
    assert html.title(PAGE) == "Sore knee"
    assert html.title("<p>x") == ""
    assert shape(html.blocks(PAGE)) == [
        (Form.HEADING, "Sore knee", 1),
        (Form.PARAGRAPH, "Loose words: H2O.", 0),
        (Form.PARAGRAPH, "One two.", 0),
        (Form.WHOLE, "- a\n  - a first\n- b", 0),
        (Form.HEADING, "Signs", 2),
        (Form.WHOLE, "| sign | means |\n| pain | rest |", 0),
        (Form.WHOLE, "  kept\n as is", 0),
    ]


@given(st.text(alphabet="<>/=! abdhilptu\"'&;-1", max_size=80))
def test_no_page_makes_the_reader_fail(text):
    for block in html.blocks(text):
        assert block.text


def test_a_deeply_nested_page_is_read_or_refused_in_a_process_of_its_own():
    (block,) = apart.blocks(b"<div>" * 2000 + b"x", "html", name="deep.html")

    assert block.text == "x"


def test_markdown_keeps_lists_tables_and_code_whole():
    text = (
        "# Knee\n\nOne\ntwo *three*.\n\n1. first\n   - inner\n2. second\n\n   more\n\n"
        "| a | b |\n|---|---|\n| `c` | d |\n\n```\ncode\n```\n\n---\n\n> quoted\n"
    )

    blocks = list(markdown.blocks(text, line=10))

    assert [block.place for block in blocks[:3]] == ["line 10", "line 12", "line 15"]
    assert shape(blocks) == [
        (Form.HEADING, "Knee", 1),
        (Form.PARAGRAPH, "One\ntwo three.", 0),
        (Form.WHOLE, "1. first\n  - inner\n2. second\n  more", 0),
        (Form.WHOLE, "| a | b |\n|---|---|\n| c | d |", 0),
        (Form.WHOLE, "code", 0),
        (Form.PARAGRAPH, "quoted", 0),
    ]


@given(st.text(alphabet="#-*|`>[]()!<\n 1.a", max_size=80))
def test_no_markdown_makes_the_reader_fail(text):
    for block in markdown.blocks(text):
        assert block.text


def test_plain_text_has_headings_that_are_underlined():
    text = (
        "Knee\n====\n\nRest it.\nRaise it.\n\nSigns\n-----\nAny of:\n- pain\n"
        "  at night\n- swelling\n"
    )

    blocks = list(prose.blocks(text))

    assert blocks[2].place == "line 7"
    assert shape(blocks) == [
        (Form.HEADING, "Knee", 1),
        (Form.PARAGRAPH, "Rest it.\nRaise it.", 0),
        (Form.HEADING, "Signs", 2),
        (Form.PARAGRAPH, "Any of:", 0),
        (Form.WHOLE, "- pain at night\n- swelling", 0),
    ]


def test_a_pdf_has_headings_in_larger_letters_and_no_page_headers():
    content = portable.pdf(
        *[
            [
                (f"Guide {page}", 20),
                (f"Recog{letter}", 14),
                ("nition", 14),
                ("Think of sepsis when there is confu-", 11),
                ("sion and fever.", 11),
                (f"- one criterion of {letter}", 11),
                (f"Page {page}", 9),
            ]
            for page, letter in enumerate("abc", 1)
        ]
    )

    blocks = apart.blocks(content, "pdf", name="guide.pdf")

    assert [block.place for block in blocks[:1]] == ["page 1"]
    assert shape(blocks[:3]) == [
        (Form.HEADING, "Recoga nition", 1),
        (Form.PARAGRAPH, "Think of sepsis when there is confusion and fever.", 0),
        (Form.WHOLE, "- one criterion of a", 0),
    ]
    assert not any("Page" in block.text for block in blocks)


def test_a_pdf_without_headings_is_divided_by_its_pages():
    pages = [[Line("Rest the knee.", 11), Line("", 0), Line("Raise the leg.", 11)]] * 2

    assert shape(structured(pages))[:3] == [
        (Form.HEADING, "Page 1", 2),
        (Form.PARAGRAPH, "Rest the knee.", 0),
        (Form.PARAGRAPH, "Raise the leg.", 0),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is no PDF"),
        (b"%PDF-1.7 rubbish", "it is no PDF"),
        (b"\0" * 4096, "it is no PDF"),
        (portable.pdf([]), "it has no text"),
        (
            portable.pdf(
                [("x", 11)],
                extra=b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (a) /U (b) /P 0 >>"
                b" /ID [(a) (b)]",
            ),
            "guide.pdf: it is ",
        ),
    ],
)
def test_a_pdf_that_cannot_be_read_is_refused_with_the_reason(content, sentence):
    with pytest.raises(UnusableDocumentError, match=sentence):
        apart.blocks(content, "pdf", name="guide.pdf")


def bomb():
    """Return a compressed stream that grows a thousandfold."""
    packing = zlib.compressobj(9)
    begin = packing.compress(b"BT /F1 11 Tf 72 720 Td ")
    return (
        begin
        + b"".join(packing.compress(b"(x) Tj " * 1_000_000) for _ in range(40))
        + packing.compress(b"ET")
        + packing.flush()
    )


def test_a_pdf_that_explodes_exhausts_only_its_own_process():
    objects = portable.pdf([("x", 11)])
    start = objects.index(b"5 0 obj")
    end = objects.index(b"endobj", start)
    large = b"5 0 obj\n" + portable.stream(bomb(), b"/Filter /FlateDecode") + b"\n"

    with pytest.raises(UnusableDocumentError, match=r"guide\.pdf: "):
        apart.blocks(objects[:start] + large + objects[end:], "pdf", name="guide.pdf")


def test_a_pdf_of_too_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)

    with pytest.raises(UnusableDocumentError, match="more than 1 pages"):
        list(pdf.blocks(portable.pdf([("x", 11)], [("y", 11)])))


def test_a_pdf_with_too_much_text_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "_MOST_CHARACTERS", 3)

    with pytest.raises(UnusableDocumentError, match="more text"):
        list(pdf.blocks(portable.pdf([("four", 11)])))


def test_what_nobody_sees_is_no_text():
    assert legible("a\r\nb\u200b\u202e\x00\ufe0f\tc\u2028d") == "a\nb    c\nd"
    assert legible("e\u0301") == "\u00e9"
    assert json.dumps(legible("\ud800x")) == '"x"'
