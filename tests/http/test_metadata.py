from fhir_profiles.release import resource_types
from fhir_profiles.structure import check


async def test_the_capability_statement_is_valid_and_open_to_all(strangers):
    answer = await strangers.get("/fhir/metadata")

    assert answer.status == 200
    assert [each for each in check(answer.json) if each.severity == "error"] == []
    assert answer.json["fhirVersion"] == "4.0.1"


async def test_every_resource_type_is_named(caller):
    (rest,) = (await caller.read("metadata"))["rest"]

    assert {each["type"] for each in rest["resource"]} == set(resource_types())


async def test_every_parameter_that_is_named_is_understood(caller):
    (rest,) = (await caller.read("metadata"))["rest"]
    examples = {"token": "x", "reference": "Patient/x", "date": "2026"}

    for resource in rest["resource"]:
        query = "&".join(
            f"{each['name']}={examples[each['type']]}"
            for each in resource["searchParam"]
        )
        assert await caller.search(f"{resource['type']}?{query}") == []
