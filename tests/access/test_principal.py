import pytest

from domain.answers import Reviewer
from gateway.access import ForbiddenError, Interaction, Principal
from gateway.access.interaction import of_entry
from gateway.settings.scopes import scope

WHO = Reviewer(name="somebody", reference="", display="")
VITAL = {"category": [{"coding": [{"system": "http://cat", "code": "vital-signs"}]}]}
LAB = {"category": [{"coding": [{"system": "http://cat", "code": "laboratory"}]}]}
NARROWED = "system/Observation.rs?category=http://cat|vital-signs"
PATIENTS_ONLY = "system/Patient.cruds"


def caller(*scopes, pointed=None):
    return Principal(reviewer=WHO, scopes=tuple(map(scope, scopes)), pointed=pointed)


@pytest.mark.parametrize(
    ("letter", "interactions"),
    [
        ("c", {"create"}),
        ("r", {"read", "vread", "history-instance"}),
        ("u", {"update", "patch"}),
        ("d", {"delete"}),
        ("s", {"search-type", "history-type", "search-system", "history-system"}),
    ],
)
def test_each_letter_grants_its_interactions_and_no_other(letter, interactions):
    granted = {
        str(each)
        for each in Interaction
        if caller(f"system/Patient.{letter}").holds(each, "Patient")
    }

    assert granted == interactions


def test_what_is_not_granted_is_refused_with_the_letter_that_is_missing():
    with pytest.raises(ForbiddenError, match=r"'somebody' may not delete .*'d'"):
        caller("system/Patient.rs").require(Interaction.DELETE, "Patient")


def test_one_type_says_nothing_of_another_or_of_the_system():
    one = caller(PATIENTS_ONLY)

    assert not one.holds(Interaction.READ, "Observation")
    assert not one.holds(Interaction.HISTORY_SYSTEM)
    assert not one.may_see("Observation", VITAL)
    assert not one.searches_whole("Observation")


def test_every_type_is_the_system_but_not_the_audit_trail():
    every = caller("system/*.cruds")

    assert every.holds(Interaction.HISTORY_SYSTEM)
    assert every.may_see("Observation", None)
    assert not every.holds(Interaction.READ, "AuditEvent")
    assert not every.may_see("AuditEvent", {})
    assert caller("system/AuditEvent.r").may_see("AuditEvent", {})


def test_people_review_and_systems_do_not():
    assert caller("user/Task.u").holds(Interaction.REVIEW, "Task")
    assert not caller("user/Task.u").holds(Interaction.UPDATE, "Task")
    assert not caller("system/*.cruds").holds(Interaction.REVIEW, "Task")


def test_a_narrowed_scope_narrows_searches_and_shows_only_what_matches():
    one = caller(NARROWED)

    one.require(Interaction.SEARCH, "Observation")
    assert one.restrictions("Observation") == (("category", "http://cat|vital-signs"),)
    assert one.may_see("Observation", VITAL)
    assert not one.may_see("Observation", LAB)
    assert not one.may_see("Observation", None)
    assert not one.searches_whole("Observation")


def test_a_whole_scope_beside_a_narrowed_one_narrows_nothing():
    one = caller(NARROWED, "system/*.rs")

    assert one.restrictions("Observation") == ()
    assert one.may_see("Observation", LAB)


def test_two_narrowings_by_one_parameter_are_one_search():
    one = caller("system/Condition.rs?code=a", "system/Condition.rs?code=b")

    assert one.restrictions("Condition") == (("code", "a,b"),)
    assert one.may_see("Condition", {"code": {"coding": [{"code": "b"}]}})


@pytest.mark.parametrize(
    "other",
    ["system/Condition.rs?category=b", "system/Condition.rs?code=b&category=c"],
)
def test_narrowings_that_no_search_can_say_are_refused(other):
    with pytest.raises(ForbiddenError, match="different parameters"):
        caller("system/Condition.rs?code=a", other).restrictions("Condition")


def test_both_parameters_of_a_scope_have_to_hold():
    one = caller("system/Observation.rs?category=vital-signs&status=final")

    assert one.may_see("Observation", {**VITAL, "status": "final"})
    assert not one.may_see("Observation", {**VITAL, "status": "preliminary"})


@pytest.mark.parametrize(
    "value", ["vital-signs", "http://cat|vital-signs", "http://cat|", "x,vital-signs"]
)
def test_a_token_is_compared_as_a_search_does(value):
    assert caller(f"system/Observation.r?category={value}").may_see(
        "Observation", VITAL
    )


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"category": None},
        {"category": "laboratory"},
        {"category": [{"coding": [{"code": 7}]}]},
        {"category": [{"coding": {"code": "vital-signs ", "system": "http://cat"}}]},
        {"category": [{"text": "vital-signs"}]},
    ],
)
def test_what_does_not_say_that_it_matches_is_not_shown(content):
    assert not caller(NARROWED).may_see("Observation", content)


def test_a_code_without_a_system_is_asked_for_with_an_empty_one():
    bare = {"meta": {"tag": [{"code": "x"}]}}

    assert caller("system/Basic.r?_tag=|x").may_see("Basic", bare)


def points_at_vitals(kind, resource):
    return kind == "Observation" and resource == VITAL


def test_whoever_reads_tasks_reads_what_they_point_to_by_its_address():
    nurse = caller("user/Task.ru", pointed=points_at_vitals)

    nurse.require(Interaction.READ, "Observation")
    assert nurse.may_see("Observation", VITAL)
    assert not nurse.may_see("Observation", LAB)
    assert not nurse.may_see("Observation", None)
    assert not nurse.may_see("AuditEvent", VITAL)
    assert not nurse.holds(Interaction.SEARCH, "Observation")
    assert not nurse.holds(Interaction.HISTORY_SYSTEM)


def test_a_task_points_only_for_those_who_may_read_it():
    writer = caller("user/Task.u", pointed=points_at_vitals)

    assert not writer.holds(Interaction.READ, "Observation")
    assert not writer.may_see("Observation", VITAL)


@pytest.mark.parametrize(
    ("method", "interaction"),
    [
        ("GET", Interaction.READ),
        ("POST", Interaction.CREATE),
        ("PUT", Interaction.UPDATE),
        ("PATCH", Interaction.PATCH),
        ("DELETE", Interaction.DELETE),
    ],
)
def test_the_method_of_an_entry_is_an_interaction(method, interaction):
    assert of_entry(method) is interaction
