"""JSON Patch: the cases of RFC 6902, appendix A, and what the RFC leaves to us."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.lexical import parse, serialise
from fhir_profiles.patching import OPERATIONS, MalformedPatchError, PatchError
from fhir_profiles.patching_json import json_patch


def patched(document, *operations):
    return json_patch(json.dumps(operations).encode()).apply(document)


def op(name, path, **more):
    return {"op": name, "path": path, **{k.rstrip("_"): v for k, v in more.items()}}


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"foo": "bar"}, op("add", "/baz", value="qux"), {"baz": "qux", "foo": "bar"}),
        (
            {"foo": ["bar", "baz"]},
            op("add", "/foo/1", value="qux"),
            {"foo": ["bar", "qux", "baz"]},
        ),
        ({"baz": "qux", "foo": "bar"}, op("remove", "/baz"), {"foo": "bar"}),
        (
            {"foo": ["bar", "qux", "baz"]},
            op("remove", "/foo/1"),
            {"foo": ["bar", "baz"]},
        ),
        (
            {"baz": "qux", "foo": "bar"},
            op("replace", "/baz", value="boo"),
            {"baz": "boo", "foo": "bar"},
        ),
        (
            {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
            op("move", "/qux/thud", from_="/foo/waldo"),
            {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
        ),
        (
            {"foo": ["all", "grass", "cows", "eat"]},
            op("move", "/foo/3", from_="/foo/1"),
            {"foo": ["all", "cows", "eat", "grass"]},
        ),
        (
            {"foo": "bar"},
            op("add", "/child", value={"grandchild": {}}),
            {"foo": "bar", "child": {"grandchild": {}}},
        ),
        (
            {"foo": "bar"},
            op("add", "/baz", value="qux", xyz=123),
            {"foo": "bar", "baz": "qux"},
        ),
        (
            {"foo": ["bar"]},
            op("add", "/foo/-", value=["abc", "def"]),
            {"foo": ["bar", ["abc", "def"]]},
        ),
        (
            {"/": 9, "~1": 10},
            op("test", "/~01", value=10),
            {"/": 9, "~1": 10},
        ),
        (
            {"a/b": 1, "m~n": 2},
            op("copy", "/a~1b", from_="/m~0n"),
            {"a/b": 2, "m~n": 2},
        ),
        ({"": {"": 1}}, op("replace", "//", value=2), {"": {"": 2}}),
        ({"foo": "bar"}, op("add", "", value={"baz": 1}), {"baz": 1}),
        ({"foo": "bar"}, op("move", "/foo", from_="/foo"), {"foo": "bar"}),
        ({"foo": [1]}, op("add", "/foo/1", value=2), {"foo": [1, 2]}),
    ],
)
def test_the_operations_of_the_rfc(document, operation, expected):
    assert patched(document, operation) == expected


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        (["a", 2, "c"], ["a", 2, "c"]),
        ({"a": 1, "b": [None]}, {"b": [None], "a": 1}),
        (1, 1.0),
        (None, None),
        (True, True),
    ],
)
def test_a_test_finds_what_is_the_same(there, wanted):
    document = parse(json.dumps({"at": there}).encode())

    assert patched(document, op("test", "/at", value=wanted)) == document


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ("bar", "baz"),
        (10, "10"),
        (1, True),
        (0, False),
        (None, False),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({"a": 1}, {"a": 1, "b": 1}),
        ({}, []),
    ],
)
def test_a_test_refuses_what_is_another_value(there, wanted):
    with pytest.raises(PatchError, match="another one"):
        patched({"at": there}, op("test", "/at", value=wanted))


@pytest.mark.parametrize(
    "operation",
    [
        op("add", "/baz/bat", value="qux"),
        op("add", "/list/3", value=1),
        op("add", "/list/01", value=1),
        op("add", "/list/x", value=1),
        op("add", "/list/0/0", value=1),
        op("remove", "/nothing"),
        op("remove", "/list/1"),
        op("remove", "/list/-"),
        op("replace", "/nothing", value=1),
        op("replace", "/list/1/x", value=1),
        op("test", "/nothing", value=None),
        op("copy", "/foo", from_="/nothing"),
        op("move", "/foo", from_="/foo/bar"),
        op("replace", "", value=[1]),
    ],
)
def test_what_does_not_fit_the_document_is_refused_and_changes_nothing(operation):
    document = {"foo": "bar", "list": ["a"]}

    with pytest.raises(PatchError):
        patched(document, op("add", "/new", value=1), operation)

    assert document == {"foo": "bar", "list": ["a"]}


def test_a_refusal_names_the_operation_and_no_value():
    with pytest.raises(PatchError, match=r"Operation \[1\] \(remove\)") as refused:
        patched(
            {"name": "Miller"}, op("test", "/name", value="Miller"), op("remove", "/x")
        )

    assert "Miller" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'"text"',
        b"[1]",
        b"[",
        b"",
        b'[], "more": []',
        b'[{"op": "spam", "path": "/a"}]',
        b'[{"path": "/a"}]',
        b'[{"op": "add", "path": "/a"}]',
        b'[{"op": "add", "value": 1}]',
        b'[{"op": "add", "path": "a", "value": 1}]',
        b'[{"op": "add", "path": "/a~2", "value": 1}]',
        b'[{"op": "copy", "path": "/a"}]',
        b'[{"op": "move", "from": "/a", "path": "/a/b"}]',
        b'[{"op": "add", "path": "/a", "path": "/b", "value": 1}]',
        b'[{"op": "add", "path": "/a", "value": NaN}]',
    ],
)
def test_what_is_no_patch_is_refused_when_it_is_read(body):
    with pytest.raises(MalformedPatchError):
        json_patch(body)


def test_a_fault_is_found_in_the_line_of_the_patch():
    with pytest.raises(MalformedPatchError) as refused:
        json_patch(b'[\n {"op": "add", "op": "add"}]')

    assert refused.value.issues[0].line == 2


def test_a_patch_with_very_many_operations_is_refused():
    one = '{"op": "remove", "path": "/a"},'

    with pytest.raises(MalformedPatchError, match="several patches"):
        json_patch(f"[{(one * (OPERATIONS + 1))[:-1]}]".encode())


def test_a_patch_that_grows_by_doubling_is_refused():
    doubling = [op("copy", "/a/-", from_="/a")] * 60

    with pytest.raises(PatchError, match="copies too much"):
        patched({"a": ["x"] * 100}, *doubling)


def test_numbers_that_are_not_touched_stay_as_written():
    document = parse(b'{"a": 72.50, "b": [1.0e2, -0], "c": 1}')

    done = json_patch(b'[{"op": "add", "path": "/d", "value": 3.140}]').apply(document)

    assert serialise(done) == b'{"a":72.50,"b":[1.0e2,-0],"c":1,"d":3.140}'


def test_a_patch_may_be_applied_again():
    patch = json_patch(
        b'[{"op": "add", "path": "/a", "value": []},'
        b' {"op": "add", "path": "/a/-", "value": 1}]'
    )

    assert patch.apply({}) == patch.apply({}) == {"a": [1]}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~0", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
POINTERS = st.text("/ab01-~", max_size=6)
ANYTHING = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": POINTERS,
        "from": POINTERS,
        "value": VALUES,
    }
)


@given(
    document=st.dictionaries(st.sampled_from("ab01"), VALUES),
    operations=st.lists(ANYTHING, max_size=4),
)
def test_any_patch_is_applied_or_refused_and_the_document_stays(document, operations):
    before = json.dumps(document)

    with suppress(MalformedPatchError, PatchError):
        assert isinstance(patched(document, *operations), dict)

    assert json.dumps(document) == before
