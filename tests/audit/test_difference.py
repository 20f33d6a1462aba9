import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.values import Reference
from gateway.audit.difference import difference
from gateway.projections.resources import Version

AT = datetime(2026, 11, 22, tzinfo=UTC)
WHERE = Reference(type="Patient", id="p1", version=1)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text("ab/~", min_size=1), inner, min_size=1, max_size=3)
    ),
)


def version(body):
    return Version(reference=WHERE, deleted=False, at=AT, body=body.encode())


@pytest.mark.parametrize(
    ("expected", "found", "place"),
    [
        ('{"a":1}', '{"a":2}', "/a"),
        ('{"a":[1,2]}', '{"a":[1]}', "/a/1"),
        ('{"a":{"b":1}}', '{"a":{"b":1,"c":2}}', "/a/c"),
        ('{"a/b~c":1}', '{"a/b~c":2}', "/a~1b~0c"),
        ('{"a":1}', '{"a":true}', "/a"),
        ('{"a":72.50}', '{"a":72.5}', "/a"),
        ('{"a":1,"b":1}', '{"a":2,"b":2}', "/a"),
    ],
)
def test_the_first_place_that_differs_is_named(expected, found, place):
    finding = difference(7, version(expected), version(found))

    assert finding.position == 7
    assert finding.sentence.endswith(f"not what the log says, first at {place}")


def test_what_is_no_json_any_more_is_said_so():
    finding = difference(7, version('{"a":1}'), version('{"a":'))

    assert finding.sentence.endswith("is no resource any more")


@given(VALUES, VALUES)
def test_two_bodies_differ_exactly_when_their_bytes_do(one, other):
    left, right = (json.dumps({"v": each}) for each in (one, other))

    finding = difference(7, version(left), version(right))

    assert (finding is None) == (left == right)
    if finding is not None:
        assert str(WHERE) in finding.sentence
