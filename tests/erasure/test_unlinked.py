"""Two were linked, and are not any more: what was judged since is one's alone."""

import pytest

from gateway.intake import review
from tests.callers import FEED, NURSE
from tests.erasure.command import audited, erase
from tests.erasure.stories import Marked
from tests.gateway_inside import gateway_inside
from tests.patients import statement, transaction, vital
from tests.worklist import open_task, step, until

EVE, ADAM = Marked("evevev", "eve-chosen-1"), Marked("adamam", "adam-chosen-2")
LINK = {"other": {"reference": EVE.name}, "type": "seealso"}


async def judged(nurse, *, on_hers):
    """Return his Task once it is assessed with her data, or without."""

    async def look():
        task = await open_task(nurse, ADAM.name)
        return task if ("MedicationStatement" in str(task)) is on_hers else None

    return await until(look)


async def linked(one):
    """Let his case be judged on both records."""
    feed = one.called(FEED)
    await feed.push(transaction(EVE.patient))
    await feed.push(transaction(statement(EVE.name, "warfarin")))
    await feed.push(transaction(ADAM.patient))
    await feed.put({**ADAM.patient, "link": [LINK]})
    await feed.push(transaction({**ADAM.pain, "id": "pain"}))
    return await judged(one.called(NURSE), on_hers=True)


async def unlinked(data):
    """Let his case be judged on both records, and then on his own."""
    async with gateway_inside(data) as one:
        await linked(one)
        await one.called(FEED).put(ADAM.patient)
        return await judged(one.called(NURSE), on_hers=False)


async def priorities(nurse):
    tasks = await nurse.search(f"Task?patient={ADAM.name}&status=requested")
    return [each["priority"] for each in tasks]


async def require_followed(data, *, task):
    """Require that she is gone, and that what comes of him is shown."""
    async with gateway_inside(data) as one:
        feed, nurse = one.called(FEED), one.called(NURSE)
        assert (await nurse.get(f"/fhir/{EVE.name}")).status == 410
        await feed.push(transaction({**vital(ADAM.name, value=200), "id": "fast"}))

        async def shown():
            return "asap" in await priorities(nurse)

        await until(shown)
        assert (await nurse.get(f"/fhir/Task/{task['id']}")).status == 200
        assert (await one.get("/health/ready")).status == 200
    assert "same" in await audited(data)


async def test_what_was_judged_on_him_alone_stays(tmp_path):
    data = tmp_path / "data"
    task = await unlinked(data)

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert await seen(data, task) == 200
    await require_followed(data, task=task)


async def seen(data, task):
    """Return the status of this version of a Task, once it is what it was."""
    version = f"/fhir/Task/{task['id']}/_history/{task['meta']['versionId']}"
    async with gateway_inside(data) as one:
        answer = await one.called(NURSE).get(version)
    assert answer.status != 200 or answer.json == task
    return answer.status


@pytest.fixture
def of_before(monkeypatch):
    """Keep a floor under more keys than its answer, as an earlier program did."""
    cases, plain = [None], review.of_case

    def of_case(patient, case):
        cases.append(case)
        return plain(patient, *cases[-2:])

    monkeypatch.setattr(review, "of_case", of_case)


@pytest.mark.usefixtures("of_before")
async def test_an_answer_whose_floor_went_with_her_shows_nothing(tmp_path):
    data = tmp_path / "data"
    task = await unlinked(data)

    done = await erase(data, EVE.id)

    assert done.exit_code == 0, done.output
    assert "answers to a floor that was erased" in await audited(data)
    assert await seen(data, task) == 404
    await require_followed(data, task=task)


async def test_no_version_is_given_again_with_other_content(tmp_path):
    data = tmp_path / "data"
    async with gateway_inside(data) as one:
        task = await linked(one)
    tag = f'W/"{task["meta"]["versionId"]}"'

    assert (await erase(data, EVE.id)).exit_code == 0

    async with gateway_inside(data) as one:
        nurse = one.called(NURSE)
        now = await judged(nurse, on_hers=False)
        assert int(now["meta"]["versionId"]) > int(task["meta"]["versionId"])
        answer = await nurse.get(f"/fhir/Task/{task['id']}", If_None_Match=tag)
        assert answer.status == 200
        assert (await step(nurse, now, "accepted")).status == 200
    assert "same" in await audited(data)
