import asyncio

from gateway.settings.witnesses import Witness
from tests.callers import FEED
from tests.gateway_inside import gateway_inside
from tests.patients import fresh_record, visit
from tests.worklist import assessed


async def test_a_gateway_lives_and_is_ready(strangers):
    live, ready = (
        await strangers.get("/health/live"),
        await strangers.get("/health/ready"),
    )

    assert (live.status, live.json) == (200, {"status": "live"})
    assert (ready.status, ready.json) == (200, {"status": "ready", "reasons": []})


async def test_a_worker_that_stopped_makes_the_gateway_unready(caller):
    (worker,) = [each for each in asyncio.all_tasks() if each.get_name() == "floor"]

    worker.cancel()
    await asyncio.wait([worker])

    ready = await caller.get("/health/ready")
    assert ready.status == 503
    assert ready.json["reasons"] == ["The worker 'floor' stopped."]
    assert (await caller.get("/health/live")).status == 200


async def test_metrics_count_what_happened_and_name_nobody(strangers):
    feed = strangers.called(FEED)
    answer = await feed.push(visit("secret-record-9", "crushing chest pain"))
    whom = answer.locations[0].partition("/_history")[0]
    await assessed(feed, whom)

    text = (await strangers.get("/metrics")).body.decode()

    assert "triage_gateway_open_cases 1.0" in text
    assert 'triage_gateway_floor_assessments_total{acuity="2"} 1.0' in text
    assert "triage_gateway_resources_accepted_total 2.0" in text
    assert 'route="/fhir",status="200"' in text
    assert "triage_gateway_projection_lag 0.0" in text
    for secret in ("secret-record-9", "crushing", whom.partition("/")[2]):
        assert secret not in text


async def test_a_metric_of_an_unknown_address_holds_no_path(caller):
    await caller.get(f"/fhir/Nowhere/{fresh_record()}-secret")

    text = (await caller.get("/metrics")).body.decode()

    assert 'route="none",status="404"' in text
    assert "secret" not in text


async def test_a_witness_gets_the_checkpoint_and_its_age_is_a_metric(tmp_path):
    kept = tmp_path / "kept"
    witness = Witness(name="share", folder=kept, every_seconds=1)

    async with gateway_inside(tmp_path / "data", witnesses=(witness,)) as caller:
        async with asyncio.timeout(60):
            while not list(kept.glob("*/*.checkpoint")):
                await asyncio.sleep(0.05)
        text = (await caller.get("/metrics")).body.decode()

    assert "triage_gateway_witness_age_seconds" in text


async def test_a_gateway_is_ready_without_its_witnesses(tmp_path):
    witness = Witness(name="share", folder=tmp_path / "kept")

    async with gateway_inside(tmp_path / "data", witnesses=(witness,)) as caller:
        (worker,) = [
            each for each in asyncio.all_tasks() if each.get_name() == "witnesses"
        ]
        worker.cancel()
        await asyncio.wait([worker])
        ready = await caller.get("/health/ready")

    assert ready.status == 200
