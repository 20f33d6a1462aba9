from dataclasses import replace

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from domain.commands import AcceptRecord, WithdrawRecord
from domain.errors import AlreadyThereError, StaleVersionError
from domain.events import RecordAccepted, RecordCorrected, RecordWithdrawn
from domain.record import NOTHING as SILENCE
from domain.record import UNKNOWN, Content, decide, evolve, remember, standing
from domain.values import Reference
from tests.domain.given import Given

EVE = Reference(type="Patient", id="eve")
SEND = AcceptRecord(
    reference=EVE, received=b"{}", identifiers=("s|1",), patient="Patient/eve"
)
OTHER = replace(SEND, received=b'{"active":true}')
DELETE = WithdrawRecord(reference=EVE)
NOTHING = Given(decide, evolve, UNKNOWN)


def at(version):
    return replace(EVE, version=version)


def test_what_is_new_is_accepted_as_version_1():
    assert NOTHING.when(SEND) == [
        RecordAccepted(
            reference=at(1),
            received=b"{}",
            identifiers=("s|1",),
            patient="Patient/eve",
        )
    ]


def test_other_content_is_a_correction():
    assert NOTHING.after(SEND).when(OTHER) == [
        RecordCorrected(
            reference=at(2),
            received=OTHER.received,
            identifiers=("s|1",),
            patient="Patient/eve",
        )
    ]


def test_the_same_content_changes_nothing():
    assert NOTHING.after(SEND).when(SEND) == []


def test_the_same_bytes_that_lead_elsewhere_are_a_correction():
    moved = replace(SEND, links=(("urn:uuid:1", "Patient/2"),))

    (event,) = NOTHING.after(SEND).when(moved)

    assert event.links == moved.links


def test_a_deletion_is_a_version_of_its_own():
    gone = NOTHING.after(SEND).after(DELETE)

    assert NOTHING.after(SEND).when(DELETE) == [RecordWithdrawn(reference=at(2))]
    assert not gone.state.exists
    assert gone.state.identifiers == ("s|1",)


@pytest.mark.parametrize("past", [NOTHING, NOTHING.after(SEND).after(DELETE)])
def test_a_deletion_of_what_is_not_there_changes_nothing(past):
    assert past.when(DELETE) == []


def test_the_same_content_after_a_deletion_brings_it_back():
    (event,) = NOTHING.after(SEND).after(DELETE).when(SEND)

    assert (type(event), event.reference) == (RecordCorrected, at(3))


@pytest.mark.parametrize("command", [OTHER, DELETE])
def test_a_change_that_knows_the_current_version_is_granted(command):
    assert NOTHING.after(SEND).when(replace(command, if_match=1))


@pytest.mark.parametrize("command", [SEND, OTHER, DELETE])
@pytest.mark.parametrize(
    ("past", "version"),
    [
        (NOTHING, 0),
        (NOTHING, 1),
        (NOTHING.after(SEND), 2),
        (NOTHING.after(SEND).after(OTHER), 1),
        (NOTHING.after(SEND).after(DELETE), 2),
    ],
)
def test_a_change_that_believes_in_another_version_is_refused(past, version, command):
    with pytest.raises(StaleVersionError, match="Read the resource again"):
        past.when(replace(command, if_match=version))


ONLY_NEW = replace(SEND, if_absent=True)


@pytest.mark.parametrize("past", [NOTHING, NOTHING.after(SEND).after(DELETE)])
def test_who_wants_to_create_only_creates_what_is_not_there(past):
    assert past.when(ONLY_NEW)


@pytest.mark.parametrize("command", [ONLY_NEW, replace(OTHER, if_absent=True)])
def test_who_wants_to_create_only_is_refused_where_something_is(command):
    with pytest.raises(AlreadyThereError, match="create only"):
        NOTHING.after(SEND).when(command)


def test_the_content_is_remembered_apart_until_it_is_deleted():
    links = (("urn:uuid:1", "Patient/2"),)
    (accepted,) = NOTHING.when(SEND)
    (corrected,) = NOTHING.after(SEND).when(replace(OTHER, links=links))
    (withdrawn,) = NOTHING.after(SEND).when(DELETE)

    assert remember(SILENCE, accepted) == Content(received=b"{}")
    assert remember(SILENCE, corrected) == Content(received=OTHER.received, links=links)
    assert remember(Content(received=b"{}"), withdrawn) == SILENCE


@over(st.lists(st.sampled_from([SEND, OTHER, DELETE])))
def test_versions_count_up_without_a_gap_whatever_is_asked(commands):
    machine = NOTHING
    for command in commands:
        events = machine.when(command)
        before = machine.state.version
        machine = machine.after(command)
        assert machine.state.version == before + len(events)


@pytest.mark.parametrize(("size", "heavy"), [(8 * 1024, False), (8 * 1024 + 1, True)])
def test_large_content_is_not_to_be_kept_in_memory(size, heavy):
    assert Content(received=b" " * size).heavy is heavy


def test_what_was_erased_is_gone_and_its_versions_go_on():
    erased = standing(UNKNOWN, 3)

    assert not erased.exists
    (event,) = decide(SEND, erased)
    assert event == RecordCorrected(
        reference=at(4), received=b"{}", identifiers=("s|1",), patient="Patient/eve"
    )


def test_an_older_version_does_not_come_back_where_the_newest_was_erased():
    known = evolve(UNKNOWN, decide(SEND, UNKNOWN)[0])

    assert standing(known, 1) is known
    assert not standing(known, 2).exists
