"""What a Flag says reaches the case that is open."""

from tests.callers import FEED
from tests.patients import TEMPERATURE, ago, fresh_record, visit
from tests.worklist import floor, open_task, until


async def flagged(caller, **flag):
    """Return the Task of a feverish patient before and after a Flag came."""
    answer = await caller.push(visit(fresh_record(), "cough", (TEMPERATURE, 38.4)))
    whom = answer.locations[0].partition("/_history")[0]
    before = await open_task(caller, whom)
    resource = {
        "resourceType": "Flag",
        "status": "active",
        "code": {"text": "Neutropenic after chemotherapy"},
        "subject": {"reference": whom},
        **flag,
    }
    await caller.called(FEED).create(resource)

    async def later():
        task = await open_task(caller, whom)
        return task if task["meta"] != before["meta"] else None

    return before, await until(later)


async def test_a_flag_of_lowered_immunity_makes_a_fever_emergent(caller):
    before, after = await flagged(caller)

    assert (floor(before), floor(after)) == (4, 2)
    assert "Flag/" in str(after["input"])


async def test_a_flag_that_has_ended_changes_no_level(caller):
    before, after = await flagged(caller, period={"end": ago(days=2)})

    assert floor(before) == floor(after) == 4
    assert "Flag/" not in str(after["input"])
