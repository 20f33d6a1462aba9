"""Pages of a search while others write."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.projections import planning, resources
from gateway.projections.asking import TooCostlySearchError
from tests.projections.shelf import shelf

QUERIES = (
    "status=requested&_count=3",
    "status=requested&_count=2&_sort=authored-on",
    "status=requested&_count=2&_sort=-authored-on",
    "status=requested&_count=3&_sort=priority,-authored-on",
    "status=requested,ready&_count=1&_sort=_lastUpdated",
    "status:not=completed&_count=3&_sort=-_lastUpdated",
)
STATUSES = st.sampled_from(["requested", "ready", "completed"])
CHANGES = st.lists(st.tuples(st.integers(0, 12), STATUSES | st.none()), max_size=8)


def task(number, status, day=None):
    day = number if day is None else day
    return {
        "resourceType": "Task",
        "id": f"t{number}",
        "status": status,
        "priority": ("stat", "urgent", "routine")[day % 3],
        **({"authoredOn": f"2026-01-{1 + day % 28:02d}"} if day % 4 else {}),
    }


@settings(max_examples=60, deadline=None)
@given(
    query=st.sampled_from(QUERIES),
    few=st.sampled_from([0, planning.FEW]),
    begin=st.lists(STATUSES, min_size=1, max_size=12),
    rounds=st.lists(CHANGES, max_size=5),
)
def test_what_matches_throughout_is_on_one_page_once(
    tmp_path_factory, query, few, begin, rounds
):
    with (
        shelf(tmp_path_factory.mktemp("pages")) as one,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(planning, "FEW", few)
        one.put(*(task(number, status) for number, status in enumerate(begin)))
        unchanged = set(one.ids("Task", re.sub("_count=[0-9]", "_count=99", query)))
        waiting, living = iter(rounds), {f"t{n}" for n in range(len(begin))}

        def between():
            for number, status in next(waiting, ()):
                name = f"t{number}"
                unchanged.discard(name)
                if status is not None:
                    one.put(task(number, status, number + 7))
                    living.add(name)
                elif name in living:
                    one.drop("Task", name)
                    living.discard(name)

        shown = [each for page in one.pages("Task", query, between) for each in page]

        assert len(shown) == len(set(shown))
        assert unchanged <= set(shown)


@pytest.mark.parametrize("query", QUERIES)
def test_a_page_ends_where_it_is_large_and_the_next_goes_on(
    tmp_path, monkeypatch, query
):
    with shelf(tmp_path) as one:
        one.put(*(task(number, "requested") for number in range(9)))
        whole = one.ids("Task", re.sub("_count=[0-9]", "_count=99", query))
        monkeypatch.setattr(resources, "LARGEST_PAGE", 1)

        pages = one.pages("Task", re.sub("_count=[0-9]", "_count=99", query))

    assert pages == [[each] for each in whole]


def test_more_than_can_be_sorted_by_two_keys_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "MOST_SORTED", 3)
    with shelf(tmp_path) as one:
        one.put(*(task(number, "requested") for number in range(4)))

        with pytest.raises(TooCostlySearchError, match="one key"):
            one.ids("Task", "_sort=priority,authored-on")
        one.drop("Task", "t0")
        assert len(one.ids("Task", "_sort=priority,authored-on")) == 3


def test_pages_are_whole_while_a_thread_writes(tmp_path):
    with shelf(tmp_path) as one:
        one.put(*(task(number, "requested") for number in range(60)))
        ended = threading.Event()

        def write():
            number = 1000
            while not ended.is_set():
                one.put(task(number, "requested"), task(30 + number % 30, "requested"))
                number += 1

        with ThreadPoolExecutor(1) as threads:
            writing = threads.submit(write)
            shown = [
                each
                for _ in range(5)
                for page in one.pages("Task", "status=requested&_count=7")
                for each in page
                if each in {f"t{number}" for number in range(30)}
            ]
            ended.set()
            writing.result()

    assert sorted(shown) == sorted([f"t{number}" for number in range(30)] * 5)


def test_a_resource_that_was_made_later_is_not_on_a_later_page(tmp_path):
    with shelf(tmp_path) as one:
        one.put(*(task(number, "requested", 1) for number in range(4)))

        def make():
            one.put(task(99, "requested", 1))

        for sort in ("", "&_sort=authored-on", "&_sort=_lastUpdated"):
            pages = one.pages("Task", f"_count=3{sort}", make)
            assert "t99" not in pages[1]
            one.drop("Task", "t99")
