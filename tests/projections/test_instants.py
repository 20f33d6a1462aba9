from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.instants import EARLIEST, LATEST, Span, microseconds, moment, span

ZONED = st.datetimes(timezones=st.just(UTC))


@given(ZONED)
def test_an_instant_is_read_back_from_its_microseconds(when):
    assert moment(microseconds(when)) == when


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_second_spans_itself_and_no_more(when):
    read = span(when.isoformat(timespec="seconds"))

    start = microseconds(when.replace(microsecond=0))
    assert read == Span(start, start + 999_999)


def test_what_no_datetime_holds_is_the_nearest_that_one_does():
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    assert (moment(EARLIEST), moment(LATEST)) == (first, last)
    assert moment(span("0001-01-01T00:00:00+14:00").low) == first
    assert moment(span("9999-12-31T23:00:00-14:00").high) == last


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_lies_in_its_month_and_its_year(day):
    year, month, whole = (span(day.isoformat()[:size]) for size in (4, 7, 10))

    assert year.low <= month.low <= whole.low
    assert whole.high <= month.high <= year.high


@given(st.text(max_size=40))
def test_any_text_is_a_span_or_none(text):
    read = span(text)

    assert read is None or read.low <= read.high


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2024", timedelta(days=366)),
        ("2026", timedelta(days=365)),
        ("2024-02", timedelta(days=29)),
        ("2026-12", timedelta(days=31)),
        ("2026-01-31", timedelta(days=1)),
        ("2026-01-31T10:15+02:00", timedelta(minutes=1)),
        ("2026-01-31T10:15:20Z", timedelta(seconds=1)),
        ("2026-01-31T10:15:20.5Z", timedelta(milliseconds=100)),
        ("2026-01-31T10:15:20.123Z", timedelta(milliseconds=1)),
        ("2026-01-31T10:15:20.123456Z", timedelta(microseconds=1)),
        ("2026-01-31T10:15:20.123456789Z", timedelta(microseconds=1)),
    ],
)
def test_a_date_of_lower_precision_is_the_whole_of_it(text, length):
    read = span(text)

    assert timedelta(microseconds=read.high - read.low + 1) == length


def test_a_time_without_a_zone_is_read_as_utc():
    assert span("2026-01-31T10:15:20") == span("2026-01-31T10:15:20Z")


def test_the_zone_counts():
    assert span("2026-01-31T10:15:20+02:00") == span("2026-01-31T08:15:20Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "0000",
        "2026-13",
        "2026-02-30",
        "20260",
        "2026-1-1",
        "2026-W01-1",
        "2026-01-01,2027",
        "2026-01-01 10:15",
        "2026-01-01T10",
        "20260101T101520",
        "+026",
        "１９９９",  # noqa: RUF001 (digits, but not those of ASCII)
    ],
)
def test_what_is_no_date_is_none(text):
    assert span(text) is None


def test_the_last_year_has_no_end():
    assert span("9999").high == LATEST - 1


def test_an_open_period_has_no_limit():
    start, end = Span(1, 2), Span(8, 9)

    assert Span.between(start, end) == Span(1, 9)
    assert Span.between(start, None) == Span(1, LATEST)
    assert Span.between(None, end) == Span(EARLIEST, 9)
    assert Span.between(None, None) is None
