"""FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html)."""

import copy
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_profiles.lexeme import Lexeme
from fhir_profiles.patching import OPERATIONS, MalformedPatchError, PatchError
from fhir_profiles.patching_fhirpath import fhirpath_patch
from fhir_profiles.structure import check

EVE = {
    "resourceType": "Patient",
    "id": "eve",
    "identifier": [
        {"system": "urn:a", "value": "1", "use": "old"},
        {"system": "urn:b", "value": "it's 2"},
        {"system": "urn:a", "value": "3"},
    ],
    "active": True,
    "name": [
        {"family": "Able", "given": ["Eve", "Ann"], "_given": [None, {"id": "g"}]},
        {"text": "Evie"},
    ],
    "birthDate": "1980-03-04",
    "contact": [{"name": {"text": "Adam"}, "relationship": [{"text": "friend"}]}],
    "multipleBirthInteger": 2,
}
PULSE = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "pulse"},
    "valueQuantity": {"value": Lexeme("72.50"), "unit": "/min"},
    "component": [{"code": {"text": "a"}}, {"code": {"text": "b"}}],
}


def operation(kind, path, *parts, **numbers):
    return {
        "name": "operation",
        "part": [
            {"name": "type", "valueCode": kind},
            {"name": "path", "valueString": path},
            *parts,
            *({"name": n, "valueInteger": v} for n, v in numbers.items()),
        ],
    }


def named(name):
    return {"name": "name", "valueString": name}


def value(**content):
    return {"name": "value", **content}


def patched(resource, *operations):
    sent = {"resourceType": "Parameters", "parameter": list(operations)}
    assert [each for each in check(sent) if each.severity == "error"] == []
    before = copy.deepcopy(resource)
    done = fhirpath_patch(sent).apply(resource)
    assert resource == before
    return done


def test_an_element_that_repeats_is_appended():
    added = operation(
        "add", "Patient", named("identifier"), value(valueIdentifier={"value": "4"})
    )

    done = patched(EVE, added)

    assert done == {**EVE, "identifier": [*EVE["identifier"], {"value": "4"}]}


def test_the_first_of_an_element_that_repeats_makes_a_list():
    phone = {"system": "phone", "value": "1"}
    added = operation(
        "add", "Patient", named("telecom"), value(valueContactPoint=phone)
    )

    assert patched(EVE, added)["telecom"] == [phone]


def test_an_element_that_does_not_repeat_is_set_where_it_is_not_there():
    added = operation("add", "Patient", named("gender"), value(valueCode="female"))

    assert patched(EVE, added) == {**EVE, "gender": "female"}


def test_an_element_that_is_there_is_not_added_again():
    again = operation("add", "Patient", named("active"), value(valueBoolean=False))

    with pytest.raises(PatchError, match=r"\[0\] \(add\).*use replace"):
        patched(EVE, again)


def test_a_choice_is_named_by_the_type_of_its_value():
    dead = operation("add", "Patient", named("deceased"), value(valueBoolean=True))

    assert patched(EVE, dead)["deceasedBoolean"] is True


def test_a_choice_that_is_there_in_another_type_is_not_added():
    more = operation("add", "Patient", named("multipleBirth"), value(valueBoolean=True))

    with pytest.raises(PatchError, match="use replace"):
        patched(EVE, more)


def test_a_choice_may_be_replaced_by_another_type():
    text = operation("replace", "Observation.value", value(valueString="fast"))

    done = patched(PULSE, text)

    assert done["valueString"] == "fast"
    assert "valueQuantity" not in done


def test_a_decimal_beside_the_patch_stays_as_it_was_written():
    unit = operation("replace", "Observation.value.unit", value(valueString="bpm"))

    done = patched(PULSE, unit)

    assert done["valueQuantity"]["value"].text == "72.50"
    assert done["valueQuantity"]["unit"] == "bpm"


def test_an_element_without_a_data_type_is_made_of_its_parts():
    contact = value(
        part=[
            {"name": "name", "valueHumanName": {"text": "Kim"}},
            {"name": "relationship", "valueCodeableConcept": {"text": "aunt"}},
            {"name": "gender", "valueCode": "female"},
        ]
    )

    done = patched(EVE, operation("add", "Patient", named("contact"), contact))

    assert done["contact"][1] == {
        "name": {"text": "Kim"},
        "relationship": [{"text": "aunt"}],
        "gender": "female",
    }


