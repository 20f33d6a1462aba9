"""A value is found in a file however it is written there, and nothing else is."""

import base64
import gzip
import html
import json
import os
import re
import sqlite3
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import traces
from gateway.audit.strangers import strangers
from gateway.audit.traces import search
from gateway.audit.writings import SHORTEST

VALUE = 'Müller-Lüdenscheidt "O\'Brien" <7/7>'
FIRST = "Müller-Lüdenscheidt"
SMALL = re.sub(r"%..", lambda escape: escape[0].lower(), quote(VALUE))
NOTE = 'Frau Grün says "no air"\nsince noon'
WRITTEN = {
    "UTF-8": VALUE.encode(),
    "UTF-16": VALUE.encode("utf-16-le"),
    "UTF-16 BE": VALUE.encode("utf-16-be"),
    "JSON": json.dumps(VALUE)[1:-1].encode(),
    "JSON with capitals": json.dumps(VALUE)[1:-1].replace("00fc", "00FC").encode(),
    "JSON in UTF-8": msgspec.json.encode(VALUE),
    "JSON with each slash escaped": json.dumps(VALUE)[1:-1]
    .replace("/", "\\/")
    .encode(),
    "JSON in UTF-8, likewise": VALUE.replace('"', '\\"').replace("/", "\\/").encode(),
    "URL": quote(VALUE, safe="").encode(),
    "URL in small letters": SMALL.encode(),
    "a form": quote_plus(VALUE).encode(),
    "HTML": html.escape(VALUE).encode(),
    "HTML, text only": html.escape(VALUE, quote=False).encode(),
    "HTML, decimal": html.escape(VALUE).replace("&#x27;", "&#39;").encode(),
    "XML": html.escape(VALUE).replace("&#x27;", "&apos;").encode(),
    "HTML, named": html.escape(VALUE).replace("ü", "&uuml;").encode(),
    "HTML, hexadecimal": html.escape(VALUE).replace("ü", "&#xfc;").encode(),
    "HTML, HEXADECIMAL": html.escape(VALUE).replace("ü", "&#xFC;").encode(),
    "HTML in ASCII": html.escape(VALUE).encode("ascii", "xmlcharrefreplace"),
    "Latin-1": VALUE.encode("latin-1"),
    "decomposed": normalize("NFD", VALUE).encode(),
    "small": VALUE.lower().encode(),
    "capital": VALUE.upper().encode(),
    "hexadecimal": VALUE.encode().hex().encode(),
    "HEXADECIMAL": VALUE.encode().hex().upper().encode(),
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


@pytest.mark.parametrize("value", ["Жалоба chest pain", "処方: aspirin"])
def test_what_is_left_of_a_text_without_its_letters_is_another(tmp_path, value):
    (tmp_path / "guideline").write_text("on chest pain, and on : aspirin")
    (tmp_path / "hers").write_text(f"says: {value}")

    assert search(tmp_path, [value]).found == (tmp_path / "hers",)


def test_random_bytes_hold_nothing(tmp_path):
    (tmp_path / "file").write_bytes(os.urandom(1 << 20))

    found = search(tmp_path, [VALUE, *(f"value {n}" for n in range(300)), "short"])

    assert found.found == ()
    assert found.left_out == 1


@pytest.mark.parametrize(
    "written",
    [
        bytes,
        base64.b64encode,
        base64.urlsafe_b64encode,
        lambda key: base64.b64encode(b"wrapped by: " + key),
        lambda key: key.hex().encode(),
        lambda key: f"X'{key.hex().upper()}'".encode(),
    ],
)
def test_a_data_key_is_found_however_it_is_written(tmp_path, written):
    key = os.urandom(32)
    (tmp_path / "copy").write_bytes(os.urandom(100) + written(key) + os.urandom(100))
    (tmp_path / "other").write_bytes(os.urandom(100))

    assert search(tmp_path, [VALUE], [key]).found == (tmp_path / "copy",)


def test_a_note_is_found_as_the_gateway_itself_would_write_it(tmp_path):
    (tmp_path / "left.json").write_bytes(msgspec.json.encode({"valueString": NOTE}))

    assert search(tmp_path, [NOTE]).found == (tmp_path / "left.json",)


def test_a_value_in_the_name_of_a_file_is_found_and_the_name_is_not_told(tmp_path):
    (tmp_path / "kept" / "MRN-5551").mkdir(parents=True)
    for file in ("kept/MRN-5551/a", "kept/MRN-5551/b", "scan of mrn-5551.txt", "c"):
        (tmp_path / file).write_text("says MRN-5551" if file == "c" else "")
    (tmp_path / "kept" / "MRN-5551.lnk").symlink_to("nowhere")

    found = search(tmp_path, ["MRN-5551"])

    assert found.named == (tmp_path, tmp_path / "kept")
    assert found.found == (tmp_path / "c",)


def test_the_gateway_s_own_names_tell_nobody(tmp_path):
    (tmp_path / "projections.sqlite").touch()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "projections.sqlite").touch()

    assert search(tmp_path, ["Projections"]).named == (tmp_path / "old",)


def test_a_copy_of_the_log_is_known_by_a_key_that_it_still_has(tmp_path):
    for name, key in (("old", b"hers"), ("gone", b"hers"), ("his", b"his")):
        wrapped = None if name == "gone" else b"wrapped otherwise"
        with sqlite3.connect(tmp_path / name) as tables:
            tables.execute("CREATE TABLE data_keys (key_id BLOB, wrapped BLOB)")
            tables.execute("INSERT INTO data_keys VALUES (?, ?)", (key, wrapped))
        tables.close()
    with sqlite3.connect(tmp_path / "no log") as tables:
        tables.execute("CREATE TABLE anything (key_id BLOB)")
    tables.close()

    found = search(tmp_path, [], key_ids=[b"hers"])

    assert found.found == (tmp_path / "old",)
    assert found.closed == ()


