import pytest

from fhir_profiles import nominated as module
from fhir_profiles.nominated import DEFINITIONS, nominated
from fhir_profiles.structure import check

OURS = "http://example.org/StructureDefinition/pulse"
PULSE = {"resourceType": "Observation", "status": "final"}


@pytest.fixture
def checked(monkeypatch):
    """A profile that the checker looks at where it is claimed."""
    monkeypatch.setitem(module.CLAIMED, OURS, "Observation")


def test_without_a_profile_a_resource_stays_as_it_is():
    assert nominated(PULSE, None) == (PULSE, ())


@pytest.mark.parametrize("version", ["", "|4.0.1"])
def test_a_type_s_own_definition_asks_for_nothing_more(version):
    asked = f"{DEFINITIONS}Observation{version}"

    assert nominated(PULSE, asked) == (PULSE, ())


@pytest.mark.parametrize("asked", [OURS, f"{DEFINITIONS}Pulse", "Observation", ""])
def test_a_profile_that_is_not_known_cannot_be_checked(asked):
    (issue,) = nominated(PULSE, asked)[1]

    assert (issue.code, issue.id) == ("not-supported", "request.profile")


def test_a_profile_of_another_type_does_not_fit():
    (issue,) = nominated(PULSE, f"{DEFINITIONS}Patient")[1]

    assert issue.id == "request.profile-type"


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize(
    ("meta", "claims"),
    [
        ({}, [OURS]),
        ({"meta": {"profile": ["urn:a"]}}, ["urn:a", OURS]),
        ({"meta": {"profile": [OURS]}}, [OURS]),
    ],
)
def test_a_profile_that_is_checked_is_claimed_on_behalf_of_the_resource(meta, claims):
    sent = {**PULSE, **meta}

    resource, issues = nominated(sent, f"{OURS}|1")

    assert resource["meta"]["profile"] == claims
    assert issues == ()
    assert sent == {**PULSE, **meta}


def test_a_vital_sign_is_checked_against_the_profile_that_is_named():
    resource, issues = nominated(PULSE, f"{DEFINITIONS}heartrate")

    assert issues == ()
    assert "profile.required" in {each.id for each in check(resource)}


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("meta", ["no object", {"profile": OURS}])
def test_a_meta_that_is_none_is_left_to_the_checker(meta):
    sent = {**PULSE, "meta": meta}

    assert nominated(sent, OURS) == (sent, ())
