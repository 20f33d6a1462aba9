"""A value is found in a file however it is written there, and nothing else is."""

import base64
import json
import os
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import traces
from gateway.audit.traces import SHORTEST, search

VALUE = "Müller-Lüdenscheidt 77"
WRITTEN = {
    "UTF-8": VALUE.encode(),
    "UTF-16": VALUE.encode("utf-16-le"),
    "UTF-16 BE": VALUE.encode("utf-16-be"),
    "JSON": json.dumps(VALUE)[1:-1].encode(),
    "URL": quote(VALUE, safe="").encode(),
    **{
        f"base64 {before}": base64.b64encode(bytes(before) + VALUE.encode() + b"end")
        for before in range(3)
    },
}


@pytest.mark.parametrize("form", sorted(WRITTEN))
def test_it_is_found_in_each_writing(tmp_path, form):
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "file"
    file.write_bytes(os.urandom(1000) + WRITTEN[form] + os.urandom(10))
    (tmp_path / "empty").touch()

    found = search(tmp_path, [VALUE, "other value"])

    assert found.found == (file,)
    assert (found.files, found.values, found.left_out) == (2, 2, 0)


def test_random_bytes_hold_nothing(tmp_path):
    (tmp_path / "file").write_bytes(os.urandom(1 << 20))

    found = search(tmp_path, [VALUE, *(f"value {n}" for n in range(300)), "short"])

    assert found.found == ()
    assert found.left_out == 1


def test_a_data_key_is_found_as_it_was_stored(tmp_path):
    key = os.urandom(32)
    (tmp_path / "copy").write_bytes(os.urandom(100) + key + os.urandom(100))
    (tmp_path / "other").write_bytes(os.urandom(100))

    assert search(tmp_path, [VALUE], [key]).found == (tmp_path / "copy",)


def test_without_values_nothing_is_found(tmp_path):
    (tmp_path / "file").write_bytes(b"anything at all")

    assert search(tmp_path, []).found == ()


def test_a_value_is_found_across_the_border_of_two_strides(tmp_path, monkeypatch):
    monkeypatch.setattr(traces, "_STRIDE", 16)
    for place in range(40):
        (tmp_path / f"{place:02}").write_bytes(b"x" * place + VALUE.encode() + b"y")
    (tmp_path / "xx").write_bytes(b"x" * 33)

    assert len(search(tmp_path, [VALUE]).found) == 40


@given(
    value=st.text(min_size=SHORTEST, max_size=20),
    before=st.binary(max_size=9),
    after=st.binary(max_size=9),
)
def test_any_value_is_found_wherever_it_stands(tmp_path_factory, value, before, after):
    folder = tmp_path_factory.mktemp("any")
    (folder / "file").write_bytes(before + value.encode() + after)

    assert search(folder, [value]).found