def test_a_contained_resource_is_added_and_changed():
    inside = {"resourceType": "Organization", "id": "o", "name": "Old"}

    done = patched(
        EVE,
        operation("add", "Patient", named("contained"), value(resource=inside)),
        operation("replace", "Patient.contained[0].name", value(valueString="New")),
    )

    assert done["contained"] == [{**inside, "name": "New"}]
    assert inside["name"] == "Old"


@pytest.mark.parametrize(("index", "place"), [(0, 0), (1, 1), (3, 3)])
def test_an_element_is_inserted_at_its_index(index, place):
    new = {"system": "urn:c", "value": "9"}
    inserted = operation(
        "insert", "Patient.identifier", value(valueIdentifier=new), index=index
    )

    assert patched(EVE, inserted)["identifier"][place] == new


def test_an_element_is_inserted_into_a_list_that_is_empty():
    inserted = operation(
        "insert", "Patient.photo", value(valueAttachment={"title": "x"}), index=0
    )

    assert patched(EVE, inserted)["photo"] == [{"title": "x"}]


def test_what_stands_beside_a_primitive_keeps_its_place():
    inserted = operation(
        "insert", "Patient.name[0].given", value(valueString="Zoe"), index=0
    )
    moved = operation("move", "Patient.name[0].given", source=2, destination=0)
    deleted = operation("delete", "Patient.name[0].given[0]")

    first = patched(EVE, inserted)
    second = patched(first, moved)
    third = patched(second, deleted)

    assert first["name"][0]["_given"] == [None, None, {"id": "g"}]
    assert second["name"][0]["given"] == ["Ann", "Zoe", "Eve"]
    assert second["name"][0]["_given"] == [{"id": "g"}, None, None]
    assert third["name"][0] == {"family": "Able", "given": ["Zoe", "Eve"]}


def test_a_value_brings_its_own_extensions():
    part = value(valueDate="1980", _valueDate={"id": "guess"})

    done = patched(EVE, operation("replace", "Patient.birthDate", part))

    assert (done["birthDate"], done["_birthDate"]) == ("1980", {"id": "guess"})


def test_a_value_may_consist_of_extensions_only():
    absent = {"extension": [{"url": "urn:why", "valueString": "unknown"}]}
    part = value(_valueDate=absent)

    done = patched(EVE, operation("replace", "Patient.birthDate", part))

    assert "birthDate" not in done
    assert done["_birthDate"] == absent
    again = patched(done, operation("delete", "Patient.birthDate"))
    assert "_birthDate" not in again


def test_a_primitive_of_extensions_only_is_replaced_where_it_repeats():
    whom = {**EVE, "name": [{"_given": [{"id": "a"}]}]}

    done = patched(
        whom, operation("replace", "Patient.name.given", value(valueString="Eve"))
    )

    assert done["name"] == [{"given": ["Eve"]}]


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("Patient.birthDate", "birthDate"),
        ("birthDate", "birthDate"),
        ("Patient.multipleBirth", "multipleBirthInteger"),
        ("Patient.contact", "contact"),
        ("Patient.contact[0]", "contact"),
    ],
)
def test_an_element_is_deleted(path, gone):
    done = patched(EVE, operation("delete", path))

    assert done == {key: each for key, each in EVE.items() if key != gone}


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("Patient.identifier[0]", ["it's 2", "3"]),
        ("Patient.identifier.first()", ["it's 2", "3"]),
        ("Patient.identifier.last()", ["1", "it's 2"]),
        ("Patient.identifier.where(system = 'urn:b')", ["1", "3"]),
        ("Patient.identifier.where(value = 'it\\'s 2')", ["1", "3"]),
        ("Patient.identifier.where(value='it\\u0027s 2')", ["1", "3"]),
        ("Patient.identifier.where(system='urn:a' and use='old')", ["it's 2", "3"]),
        (
            "Patient.identifier.where(system = 'urn:a').where(value = '3')",
            ["1", "it's 2"],
        ),
        ("Patient.identifier.where(system = 'urn:a')[1]", ["1", "it's 2"]),
        ("Patient.identifier.where(system = 'urn:z')", ["1", "it's 2", "3"]),
        ("Patient.identifier[7]", ["1", "it's 2", "3"]),
    ],
)
def test_a_path_leads_to_one_of_several(path, left):
    done = patched(EVE, operation("delete", path))

    assert [each["value"] for each in done["identifier"]] == left


