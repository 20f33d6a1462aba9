"""The whole loop as it runs by default, with the embedded language model."""

from tests.gateway_inside import gateway_inside
from tests.knowledge import some_knowledge
from tests.patients import fresh_record, statement, urn, visit
from tests.worklist import acuity, case_of, completed, floor, said, until

PATIENCE_S = 180


async def test_a_bundle_becomes_a_decision_of_a_nurse(tmp_path):
    async with gateway_inside(
        tmp_path / "data",
        dev=True,
        model="embedded",
        model_timeout_seconds=150,
        knowledge=some_knowledge(tmp_path),
    ) as caller:
        bundle = visit(fresh_record(), "crushing chest pain", ("8867-4", 128))
        bundle["entry"].append(
            {
                "fullUrl": urn(9),
                "resource": statement(urn(0), "warfarin"),
                "request": {"method": "POST", "url": "MedicationStatement"},
            }
        )
        answer = await caller.push(bundle)
        whom = answer.locations[0].partition("/_history")[0]

        async def first():
            return await caller.search(f"Task?patient={whom}")

        (early,) = await until(first)
        assert acuity(early) == floor(early) == 2

        async def told():
            (task,) = await caller.search(f"Task?patient={whom}")
            return task if "not answered yet" not in said(task) else None

        late = await until(told, PATIENCE_S)
        impression = await caller.read(f"ClinicalImpression/{case_of(late)}")

        assert acuity(late) == floor(late) == 2
        assert impression["status"] == "in-progress"
        assert impression["meta"]["security"][0]["code"] == "AIAST"
        assert int(impression["meta"]["versionId"]) > 1
        shown = "does not count" in said(late)
        assert shown or "No model answer is shown (" in said(late)
        model_notes = [
            each["text"]
            for each in impression.get("note", [])
            if each["text"].startswith("[Model")
        ]
        assert all("in shadow" in each for each in model_notes)
        assert bool(model_notes) == shown
        found = await caller.search(
            f"Provenance?target=ClinicalImpression/{case_of(late)}"
        )
        assert any("Device/gateway-model-" in str(each) for each in found)

        await completed(caller, late, decision="accepted", acuity=2)

        (final,) = await caller.search(f"ClinicalImpression?patient={whom}")
        assert final["status"] == "completed"
        assert final["assessor"]["display"] == "Development Nurse"
