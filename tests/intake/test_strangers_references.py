"""References that look like one of ours and mean somebody else's, or the reverse."""

import pytest

from gateway.intake.conditions import UnsupportedConditionError, identifier_of
from tests.patients import MRN, complaint, patient, posted, vital

SENDER = "https://ehr.example/fhir"
OTHER = "https://clinic.example/fhir"


def at(server, resource, identity, **request):
    kind = resource["resourceType"]
    entry = posted(resource, full_url=f"{server}/{kind}/{identity}")
    entry["request"] |= request
    return entry


def bundle(*entries):
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


@pytest.fixture
async def ours(caller):
    """A Patient of this gateway whose id is one of the sender's, too."""
    await caller.put({**patient("ours"), "id": "77"})
    return "Patient/77"


async def subject(caller, location):
    return (await caller.read(location))["subject"]["reference"]


@pytest.mark.parametrize(
    "written", ["Patient/77/_history/4", "{}/Patient/77/_history/4"]
)
async def test_a_versioned_reference_means_the_neighbour_as_well(caller, ours, written):
    """FHIR R4, bundle.html#references: the version is removed before matching."""
    sent = bundle(
        at(SENDER, patient("theirs"), "77"),
        at(SENDER, vital(written.format(SENDER)), "1"),
    )

    whom, what = (await caller.push(sent)).locations

    assert await subject(caller, what) == whom.partition("/_history/")[0] != ours


async def test_what_a_patch_leaves_alone_leads_where_it_led(caller, ours):
    await caller.put({**vital(ours), "id": "pulse"})
    change = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "type", "valueCode": "replace"},
                    {"name": "path", "valueString": "Observation.status"},
                    {"name": "value", "valueCode": "amended"},
                ],
            }
        ],
    }
    patched = {
        "resource": change,
        "request": {"method": "PATCH", "url": "Observation/pulse"},
    }

    await caller.push(bundle(at(SENDER, patient("theirs"), "77"), patched))

    assert (await caller.read("Observation/pulse"))["status"] == "amended"
    assert await subject(caller, "Observation/pulse") == ours


async def test_of_two_servers_each_entry_means_its_own(caller):
    sent = bundle(
        at(SENDER, patient("one"), "77"),
        at(OTHER, patient("two"), "77"),
        at(SENDER, vital("Patient/77"), "1"),
        at(OTHER, vital("Patient/77"), "1"),
    )

    answer = await caller.push(sent)

    one, two, first, second = answer.locations
    assert await subject(caller, first) == one.partition("/_history/")[0]
    assert await subject(caller, second) == two.partition("/_history/")[0]


@pytest.mark.parametrize(
    "own", ["urn:uuid:5b6f3c0e-0001-4000-8000-000000000001", f"{OTHER}/Observation/1"]
)
async def test_a_reference_that_may_mean_another_server_s_patient_is_refused(
    caller, own
):
    sent = bundle(
        at(SENDER, patient("one"), "77"),
        at("https://third.example", patient("two"), "77"),
        posted(vital("Patient/77"), full_url=own),
    )

    answer = await caller.push_anything(sent)

    assert answer.status == 412
    assert answer.places == ["Bundle.entry[2]"]


async def test_content_that_was_not_written_identifies_nobody(caller):
    """A conditional create that finds somebody keeps nothing of what it sent."""
    await caller.put({**patient("A"), "id": "ann"})
    await caller.put({**patient("B"), "id": "bea"})
    both = {**patient("A")}
    both["identifier"] = [*both["identifier"], {"system": MRN, "value": "B"}]
    sent = bundle(
        at(SENDER, both, "1", ifNoneExist=f"identifier={MRN}|A"),
        at(SENDER, complaint(f"Patient?identifier={MRN}|B", "chest pain"), "2"),
    )

    answer = await caller.push(sent)

    assert await subject(caller, answer.locations[1]) == "Patient/bea"


async def test_an_identifier_of_an_old_and_a_new_patient_names_neither(caller):
    await caller.put({**patient("B"), "id": "bea"})
    sent = bundle(
        at(SENDER, patient("B"), "1"),
        at(SENDER, vital(f"Patient?identifier={MRN}|B"), "2"),
    )

    answer = await caller.push_anything(sent)

    assert (answer.status, answer.codes) == (412, ["multiple-matches"])


async def test_an_identifier_that_moves_in_a_transaction_names_who_bears_it_then(
    caller,
):
    await caller.put({**patient("B"), "id": "bea"})
    sent = bundle(
        {
            "resource": {**patient("C"), "id": "bea"},
            "request": {"method": "PUT", "url": "Patient/bea"},
        },
        {
            "resource": {**patient("B"), "id": "ben"},
            "request": {"method": "PUT", "url": "Patient/ben"},
        },
        at(SENDER, vital(f"Patient?identifier={MRN}|B"), "2"),
        at(SENDER, vital(f"Patient?identifier={MRN}|C"), "3"),
    )

    answer = await caller.push(sent)

    assert await subject(caller, answer.locations[2]) == "Patient/ben"
    assert await subject(caller, answer.locations[3]) == "Patient/bea"


async def test_a_late_repetition_does_not_find_whom_its_condition_no_longer_names(
    caller,
):
    """The record number was another's: what comes for it belongs to that other."""
    sent = bundle(
        at(SENDER, patient("7"), "1", ifNoneExist=f"identifier={MRN}|7"),
        posted({**vital(f"{SENDER}/Patient/1"), "id": "pulse"}, full_url=""),
    )
    first = (await caller.push(sent)).locations[0].partition("/_history/")[0]
    await caller.put({**patient("8"), "id": first.partition("/")[2]})

    again = (await caller.push(sent)).locations

    assert await subject(caller, again[1]) == again[0].partition("/_history/")[0]
    assert not again[0].startswith(first)


@pytest.mark.parametrize(
    "condition",
    [f"identifier={MRN}|7,{MRN}|8", f"identifier={MRN}|7,8"],
)
async def test_a_choice_of_identifiers_is_no_identity(caller, condition):
    answer = await caller.create(patient("9"), If_None_Exist=condition)

    assert (answer.status, answer.codes) == (400, ["not-supported"])


async def test_a_comma_in_an_identifier_is_escaped(caller):
    await caller.put({**patient("7,8"), "id": "eve"})

    answer = await caller.create(patient("9"), If_None_Exist=f"identifier={MRN}|7\\,8")

    assert (answer.status, answer.json["id"]) == (200, "eve")


@pytest.mark.parametrize("written", ["M%FCller", "M%F6ller"])
def test_a_condition_that_is_no_utf_8_names_nobody(written):
    """Read with replacement characters, the two would be one and the same."""
    with pytest.raises(UnsupportedConditionError, match="UTF-8"):
        identifier_of(f"identifier={MRN}|{written}")
