"""One case from arrival to decision, with words that would like to be markup."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.callers import FEED, NURSE, SECOND_NURSE
from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.model_server import NAME, model_server, obedient
from tests.patients import (
    BREATHS,
    HEART_RATE,
    SATURATION,
    encounter,
    patient,
    statement,
    transaction,
    urn,
    vital,
)
from tests.worklist import case_of, open_task, started, step, with_status

HOSTILE = "<script>alert('C')</script>"
TURNED = "\u202e"
COMPLAINT = f"crushing chest pain {HOSTILE}"
ANSWERED = f"The patient reports chest pain. {HOSTILE}"
CORRECTION = f"Stable angina, known to us. <img src=x onerror=alert(1)>{TURNED}"


@dataclass(frozen=True)
class Played:
    """What is left of a case that was played: the stopped folder and its names."""

    folder: Path
    case_id: str
    task_id: str
    patient_id: str


def raw_answer(schema):
    """Return an answer of which one reason passes the guards and one does not."""
    good = json.loads(obedient(schema, 2))["reasons"][0]
    bad = {**good, "text": ANSWERED}
    return json.dumps(
        {
            "reasons": [good, bad],
            "red_flags": ["chest-pain"],
            "questions": [{"text": "When did the pain begin?"}],
            "suggested_actions": ["ecg-within-10-minutes"],
            "missing_data": ["temperature"],
            "confidence": "medium",
            "acuity": 2,
        }
    )


def visit():
    whom = urn(0)
    return transaction(
        patient("played", name=[{"family": HOSTILE}]),
        encounter(whom, COMPLAINT),
        vital(whom, HEART_RATE, 118),
        vital(whom, BREATHS, 22),
        vital(whom, SATURATION, 93),
        statement(whom, "apixaban 5 mg"),
    )


async def played(folder, **settings):
    """Play it: data, rules, model, reads, a decline, a decision, and a late reader."""
    few = some_knowledge(folder.parent)
    async with model_server() as (model, url):
        given = {"model_url": url, "model_name": NAME, "knowledge": few, **settings}
        async with gateway_inside(folder, **given) as caller:
            return await _played(folder, caller, model)


async def _played(folder, caller, model):
    model.write = raw_answer
    feed, nurse, other = (caller.called(n) for n in (FEED, NURSE, SECOND_NURSE))
    sent = await feed.push(visit())
    whom = "/".join(sent.locations[0].partition("/_history")[0].split("/")[-2:])
    task = await open_task(nurse, whom)
    case = case_of(task)
    await other.read(f"ClinicalImpression/{case}")
    await feed.get(f"/fhir/RiskAssessment/{case}")  # it may not: refused
    declined = await step(other, task, "rejected")
    assert declined.status == 200, declined.body
    again = await open_task(nurse, whom)
    begun = await started(nurse, again)
    await nurse.read(f"ClinicalImpression/{case}")
    done = await nurse.put(
        with_status(
            begun,
            "completed",
            decision="corrected",
            acuity=4,
            reason=f"She is known to us {HOSTILE}",
            correction=CORRECTION,
            notes="Seen in the corridor.",
        ),
        If_Match=f'W/"{begun["meta"]["versionId"]}"',
    )
    assert done.status == 200, done.body
    return Played(
        folder=folder,
        case_id=case,
        task_id=again["id"],
        patient_id=whom.removeprefix("Patient/"),
    )
