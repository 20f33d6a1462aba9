import gc
import gzip
import json
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles import lexical
from fhir_profiles.bundle import read_bundle
from fhir_profiles.delivery import delivered
from fhir_profiles.garbage import LARGE, collection_paused
from fhir_profiles.problems import InvalidResourceError
from fhir_profiles.structure import check

SYNTHEA = Path(__file__).resolve().parents[2].parent / "shared/data/fhir/synthea-r4"
URN = "urn:uuid:0d5d8f3a-0b5a-4b5e-9a5e-5d6f7c8b9a01"
PATIENT = '{ "resourceType": "Patient", "id": "p",\n "gender": "female" }'
OBSERVATION = (
    '{"resourceType":"Observation","status":"final","code":{"text":"t"},'
    f'"subject":{{"reference":"{URN}"}},"valueQuantity":{{"value":72.50}}}}'
)


def entry(resource, url, **more):
    parts = [f'"{name}": "{value}"' for name, value in more.items()]
    request = f'"request": {{"method": "POST", "url": "{url}"}}'
    return "{" + ", ".join([*parts, f'"resource":  {resource} ', request]) + "}"


def bundle(*entries, more="", kind="transaction"):
    joined = ",\n ".join(entries)
    start = f'{{"resourceType": "Bundle", "type": "{kind}", {more} "entry": '
    return (f"{start}[{joined}]}}").encode()


ENTRIES = (entry(PATIENT, "Patient", fullUrl=URN), entry(OBSERVATION, "Observation"))


def one_after_the_other(body):
    resource = lexical.parse(body)
    return resource, check(resource)


def outcome(read, body):
    try:
        return read(body)
    except InvalidResourceError as error:
        return error.issues


def together(body):
    got = delivered(body)
    return got.resource, got.issues


def test_each_resource_is_cut_out_as_it_was_received():
    got = delivered(bundle(*ENTRIES))

    assert got.received == (PATIENT.encode(), OBSERVATION.encode())
    assert got.issues == []
    assert got.urns == {URN}
    assert (
        lexical.serialise(got.resource["entry"][1]["resource"]) == OBSERVATION.encode()
    )


@pytest.mark.parametrize(
    "body",
    [
        bundle(*ENTRIES),
        bundle(*ENTRIES, more='"id": "b", "timestamp": "2024-01-01T00:00:00Z",'),
        bundle(*ENTRIES, more='"identifier": {"value": "x"},'),
        bundle(*ENTRIES, more='"type": "batch",'),
        bundle(*ENTRIES, more='"total": null,'),
        bundle(),
        bundle("7", "{}", "[]", '{"resource": 1}', kind="batch"),
        bundle(entry(PATIENT.replace("female", "banana"), "Patient")),
        bundle(entry(PATIENT.replace("female", r"\u0000"), "Patient")),
        bundle(entry(PATIENT.replace("female", r"\ud800"), "Patient")),
        bundle(entry(PATIENT.replace('"id"', '"gender"'), "Patient")),
        bundle(entry(PATIENT.replace('"id"', r'"\u0022id"'), "Patient")),
        bundle(entry(OBSERVATION.replace("72.50", "-0"), "Observation")),
        bundle(entry(OBSERVATION.replace("72.50", "1e999"), "Observation")),
        bundle(entry(OBSERVATION.replace("72.50", "1" * 65), "Observation")),
        bundle(entry(OBSERVATION.replace("72.50", "[" * 70 + "]" * 70), "Observation")),
        b"\xef\xbb\xbf" + bundle(*ENTRIES),
        bundle(*ENTRIES).replace(b"Patient", b"Pati\xe4nt"),
        bundle(*ENTRIES)[:-1],
        PATIENT.encode(),
        b"[]",
        b"",
    ],
)
def test_reading_all_at_once_gives_what_parsing_and_checking_give(body):
    assert outcome(together, body) == outcome(one_after_the_other, body)


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(' "{}[]:,0x\\n')), max_size=3
    )
)
def test_a_damaged_body_is_answered_as_by_parsing_and_checking(damage):
    body = bytearray(bundle(*ENTRIES))
    for place, character in damage:
        body[place % len(body)] = ord(character)

    assert outcome(together, bytes(body)) == outcome(one_after_the_other, bytes(body))


@pytest.mark.parametrize("more", ["", "0", r"\"", r"\u0031", "ä"])
def test_a_reference_to_no_entry_is_found_whether_or_not_the_urns_are_known(more):
    dangling = OBSERVATION.replace(URN, URN + more)
    got = delivered(bundle(ENTRIES[0], entry(dangling, "Observation")))

    def issues(*urns):
        try:
            return read_bundle(got.resource, (), *urns).warnings
        except InvalidResourceError as error:
            return error.issues

    assert bool(issues()) == bool(more)
    assert issues(got.urns) == issues()


def test_an_entry_without_resource_is_cut_to_nothing():
    body = bundle('{"request": {"method": "DELETE", "url": "Patient/1"}}', "7")

    assert delivered(body).received == (b"", b"")


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason="No shared/data beside this tree.")
def test_synthea_bundles_are_cut_into_the_bytes_they_are_made_of():
    for path in sorted(SYNTHEA.glob("bundles/*.json.gz"))[::15]:
        body = gzip.decompress(path.read_bytes())

        got = delivered(body)

        assert (got.resource, got.issues) == one_after_the_other(body)
        assert all(part in body for part in got.received)
        resources = [json.loads(part) for part in got.received]
        assert resources == [one["resource"] for one in json.loads(body)["entry"]]


def test_the_collector_is_held_back_only_for_large_bodies_and_goes_on_afterwards():
    with collection_paused(LARGE - 1):
        assert gc.isenabled()
    with collection_paused(LARGE), collection_paused(LARGE):
        assert not gc.isenabled()

    assert gc.isenabled()


def test_the_collector_goes_on_after_the_last_of_several_threads():
    inside, done = Barrier(2), Barrier(2)

    def other():
        with collection_paused(LARGE):
            inside.wait(60)
            done.wait(60)

    thread = Thread(target=other)
    with collection_paused(LARGE):
        thread.start()
        inside.wait(60)
    assert not gc.isenabled()
    done.wait(60)
    thread.join(60)

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with collection_paused(LARGE):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