def test_a_condition_may_hold_conditions_numbers_and_booleans():
    inside = (
        "Patient.contact.where(relationship.where(text = 'friend').text = 'friend')"
    )

    done = patched(
        EVE, operation("replace", f"{inside}.name.text", value(valueString="A."))
    )

    assert done["contact"][0]["name"]["text"] == "A."
    for path in (
        "Observation.where(value.value = 72.5).status",
        "Observation.component.where(code.text = 'b').code.text",
    ):
        part = (
            value(valueCode="amended") if "status" in path else value(valueString="c")
        )
        assert patched(PULSE, operation("replace", path, part)) != PULSE
    active = operation("delete", "Patient.where(active = true).birthDate")
    assert "birthDate" not in patched(EVE, active)
    number = operation("delete", "Patient.where(multipleBirth = 2).birthDate")
    assert "birthDate" not in patched(EVE, number)


def test_an_element_is_moved_within_its_list():
    moved = operation("move", "Patient.identifier", source=2, destination=0)

    values = [each["value"] for each in patched(EVE, moved)["identifier"]]
    assert values == ["3", "1", "it's 2"]


def test_operations_are_carried_out_one_after_the_other():
    done = patched(
        EVE,
        operation("delete", "Patient.identifier[0]"),
        operation("replace", "Patient.identifier[0].value", value(valueString="new")),
    )

    assert done["identifier"][0]["value"] == "new"


@pytest.mark.parametrize(
    "wrong",
    [
        operation("delete", "Patient.identifier"),
        operation("delete", "Patient"),
        operation("delete", "Patient.nonsense"),
        operation("delete", "Observation.status"),
        operation("delete", "Patient.birthDate.extension"),
        operation("replace", "Patient.gender", value(valueCode="male")),
        operation("replace", "Patient", value(valueCode="male")),
        operation("replace", "Patient.birthDate", value(valueString="1980")),
        operation("replace", "Patient.birthDate", value()),
        operation("replace", "Observation.value", value(part=[])),
        operation("add", "Patient.telecom", named("value"), value(valueString="x")),
        operation("add", "Patient", named("nonsense"), value(valueString="x")),
        operation("add", "Patient", named("contact"), value(valueString="x")),
        operation("add", "Patient", named("contained"), value(valueString="x")),
        operation(
            "add",
            "Patient",
            named("contact"),
            value(part=[{"name": "nonsense", "valueString": "x"}]),
        ),
        operation("insert", "Patient.birthDate", value(valueDate="1980"), index=0),
        operation(
            "insert", "Patient.identifier[0]", value(valueIdentifier={}), index=0
        ),
        operation(
            "insert",
            "Patient.identifier",
            value(valueIdentifier={"value": "x"}),
            index=4,
        ),
        operation("insert", "Patient", value(valueString="x"), index=0),
        operation("move", "Patient.identifier", source=3, destination=0),
        operation("move", "Patient.identifier", source=0, destination=3),
        operation("move", "Patient.telecom", source=0, destination=0),
    ],
)
def test_what_does_not_fit_the_resource_is_refused(wrong):
    sent = {"resourceType": "Parameters", "parameter": [wrong]}

    with pytest.raises(PatchError):
        fhirpath_patch(sent).apply(EVE)


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        ".",
        "Patient.",
        "Patient..name",
        "Patient.name[",
        "Patient.name[x]",
        "Patient.name[1.5]",
        "Patient.name[-1]",
        "Patient.name.resolve()",
        "Patient.name.where()",
        "Patient.name.where(use)",
        "Patient.name.where(use = )",
        "Patient.name.where(use = old)",
        "Patient.name.where(use = 'old'",
        "Patient.name.where(use ~ 'old')",
        "Patient.name.where(use = 'a' or use = 'b')",
        "Patient.name.where(use = 'unfinished)",
        "Patient.name.first(1)",
        "Patient.name | Patient.contact",
        "Patient.name" + ".given" * 1000,
        "Patient" + ".where(a" * 10,
    ],
)
def test_more_of_fhirpath_is_refused_and_not_guessed(path):
    sent = {"resourceType": "Parameters", "parameter": [operation("delete", path)]}

    with pytest.raises(MalformedPatchError, match="first\\(\\) and last\\(\\)"):
        fhirpath_patch(sent)


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "operation"},
        {"name": "other", "part": []},
        operation("upsert", "Patient"),
        operation("add", "Patient", value(valueString="x")),
        operation("add", "Patient", named("active")),
        operation("move", "Patient.name", source=1),
        operation("move", "Patient.name", source=-1, destination=0),
        operation(
            "insert", "Patient.name", value(), {"name": "index", "valueString": "0"}
        ),
        operation("replace", "Patient.name", value(valueString="a", valueCode="b")),
        operation("replace", "Patient.name", value(part=[{"valueString": "a"}])),
        {"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]},
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "delete"},
                {"name": "path", "valueInteger": 1},
            ],
        },
        "text",
    ],
)
def test_what_is_no_operation_is_refused_with_its_place(parameter):
    with pytest.raises(MalformedPatchError) as refused:
        fhirpath_patch({"resourceType": "Parameters", "parameter": [parameter]})

    assert refused.value.issues[0].expression == "Parameters.parameter[0]"


