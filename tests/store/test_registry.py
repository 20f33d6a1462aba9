from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.errors import UnknownTopicError, UnrecordableEventError
from gateway.store.registry import EventRegistry
from tests.store.samples import AT, REGISTRY, Level, Measured, Noted, Unit, Value

_values = st.builds(
    Value,
    number=st.decimals(allow_nan=False, allow_infinity=False),
    unit=st.none() | st.sampled_from(Unit),
)
_measured = st.builds(
    Measured,
    values=st.lists(_values, max_size=3).map(tuple),
    at=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    level=st.sampled_from(Level),
    side=st.sampled_from(["left", "right"]),
    received=st.binary(max_size=50),
    by_name=st.dictionaries(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1)),
    best=st.none() | _values,
    exact=st.booleans(),
)
_measurement = Measured(
    values=(),
    at=AT,
    level=Level.LOW,
    side="left",
    received=b"",
    by_name={},
)


@given(_measured)
def test_every_event_is_read_back_as_it_was_written(event):
    registry = EventRegistry(REGISTRY)

    again = registry.decode(event.topic, registry.encode(event))

    assert again == event
    assert repr(again) == repr(event)


@given(st.binary(max_size=60))
def test_random_bytes_are_an_event_or_are_refused_in_words(content):
    registry = EventRegistry(REGISTRY)

    try:
        event = registry.decode(Noted.topic, content)
    except UnrecordableEventError:
        return

    assert isinstance(event, Noted)


def test_a_decimal_keeps_the_digits_that_were_sent():
    registry = EventRegistry(REGISTRY)
    event = replace(_measurement, values=(Value(number=Decimal("37.50")),))

    again = registry.decode(event.topic, registry.encode(event))

    assert str(again.values[0].number) == "37.50"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"side": "upper"}, "$.side"),
        ({"received": "text"}, "$.received"),
        ({"level": 2}, "$.level"),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_without_being_quoted(changes, place):
    event = replace(_measurement, **changes)

    with pytest.raises(UnrecordableEventError) as caught:
        EventRegistry(REGISTRY).encode(event)

    assert place in str(caught.value)
    assert not any(repr(value) in str(caught.value) for value in changes.values())


@pytest.mark.parametrize(
    "changes",
    [{"values": [Value(number=Decimal(1))]}, {"best": Value(number=Decimal("NaN"))}],
)
def test_a_value_that_would_come_back_different_is_refused(changes):
    with pytest.raises(UnrecordableEventError, match="read back differently"):
        EventRegistry(REGISTRY).encode(replace(_measurement, **changes))


@pytest.mark.parametrize("text", [object(), 2**70, "\ud800"])
def test_a_value_that_cannot_be_written_is_refused(text):
    with pytest.raises(UnrecordableEventError, match="cannot be written"):
        EventRegistry(REGISTRY).encode(Noted(text=text))


def test_a_missing_field_is_named_only_when_it_has_a_place():
    with pytest.raises(UnrecordableEventError, match=r"declared types\."):
        EventRegistry(REGISTRY).decode(Noted.topic, b"\x80")


def test_an_event_that_is_not_registered_is_refused():
    with pytest.raises(UnknownTopicError, match="Noted is not registered"):
        EventRegistry({}).encode(Noted(text="x"))


def test_an_event_of_a_newer_program_is_refused():
    with pytest.raises(UnknownTopicError, match=r"note\.noted\.v9"):
        EventRegistry(REGISTRY).decode("note.noted.v9", b"\x80")


def test_a_class_must_bear_the_name_under_which_it_is_registered():
    with pytest.raises(UnrecordableEventError, match="does not say so"):
        EventRegistry({"note.noted.v2": Noted})


def test_a_class_that_could_not_be_read_back_is_refused_at_the_start():
    @dataclass(frozen=True)
    class Ambiguous:
        topic: ClassVar[str] = "ambiguous.v1"
        either: Noted | Value

    with pytest.raises(UnrecordableEventError, match="Ambiguous"):
        EventRegistry({"ambiguous.v1": Ambiguous})


def test_a_time_is_read_back_in_utc():
    registry = EventRegistry(REGISTRY)
    local = datetime.fromisoformat("2026-03-01T14:00:00+02:00")

    again = registry.decode(
        Measured.topic, registry.encode(replace(_measurement, at=local))
    )

    assert again.at == local
    assert again.at.tzinfo == UTC
