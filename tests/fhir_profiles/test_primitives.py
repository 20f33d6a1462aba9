import pytest

from fhir_profiles.findings import Walk
from fhir_profiles.lexical import Lexeme
from fhir_profiles.narrative import xhtml
from fhir_profiles.primitives import PRIMITIVES

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
VALID = {
    "base64Binary": ["AA==", "QUJD", "QU\nJD"],
    "boolean": [True, False],
    "canonical": ["http://a.b/c|1.0", "urn:oid:1.2", "#x", "Questionnaire/7"],
    "code": ["a", "1234.5", "two words"],
    "date": ["2024", "2024-02", "2024-02-29", "0001-01-01", "9999-12-31"],
    "dateTime": ["2024", "2024-12", "2024-12-31", "2024-12-31T23:59:60.5Z"],
    "decimal": [0, -1, Lexeme("0.10"), Lexeme("1e3")],
    "id": ["a", "A-1.b", "1" * 64],
    "instant": ["2024-02-29T00:00:00+14:00", "2024-02-29T00:00:00.000001Z"],
    "integer": [0, -2147483648, 2147483647],
    "markdown": ["# a\n\n* b\n"],
    "oid": ["urn:oid:1.2.840", "urn:oid:2.0"],
    "positiveInt": [1],
    "string": ["a", "Zoë 🙂", "two\nlines\t"[:-1], "\u00a0x"[1:]],
    "time": ["00:00:00", "23:59:60.25"],
    "unsignedInt": [0, 2147483647],
    "uri": ["a", "http://a.b/c", "mailto:a@b.c", "urn:iso:std:iso:3166", "#x"],
    "url": ["http://a.b", "Binary/1"],
    "uuid": ["urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"],
}
INVALID = {
    "base64Binary": ["A", "AA=", "A&AA", "AAA\u00e9", 1],
    "boolean": ["true", 0, 1, Lexeme("1.0")],
    "canonical": [" ", "a b", 1],
    "code": [" a", "a ", "a  b", "\t", 1],
    "date": [
        "0000",
        "2024-13",
        "2023-02-29",
        "1900-02-29",
        "2024-04-31",
        "24-01-01",
        "2024-1-1",
        "2024-01-01T00:00:00Z",
        "2024-02-30",
        "٢٠٢٤",
        "2024-01-01\n",
    ],
    "dateTime": [
        "2024-01-01T00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00+15:00",
        "2023-02-29T00:00:00Z",
        "2024-01T00:00:00Z",
    ],
    "decimal": ["1", True, "NaN"],
    "id": ["a/b", "1" * 65, "a\n", "ä", 1],
    "instant": ["2024", "2024-01-01", "2024-01-01T00:00:00"],
    "integer": [Lexeme("1.0"), "1", True, 2147483648, -2147483649],
    "markdown": ["  ", 1],
    "oid": ["1.2.3", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:"],
    "positiveInt": [0, -1, True],
    "string": [" ", 1, True, "a\x0bb", "\ud800"],
    "time": ["24:00:00", "12:05", "12:05:61", "12:00:00Z"],
    "unsignedInt": [-1, Lexeme("1.0"), "0"],
    "uri": ["a b", " ", 1, "urn:uuid:1", "urn:oid:x", "JavaScript:a()", "data:x,y"],
    "url": [" ", "http://a b", "vbscript:a"],
    "uuid": ["0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01", "urn:uuid:0D5D8F3A-0b5a-4b5e"],
}
SAFE = [
    "text",
    '<p class="x" style="color: red">a<br/><b>b</b></p>',
    '<table border="1"><tr><td colspan="2">&lt;script&gt;</td></tr></table>',
    '<a href="https://a.b">x</a>',
    '<img src="data:image/png;base64,AA==" alt="x"/>',
    '<img src="#image"/>',
]
UNSAFE = [
    "<script>x</script>",
    "<SCRIPT>x</SCRIPT>",
    "<iframe/>x",
    '<p onmouseover="x">x</p>',
    "<form>x</form>",
    "<style>p {}</style>x",
    '<link rel="stylesheet" href="x"/>x',
    '<object data="x">x</object>',
    '<a href="java&#115;cript:x">x</a>',
    '<img src="data:text/html,x"/>',
    '<svg xmlns="http://www.w3.org/2000/svg">x</svg>',
    '<p style="behavior: expression(x)">x</p>',
    "&nbsp;",
    "<p>x",
    " ",
    "\ud800",
    "a\x00b",
]


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


def errors(findings):
    return [one.kind for one in findings or () if one.kind != "value.relative"]


def test_every_primitive_type_is_tried():
    assert VALID.keys() == INVALID.keys() == PRIMITIVES.keys()


@pytest.mark.parametrize(("name", "value"), cases(VALID))
def test_a_literal_of_the_type_is_accepted(name, value):
    assert errors(PRIMITIVES[name](value, Walk())) == []


@pytest.mark.parametrize(("name", "value"), cases(INVALID))
def test_a_literal_of_another_form_is_refused(name, value):
    assert errors(PRIMITIVES[name](value, Walk()))


@pytest.mark.parametrize("name", PRIMITIVES)
@pytest.mark.parametrize("value", [None, "", [], {}, ["a"], {"a": 1}])
def test_nothing_and_containers_are_no_primitives(name, value):
    assert errors(PRIMITIVES[name](value, Walk()))


@pytest.mark.parametrize("content", SAFE)
def test_a_narrative_of_plain_html_is_accepted(content):
    assert errors(xhtml(DIV.format(content), Walk())) == []


@pytest.mark.parametrize("content", UNSAFE)
def test_a_narrative_that_could_run_or_is_broken_is_refused(content):
    assert errors(xhtml(DIV.format(content), Walk()))
