import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings.scopes import ScopeError, granted, scope

VITALS = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"


@pytest.mark.parametrize(
    "text",
    [
        "system/Patient.cruds",
        "system/*.rs",
        "user/Task.ru",
        "user/Task.rus",
        "user/*.rs",
        "system/AuditEvent.rs",
        f"system/Observation.rs?category={VITALS}",
        "system/Condition.s?clinical-status=active,recurrence",
    ],
)
def test_a_scope_is_written_as_it_was_read(text):
    assert str(scope(text)) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("system/Patient.read", "system/Patient.rs"),
        ("system/*.write", "system/*.cud"),
        ("system/Task.*", "system/Task.cruds"),
    ],
)
def test_a_scope_of_version_1_means_letters_of_version_2(old, new):
    assert str(scope(old)) == new


@pytest.mark.parametrize(
    "text",
    [
        "",
        "system/Patient",
        "system/Patient.",
        "system/Patient.sr",
        "system/Patient.rr",
        "system/Patient.x",
        "system/Patient.READ",
        "system/patient.r",
        "patient/Patient.rs",
        "launch/patient",
        "openid",
        "system/Patient.rs ",
        "system/Patient.rs\n",
        "system/Observation.rs?",
        "system/Observation.rs?category=",
        "system/Observation.rs?value-quantity=gt5",
        "system/Observation.rs?patient.name=x",
        "system/Observation.cruds?category=x",
        "system/*.rs?_tag=x",
        "system/AuditEvent.c",
        "system/AuditEvent.cruds",
        "user/Observation.c",
        "user/*.cruds",
        "user/Task.d",
        "user/*.u",
    ],
)
def test_what_cannot_be_granted_is_refused_with_a_sentence(text):
    with pytest.raises(ScopeError, match=r"\w+ \w+"):
        scope(text)


@given(st.text(max_size=60))
def test_any_text_is_a_scope_or_refused(text):
    try:
        made = scope(text)
    except ScopeError:
        return

    assert scope(str(made)) == made


def texts(found):
    return [str(each) for each in found]


@pytest.mark.parametrize(
    ("asked", "registered", "given_back"),
    [
        ("system/Patient.rs", "system/*.cruds", ["system/Patient.rs"]),
        ("system/*.cruds", "system/Patient.rs", ["system/Patient.rs"]),
        ("system/*.cruds", "system/*.r", ["system/*.r"]),
        ("system/Patient.r", "system/Patient.s", []),
        ("system/Patient.r", "system/Task.r", []),
        ("user/Task.r", "system/Task.r", []),
        ("system/AuditEvent.rs", "system/*.cruds", []),
        ("system/*.rs", "system/AuditEvent.rs", []),
        ("system/AuditEvent.rs", "system/AuditEvent.rs", ["system/AuditEvent.rs"]),
        (
            "system/Observation.rs",
            f"system/Observation.rs?category={VITALS}",
            [f"system/Observation.rs?category={VITALS}"],
        ),
        (
            "system/Observation.r?status=final",
            "system/Observation.rs?category=x",
            ["system/Observation.r?category=x&status=final"],
        ),
    ],
)
def test_what_is_granted_is_both_asked_for_and_registered(
    asked, registered, given_back
):
    assert texts(granted([scope(asked)], [scope(registered)])) == given_back


SOME = st.sampled_from(
    [
        "system/*.cruds",
        "system/*.rs",
        "system/Patient.r",
        "system/Patient.cruds",
        "system/Observation.rs?category=x",
        "system/Observation.rs?code=y",
        "user/Task.ru",
        "system/AuditEvent.rs",
    ]
).map(scope)


@given(st.lists(SOME, max_size=4), st.lists(SOME, max_size=4))
def test_asking_never_gives_more_than_is_registered(asked, registered):
    given_back = granted(asked, registered)

    assert set(granted(given_back, registered)) >= set(given_back)
    for each in given_back:
        assert any(
            set(each.letters) <= set(known.letters)
            and set(known.restrictions) <= set(each.restrictions)
            for known in registered
        )


def test_of_several_narrowed_scopes_each_is_granted_as_it_is_registered():
    registered = [scope(f"system/Observation.rs?category=x|{each}") for each in "abc"]

    assert granted(registered, registered) == tuple(registered)
    assert granted([scope("system/Observation.rs")], registered) == tuple(registered)


def test_a_scope_that_another_includes_is_not_granted_beside_it():
    asked = [scope("system/*.rs"), scope("system/Patient.r")]

    assert granted(asked, [scope("system/*.cruds")]) == (scope("system/*.rs"),)
