"""The wire names are for ever: a log cannot be rewritten."""

from typing import get_args

from domain import events


def members(union):
    for each in get_args(union):
        yield from members(each) if get_args(each) else (each,)


def test_every_event_of_the_union_is_in_the_registry():
    assert set(members(events.Event)) == set(events.REGISTRY.values())


def test_every_wire_name_has_a_version_and_stays_what_it_is():
    assert sorted(events.REGISTRY) == [
        "access.recorded.v1",
        "access.unrecorded.v1",
        "assessment.accepted.v1",
        "assessment.corrected.v1",
        "assessment.floored.v1",
        "assessment.overridden.v1",
        "assessment.proposed.v1",
        "assessment.recalled.v1",
        "assessment.withheld.v1",
        "case.informed.v1",
        "case.opened.v1",
        "episode.case-opened.v1",
        "episode.encounter-learned.v1",
        "identity.claimed.v1",
        "identity.released.v1",
        "intake.dismissed.v1",
        "intake.quarantined.v1",
        "intake.released.v1",
        "knowledge.loaded.v1",
        "knowledge.signed.v1",
        "log.restored.v1",
        "model.activated.v1",
        "model.raises-exceeded.v1",
        "model.raises-subsided.v1",
        "model.refused.v1",
        "model.registered.v1",
        "model.resumed.v1",
        "model.rolled-back.v1",
        "model.served.v1",
        "model.suspended.v1",
        "patient.erased.v1",
        "patient.held.v1",
        "patient.hold-lifted.v1",
        "patients.linked.v1",
        "patients.unlinked.v1",
        "record.accepted.v1",
        "record.corrected.v1",
        "record.withdrawn.v1",
        "request.answered.v1",
        "retention.stated.v1",
        "rules.configured.v1",
        "rules.signed.v1",
        "task.accepted.v1",
        "task.declined.v1",
        "task.escalated.v1",
        "task.released.v1",
        "task.started.v1",
    ]
