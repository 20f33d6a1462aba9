"""No floor is judged on read models that are being made anew."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from domain.events import CaseOpened, FloorAssessed
from domain.values import Reference
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.workers import floor
from gateway.workers.cases import ReadModelsAnewError
from gateway.workers.floor import FloorWorker
from tests.projections.test_projector import accepted, append, projecting
from tests.worklist import PATIENCE_S, until

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOM = Reference(type="Patient", id="p1", version=1)
OPENED = CaseOpened(
    case_id="c1", patient=WHOM, encounter=None, previous=None, triggers=(WHOM,), at=AT
)
PATIENT = b'{"resourceType":"Patient","id":"p1","birthDate":"1990-01-01"}'


def floors(ledger):
    kinds = [each.event for each in ledger.stream("case/c1")]
    return [each for each in kinds if isinstance(each, FloorAssessed)]


async def test_a_floor_waits_until_the_read_models_show_what_they_had_shown(
    tmp_path, monkeypatch
):
    read = floor.data_of
    async with projecting(tmp_path) as (ledger, database, projector):
        await append(ledger, "record/Patient/p1", accepted("p1", PATIENT))
        await append(ledger, "case/c1", OPENED)
        await projector.catch_up()
        worker = FloorWorker(
            ledger=ledger,
            database=database,
            projector=projector,
            settings=Settings(data=tmp_path, dev=True),
            metrics=Metrics(),
            clock=lambda: AT,
        )

        def replaced_before(*given, **named):
            database.begin_anew()
            return read(*given, **named)

        with monkeypatch.context() as patch:
            patch.setattr(floor, "data_of", replaced_before)
            with pytest.raises(ReadModelsAnewError):
                async with asyncio.timeout(PATIENCE_S):
                    await worker.run()
        assert floors(ledger) == []

        await projector.catch_up()
        working = asyncio.create_task(worker.run())
        (judged,) = await until(lambda: asyncio.sleep(0, floors(ledger)))
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working

    assert WHOM in judged.case.inputs
