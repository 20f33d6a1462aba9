from datetime import UTC, datetime

from fhir.resources.R4B.provenance import Provenance

from domain.values import Reference
from fhir_profiles.provenance import Asked, Passage, authored, verified
from fhir_profiles.structure import check

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TARGETS = [
    Reference(type="ClinicalImpression", id="c1", version=2),
    Reference(type="RiskAssessment", id="r1", version=2),
]


def test_a_machine_is_the_author_of_versions_made_from_inputs_and_passages():
    built = authored(
        resource_id="v1",
        targets=TARGETS,
        at=AT,
        devices=[Reference(type="Device", id="d1")],
        informants=[Reference(type="Device", id="d2")],
        inputs=[Reference(type="Observation", id="o1", version=1)],
        asked=Asked(
            prompt="1",
            prompt_sha256="cd" * 32,
            schema_sha256="ef" * 32,
            index="i-3",
            passages=[Passage(id="p7", source="Sepsis guideline", sha256="ab" * 32)],
        ),
        on_behalf_of={"reference": "Organization/1"},
    )

    assert built["agent"][0]["type"]["coding"][0]["code"] == "author"
    assert built["agent"][0]["onBehalfOf"] == {"reference": "Organization/1"}
    assert built["reason"][0]["coding"][0]["code"] == "AIAST"
    assert built["agent"][1]["type"]["coding"][0]["code"] == "informant"
    assert [each["role"] for each in built["entity"]] == ["source"] + ["derivation"] * 5
    named = [each["what"]["identifier"]["value"] for each in built["entity"][1:]]
    assert named == ["1", "cd" * 32, "ef" * 32, "i-3", "p7"]
    assert "ab" * 32 in built["entity"][5]["what"]["display"]
    assert built["target"][0] == {"reference": "ClinicalImpression/c1/_history/2"}
    assert Provenance.model_validate(built)
    assert check(built) == []


def test_a_nurse_is_the_verifier_and_bears_no_label_of_a_machine():
    built = verified(
        resource_id="v2",
        targets=TARGETS,
        at=AT,
        verifier={"reference": "Practitioner/n1", "display": "Nurse A"},
        inputs=[Reference(type="Provenance", id="v1")],
    )

    assert built["agent"][0]["type"]["coding"][0]["code"] == "verifier"
    assert "reason" not in built
    assert check(built) == []


def test_a_review_of_nothing_but_the_target_has_no_entities():
    built = verified(
        resource_id="v2", targets=TARGETS, at=AT, verifier={"display": "Nurse A"}
    )

    assert "entity" not in built
    assert check(built) == []
