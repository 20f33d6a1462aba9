"""What a nurse does: look at her worklist, wait, take a Task and complete it."""

import asyncio
import time

from tests.patients import fresh_record, visit

TASK = "https://triage-gateway.example/fhir/CodeSystem/task"
PATIENCE_S = 60


async def until(look, patience=PATIENCE_S):
    """Look again until there is something; fail after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := await look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"Nothing came within {patience} s.")


async def arrived(caller, *measured):
    """Let somebody come with chest pain, and return who it is."""
    answer = await caller.push(visit(fresh_record(), "chest pain", *measured))
    return answer.locations[0].partition("/_history")[0]


async def assessed(caller, patient, *, number=1):
    """Return a patient's Tasks once the model's part of each is told, too."""

    async def look():
        tasks = await caller.search(f"Task?patient={patient}&_sort=authored-on")
        told = [each for each in tasks if "not answered yet" not in said(each)]
        return tasks if len(told) == len(tasks) >= number else None

    return await until(look)


async def open_task(caller, patient):
    """Return the patient's one open Task once it is fully assessed."""
    tasks = await assessed(caller, patient)
    (one,) = [each for each in tasks if each["status"] == "requested"]
    return one


def said(task):
    return task.get("description", "")


def case_of(task):
    return task["groupIdentifier"]["value"]


def version_of(resource):
    return f'W/"{resource["meta"]["versionId"]}"'


def value(task, code, among="input"):
    """Return the value of an input or output by its code."""
    for each in task.get(among, []):
        if each["type"]["coding"][0]["code"] == code:
            return next(each[name] for name in each if name.startswith("value"))
    return None


def acuity(task):
    return value(task, "acuity")


def floor(task):
    return value(task, "floor")


def output(code, said):
    kind = "valueInteger" if isinstance(said, int) else "valueString"
    return {"type": {"coding": [{"system": TASK, "code": code}]}, kind: said}


def with_status(task, status, **outputs):
    """Return the Task as a nurse sends it back."""
    changed = {**task, "status": status}
    if outputs:
        changed["output"] = [output(code, text) for code, text in outputs.items()]
    return changed


async def step(caller, task, status, *, if_match=None, **outputs):
    """Send a Task back with another status, as it stands unless told otherwise."""
    return await caller.put(
        with_status(task, status, **outputs), If_Match=if_match or version_of(task)
    )


async def started(caller, task):
    """Take a Task and begin the review; return it as it stands then."""
    taken = await step(caller, task, "accepted")
    assert taken.status == 200, taken.body
    begun = await step(caller, taken.json, "in-progress")
    assert begun.status == 200, begun.body
    return begun.json


async def completed(caller, task, **outputs):
    """Take, begin and complete a Task; return it as it stands then."""
    done = await step(caller, await started(caller, task), "completed", **outputs)
    assert done.status == 200, done.body
    return done.json
