import pytest

from fhir_profiles.structure import check

CORE = "http://hl7.org/fhir/StructureDefinition/"
MOTHER = {"url": f"{CORE}humanname-mothers-family", "valueString": "Doe"}
BIRTH_PLACE = {"url": f"{CORE}patient-birthPlace", "valueAddress": {"city": "Bern"}}
BIRTH_TIME = {"url": f"{CORE}patient-birthTime", "valueDateTime": "1980-05-17"}
ABSENT = {"url": f"{CORE}data-absent-reason", "valueCode": "unknown"}
LIBRARY = {"url": f"{CORE}cqf-library", "valueCanonical": "http://a.b/l"}
FOREIGN = {"url": "http://a.b/c", "valueString": "x"}
TRANSLATION = {
    "url": f"{CORE}translation",
    "extension": [{"url": "lang", "valueCode": "de"}],
}


def patient(**content):
    return {"resourceType": "Patient"} | content


@pytest.mark.parametrize(
    "resource",
    [
        patient(name=[{"family": "Roe", "_family": {"extension": [MOTHER]}}]),
        patient(extension=[BIRTH_PLACE, FOREIGN]),
        patient(birthDate="1980-05-17", _birthDate={"extension": [BIRTH_TIME]}),
        patient(_birthDate={"extension": [ABSENT]}),
        patient(extension=[LIBRARY]),
        patient(name=[{"extension": [FOREIGN]}]),
        patient(maritalStatus={"text": "x", "_text": {"extension": [TRANSLATION]}}),
        patient(extension=[{"url": f"{CORE}of-a-later-release", "valueCode": "x"}]),
    ],
)
def test_an_extension_in_its_place_or_of_others_is_accepted(resource):
    assert check(resource) == []


@pytest.mark.parametrize(
    ("resource", "issue", "expression"),
    [
        (
            patient(name=[{"extension": [MOTHER]}]),
            "extension.context",
            "Patient.name[0].extension[0]",
        ),
        (
            patient(name=[{"given": ["A"], "_given": [{"extension": [MOTHER]}]}]),
            "extension.context",
            "Patient.name[0].given[0].extension[0]",
        ),
        (
            patient(contact=[{"name": {"text": "x"}, "extension": [BIRTH_PLACE]}]),
            "extension.context",
            "Patient.contact[0].extension[0]",
        ),
        (
            {
                "resourceType": "Basic",
                "code": {"text": "x"},
                "contained": [{"id": "p"} | patient(extension=[MOTHER])],
                "subject": {"reference": "#p"},
            },
            "extension.context",
            "Basic.contained[0].extension[0]",
        ),
        (
            patient(extension=[BIRTH_TIME | {"url": BIRTH_PLACE["url"]}]),
            "extension.type",
            "Patient.extension[0]",
        ),
    ],
)
def test_an_extension_of_r4_in_another_place_or_of_another_type_is_named(
    resource, issue, expression
):
    assert [(i.id, i.expression) for i in check(resource)] == [(issue, expression)]
