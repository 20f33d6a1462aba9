"""Whether an answer counts is as the log stands where it is recorded, not before."""

from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from domain.answers import Draft, ModelIdentity
from domain.commands import (
    OpenCase,
    ProposeImpression,
    RecordFloor,
    WithholdImpression,
)
from domain.events import REGISTRY
from domain.registering import RollBackModel
from domain.registry import FORCED, NONE_ACTIVE
from domain.served import Raises
from domain.values import Acuity
from gateway.intake.release import asking
from gateway.intake.review import CaseUnit
from gateway.intake.streams import case_stream
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from inference.canary import CANARIES
from tests import model_runs
from tests.released import ADAPTER_SHA256, BASE_SHA256, activate_in, decide

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
CASE_ID = "00000000-0000-4000-8000-000000000001"
CALM = CANARIES[0]
RUN = replace(
    model_runs.RUN,
    model=ModelIdentity(name="scripted:ward", weights=BASE_SHA256, server="s"),
    adapter_sha256=ADAPTER_SHA256,
    asking=asking(),
)
ANSWER = ProposeImpression(
    revision=1,
    run=RUN,
    draft=Draft(acuity=Acuity.RESUSCITATION),
    raises=Raises(raised=2, answered=4, limit=0.3),
)
LEAVE = RollBackModel(by="Dr Jo Doe", reason="strange answers", at=AT)


def done(ledger, command):
    context = Context(at=AT, actor="test", request="test")
    unit = CaseUnit(case_id=CASE_ID, command=command, context=context)
    ledger.submit_sync(unit)
    return ledger.stream(case_stream(CASE_ID))[-1].event


@contextmanager
def waiting(folder):
    """Give a log with one case that the rules have judged and no model has."""
    with closing(Ledger.open(folder, registry=REGISTRY)) as ledger:
        opening = OpenCase(
            case_id=CASE_ID,
            patient=CALM.case.patient.unversioned(),
            encounter=None,
            previous=None,
            triggers=(),
            at=AT,
        )
        done(ledger, opening)
        done(ledger, RecordFloor(revision=1, case=CALM.case, floor=CALM.floor))
        yield ledger


def test_an_answer_counts_by_a_release_that_was_activated_while_the_model_thought(
    tmp_path,
):
    with waiting(tmp_path) as ledger:
        activate_in(ledger, adapter_sha256=ADAPTER_SHA256)

        found = done(ledger, ANSWER)

    assert (found.run.shadow, found.run.release) == (False, "scripted@1")
    assert found.acuity == Acuity.RESUSCITATION < CALM.floor.acuity
    assert found.raises == ANSWER.raises


def test_an_answer_stays_in_shadow_by_a_release_that_was_left_meanwhile(tmp_path):
    with waiting(tmp_path) as ledger:
        activate_in(ledger, adapter_sha256=ADAPTER_SHA256)
        decide(ledger, LEAVE)

        found = done(ledger, ANSWER)

    assert (found.run.shadow, found.run.shadow_why) == (True, NONE_ACTIVE)
    assert found.acuity == CALM.floor.acuity
    assert found.raises is None


def test_the_settings_keep_an_answer_in_shadow_whatever_was_activated(tmp_path):
    with waiting(tmp_path) as ledger:
        activate_in(ledger, adapter_sha256=ADAPTER_SHA256)

        found = done(ledger, replace(ANSWER, run=replace(RUN, shadow=True)))

    assert (found.run.shadow, found.run.shadow_why) == (True, FORCED)
    assert found.raises is None


def test_an_answer_that_was_withheld_says_as_well_whether_it_would_count(tmp_path):
    with waiting(tmp_path) as ledger:
        withheld = WithholdImpression(
            revision=1, reasons=("it cites nothing",), run=RUN
        )

        found = done(ledger, withheld)

    assert (found.run.shadow, found.run.shadow_why) == (True, NONE_ACTIVE)
