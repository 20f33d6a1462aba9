import copy
import json
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.lexical import DEPTH, Lexeme, parse, serialise
from fhir_profiles.problems import InvalidResourceError

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**60), 10**60) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=25,
)
DIGITS = st.text("0123456789", min_size=1, max_size=20)
DECIMALS = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{int(whole)}.{fraction}{exponent}",
    st.sampled_from(["", "-"]),
    DIGITS,
    DIGITS,
    st.sampled_from(["", "e5", "E-7", "e+399", "E00012"]),
)


def refusal(body: bytes) -> tuple[str, int | None, int | None]:
    with pytest.raises(InvalidResourceError) as refused:
        parse(body)
    [issue] = refused.value.issues
    return issue.id, issue.line, issue.column


@given(DECIMALS)
def test_a_decimal_comes_back_as_it_was_written(text):
    body = f'{{"value":{text}}}'.encode()

    content = parse(body)

    assert content["value"] == Decimal(text)
    assert serialise(content) == body


@given(DECIMALS)
def test_a_decimal_survives_copying_and_pickling(text):
    lexeme = Lexeme(text)

    copies = [
        copy.deepcopy(lexeme),
        copy.copy(lexeme),
        pickle.loads(pickle.dumps(lexeme)),
    ]

    assert [one.text for one in copies] == [text] * 3


@pytest.mark.parametrize("text", ["0.10", "1.00", "1.2E+2", "-0", "-0.0", "1e-400"])
def test_the_way_a_number_is_written_is_kept(text):
    assert serialise(parse(f'{{"a":{text}}}'.encode())) == f'{{"a":{text}}}'.encode()


@given(st.dictionaries(TEXTS, VALUES), st.booleans(), st.sampled_from([None, 2]))
def test_what_json_says_is_what_is_read(content, escape, indent):
    body = json.dumps(content, ensure_ascii=escape, indent=indent).encode()

    assert parse(body) == content
    assert parse(serialise(parse(body))) == content


@given(st.dictionaries(TEXTS, VALUES, min_size=1), TEXTS, VALUES, VALUES, st.booleans())
def test_a_name_given_twice_is_refused_wherever_it_stands(rest, name, one, two, escape):
    def written(value):
        return json.dumps(value, ensure_ascii=escape)

    twice = f"{{{written(name)}:{written(one)},{written(name)}:{written(two)}}}"
    body = f'{{"rest":{written(rest)},"twice":[{twice}]}}'.encode()

    assert refusal(body)[0] == "lexical.duplicate-key"


def test_a_name_given_twice_cannot_hide_behind_escaped_quotation_marks():
    hidden = rb'{"a":"\u0022\u0022","b":1,"b":2}'

    assert refusal(hidden)[0] == "lexical.duplicate-key"


def test_a_name_given_twice_cannot_hide_behind_another_spelling():
    assert refusal(rb'{"a":1,"\u0061":2}')[0] == "lexical.duplicate-key"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    try:
        content = parse(body)
    except InvalidResourceError:
        return

    assert isinstance(content, dict)


@given(st.text('{}[]",:\\ue0123456789-.tfn ', max_size=80))
def test_almost_json_is_read_or_refused(text):
    try:
        content = parse(text.encode())
    except InvalidResourceError:
        return

    assert content == json.loads(text)


def test_a_byte_order_mark_is_dropped():
    assert parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize(
    ("body", "issue", "line", "column"),
    [
        (b"", "lexical.syntax", 1, 1),
        (b"null", "lexical.root", 1, 1),
        (b'{"a":1}\n{"b":2}', "lexical.syntax", 2, 1),
        (b'{\n "a": tru}', "lexical.syntax", 2, 7),
        (b'{"a":\n "\xe4"}', "lexical.encoding", 2, 3),
        (b'{"a":Infinity}', "lexical.number", 1, 6),
        (b'{"a":-1e-99999}', "lexical.number", 1, 6),
        (b'{"a":' + b"1" * 65 + b"}", "lexical.number", 1, 6),
        (b'{"a":0.' + b"1" * 65 + b"}", "lexical.number", 1, 6),
        (b'{"a":1e00000000000000000000001}', "lexical.number", 1, 6),
        (rb'{"a":[1,"\b"]}', "lexical.character", 1, 9),
        (rb'{"a\u0001":1}', "lexical.character", 1, 2),
        (b'{"a":"\x01"}', "lexical.syntax", 1, 7),
        (b"[" * 100_000, "lexical.depth", 1, 1),
        (b'{"a":' * 100_000, "lexical.depth", 1, 1),
    ],
)
def test_a_fault_is_named_with_line_and_column(body, issue, line, column):
    assert refusal(body) == (issue, line, column)


@pytest.mark.parametrize("filler", [b"", b'"]}\\"{[",', b'"\\\\",'])
def test_nesting_is_limited_exactly(filler):
    deepest = b"[" * (DEPTH - 1) + filler.rstrip(b",") + b"]" * (DEPTH - 1)
    deeper = b"[" * DEPTH + filler.rstrip(b",") + b"]" * DEPTH

    assert parse(b'{"a":' + deepest + b"}")
    assert refusal(b'{"a":' + deeper + b"}")[0] == "lexical.depth"


def test_what_is_no_json_cannot_be_written():
    with pytest.raises(TypeError, match="pass parsed JSON"):
        serialise({"a": object()})
