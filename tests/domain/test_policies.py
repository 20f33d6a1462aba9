from datetime import UTC, datetime, timedelta

from domain.answers import Decision, Review
from domain.assessment import Assessment
from domain.commands import InformCase, OpenCase
from domain.episode import EpisodeCase, Placement, Visit
from domain.policies import placement, triage
from domain.values import Acuity, Reference

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVE = Reference(type="Patient", id="eve")
VISIT = Visit(encounter=None, at=AT)
TRIGGERS = (Reference(type="Observation", id="o", version=1),)
EPISODES = (EpisodeCase(case_id="a", encounter=None, at=AT),)
REVIEWED = Assessment(
    revision=1, review=Review(decision=Decision.ACCEPTED, acuity=Acuity.URGENT)
)


def where(case):
    return placement(VISIT, EPISODES, {"a": case}, window=timedelta(hours=1))


def told(placed):
    return triage(VISIT, placed, fresh_id="b", patient=EVE, triggers=TRIGGERS)


def test_data_of_a_case_that_waits_inform_it():
    placed = where(Assessment(revision=1))

    assert placed == Placement(joins="a", follows=None)
    assert told(placed) == ("a", InformCase(encounter=None, triggers=TRIGGERS))


def test_data_of_a_case_that_was_reviewed_open_one_that_points_back():
    placed = where(REVIEWED)

    case_id, command = told(placed)

    assert case_id == "b"
    assert command == OpenCase(
        case_id="b",
        patient=EVE,
        encounter=None,
        previous="a",
        triggers=TRIGGERS,
        at=AT,
    )