@pytest.mark.parametrize("sent", [{}, {"resourceType": "Parameters"}, EVE])
def test_what_is_no_patch_is_refused(sent):
    with pytest.raises(MalformedPatchError):
        fhirpath_patch(sent)


def test_a_patch_with_very_many_operations_is_refused():
    many = [operation("delete", "Patient.photo")] * (OPERATIONS + 1)

    with pytest.raises(MalformedPatchError, match="several patches"):
        fhirpath_patch({"resourceType": "Parameters", "parameter": many})


def test_a_path_that_visits_very_much_is_refused():
    broad = {**EVE, "identifier": [{"value": "1"}] * 2000}
    slow = [operation("delete", "Patient.identifier.where(value = 'x')")] * 200

    with pytest.raises(PatchError, match="visit too much"):
        patched(broad, *slow)


def test_a_patch_may_be_applied_again():
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            operation(
                "add", "Patient", named("name"), value(valueHumanName={"text": "a"})
            ),
            operation("replace", "Patient.name.last().text", value(valueString="b")),
        ],
    }
    patch = fhirpath_patch(sent)

    assert patch.apply(EVE) == patch.apply(EVE)
    assert sent["parameter"][0]["part"][3]["valueHumanName"] == {"text": "a"}


@given(st.text("Patient.name[0]where()first'= and", max_size=40))
def test_any_path_is_followed_or_refused(path):
    sent = {"resourceType": "Parameters", "parameter": [operation("delete", path)]}

    with suppress(MalformedPatchError, PatchError):
        assert isinstance(fhirpath_patch(sent).apply(EVE), dict)


@pytest.mark.parametrize(
    "odd",
    [
        {"name": {"text": "no list"}},
        {"name": "text"},
        {"name": [None, 1, [[]], "x"]},
        {"_name": {"id": "x"}},
        {"name": [{"given": ["a"], "_given": [None, None]}]},
        {"name": [{"given": "a"}]},
        {"identifier": [], "birthDate": {}},
        {"contained": [1, {}, {"resourceType": "Nonsense"}]},
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        operation("delete", "Patient.name[0]"),
        operation("delete", "Patient.name[0].given[0]"),
        operation("delete", "Patient.name.where(given = 'a')"),
        operation("add", "Patient", named("name"), value(valueHumanName={"text": "a"})),
        operation("add", "Patient.name[0]", named("given"), value(valueString="a")),
        operation("insert", "Patient.name", value(valueHumanName={"id": "a"}), index=0),
        operation("move", "Patient.name", source=0, destination=0),
        operation("replace", "Patient.name[0].given[0]", value(valueString="a")),
        operation("replace", "Patient.birthDate", value(valueDate="1980")),
        operation("delete", "Patient.contained[1].id"),
        operation("delete", "Patient.contained[2].id"),
    ],
)
def test_a_resource_whose_faults_were_let_pass_is_patched_or_refused(odd, asked):
    sent = {"resourceType": "Parameters", "parameter": [asked]}

    with suppress(PatchError):
        assert fhirpath_patch(sent).apply({"resourceType": "Patient", **odd})