def test_a_copy_whose_rows_are_in_its_write_ahead_log_is_known_too(tmp_path):
    source = sqlite3.connect(tmp_path / "source")
    source.execute("PRAGMA journal_mode=WAL")
    source.execute("CREATE TABLE data_keys (key_id BLOB, wrapped BLOB)")
    source.execute("INSERT INTO data_keys VALUES (?, ?)", (b"hers", b"wrapped"))
    source.commit()
    (tmp_path / "copies").mkdir()
    for end in ("", "-wal"):
        content = (tmp_path / f"source{end}").read_bytes()
        (tmp_path / "copies" / f"log{end}").write_bytes(content)
    source.close()

    found = search(tmp_path / "copies", [], key_ids=[b"hers"])

    assert found.found == (tmp_path / "copies" / "log",)


def test_what_cannot_be_looked_into_is_named(tmp_path):
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    (data / "a.gz").write_bytes(gzip.compress(VALUE.encode()))
    (data / "b.zip").write_bytes(b"PK\x03\x04")
    (data / "c.sqlite").write_bytes(b"SQLite format 3\0 and no more than that")
    (data / "d").symlink_to(elsewhere)
    (data / f"{FIRST}.gz").write_bytes(gzip.compress(b""))

    found = search(data, [VALUE, FIRST])

    closed = tuple(data / each for each in ("a.gz", "b.zip", "c.sqlite", "d"))
    assert (found.found, found.closed, found.named) == ((), closed, (data,))


def test_only_some_files_are_looked_at_where_these_are_named(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).write_text(VALUE)

    found = search(tmp_path, [VALUE], among=[tmp_path / "one"])

    assert (found.files, found.found) == (1, (tmp_path / "one",))


@contextmanager
def without_rights():
    """Be nobody in particular: root may read everything."""
    was = os.geteuid()
    if not was:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_what_may_not_be_read_is_named_and_the_rest_is_searched(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # what is above may be shut, too
    data = Path("data")
    (data / "shut").mkdir(parents=True)
    (data / "shut" / "inside").write_text(VALUE)
    (data / "keys").mkdir()
    for name in ("locked.txt", "open.txt"):
        (data / name).write_text(VALUE)
    os.mkfifo(data / "pipe")
    for each in (tmp_path, data, data / "open.txt"):
        each.chmod(0o755)
    for name in ("shut", "keys", "locked.txt"):
        (data / name).chmod(0)

    with without_rights():
        found = search(data, [VALUE])
        strange = search(data, [VALUE], among=strangers(data))
    for name in ("shut", "keys"):
        (data / name).chmod(0o700)

    closed = tuple(data / each for each in ("keys", "locked.txt", "pipe", "shut"))
    assert (found.closed, strange.closed) == (closed, closed[1:])
    assert found.found == strange.found == (data / "open.txt",)


@pytest.mark.parametrize("name", ["notes.txt", "log.sqlite-wal"])
def test_what_goes_away_meanwhile_is_not_said_to_be_searched(
    tmp_path, monkeypatch, name
):
    gone = tmp_path / name
    monkeypatch.setattr(traces, "below", lambda _folder: [gone])

    found = search(tmp_path, [VALUE])

    assert (found.files, found.closed) == (0, (gone,))


def test_a_link_that_leads_nowhere_hides_nothing(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")

    assert search(tmp_path, [VALUE]).closed == ()


def test_only_the_files_of_the_knowledge_base_may_hold_what_it_states(tmp_path):
    (tmp_path / "knowledge").mkdir()
    for name in ("knowledge.sqlite", "knowledge/1.jsonl", "knowledge.txt"):
        (tmp_path / name).write_text(f"{FIRST}, and more")
    (tmp_path / "knowledge" / "2.jsonl").write_text("another value")

    found = search(tmp_path, [FIRST, "another value"], stated=[FIRST, "and more"])

    assert found.found == (
        tmp_path / "knowledge" / "2.jsonl",
        tmp_path / "knowledge.txt",
    )


def test_a_large_file_is_searched_in_little_memory(tmp_path):
    with (tmp_path / "large").open("wb") as large:
        large.truncate(64 << 20)
        large.seek(63 << 20)
        large.write(VALUE.encode())
    tracemalloc.start()
    found = search(tmp_path, [VALUE])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.found == (tmp_path / "large",)
    assert most < 64 << 20


def test_many_values_are_looked_for_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(traces, "_TOGETHER", 500)
    values = [f"value {number}" for number in range(40_000)]
    for name, said in (("first", values[0]), ("last", values[-1]), ("own", "other")):
        (tmp_path / name).write_text(said)
    (tmp_path / values[20_000]).touch()
    tracemalloc.start()
    found = search(tmp_path, values, [bytes(32)])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.found == (tmp_path / "first", tmp_path / "last")
    assert found.named == (tmp_path,)
    assert (found.files, found.bytes) == (4, len("value 0value 39999other"))
    assert most < 32 << 20


def test_no_folder_is_told_whose_own_name_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(traces, "_TOGETHER", 1)
    values = [f"value {number}" for number in range(20)]
    tmp_path.joinpath(*values).mkdir(parents=True)

    assert search(tmp_path, values).named == (tmp_path,)


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
