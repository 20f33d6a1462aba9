from gateway.workers import floor, supervision
from tests.gateway_inside import gateway_inside
from tests.patients import encounter, patient
from tests.worklist import until


def visit(number):
    whom = f"urn:uuid:6a0a2c2e-3a53-4c55-9a9b-5a3c0a4b0c{number:02}"
    requests = [
        {"fullUrl": whom, "resource": patient(), "request": post("Patient")},
        {"resource": encounter(whom, "chest pain"), "request": post("Encounter")},
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": requests}


def post(kind):
    return {"method": "POST", "url": kind}


async def tasks(caller):
    return await caller.search("Task?status=requested")


async def test_every_case_of_a_crowd_gets_its_floor_and_its_answer(tmp_path):
    async with gateway_inside(tmp_path, dev=True) as caller:
        for number in range(5):
            await caller.push(visit(number))
        found = await until(lambda: versions(caller, 5))

    assert len({task["for"]["reference"] for task in found}) == 5
    assert all("no language model" in task["description"] for task in found)


async def versions(caller, wanted):
    found = await tasks(caller)
    answered = [task for task in found if task["meta"]["versionId"] == "2"]
    return answered if len(answered) == wanted else []


async def test_a_case_that_cannot_be_read_does_not_hold_up_the_others(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(supervision, "_FIRST_PAUSE_S", 0.01)
    read, failed = floor.data_of, []

    def failing_once(database, whom, *rest, **named):
        if not failed:
            failed.append(whom)
            raise OSError("the disk")
        return read(database, whom, *rest, **named)

    monkeypatch.setattr(floor, "data_of", failing_once)

    async with gateway_inside(tmp_path, dev=True) as caller:
        for number in range(3):
            await caller.push(visit(number))
        found = await until(lambda: versions(caller, 3))

    assert len(failed) == 1
    assert str(failed[0].unversioned()) in {task["for"]["reference"] for task in found}
