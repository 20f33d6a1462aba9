import json
from pathlib import Path

import pytest

from fhir_profiles import canonical
from fhir_profiles.catalogue import ALWAYS_REJECTED, CATALOGUE, GROUPS
from fhir_profiles.problems import Issue
from fhir_profiles.rule_groups import (
    STRICT,
    RuleGroupError,
    Rules,
    Treatment,
    group_of,
    tags,
)
from fhir_profiles.structure import check

REJECT, QUARANTINE, TAG = Treatment


def found(identity, code="code-invalid", severity="error"):
    return Issue(
        severity=severity, code=code, id=identity, expression="", diagnostics=""
    )


BINDING = found("binding.required")
INVARIANT = found("invariant", "invariant")
SCRIPT = found("narrative.element", "security")
WARNING = found("value.padded", severity="warning")


def test_every_issue_is_of_a_group():
    assert {group_of(each) for each in CATALOGUE} <= set(GROUPS)


@pytest.mark.parametrize("issue", [BINDING, INVARIANT, SCRIPT])
def test_errors_reject_unless_the_site_says_otherwise(issue):
    assert STRICT.verdict([issue]).treatment is REJECT


def test_warnings_alone_reject_nothing():
    verdict = STRICT.verdict([WARNING])

    assert verdict.treatment is None
    assert verdict.issues == (WARNING,)


@pytest.mark.parametrize(
    ("treatments", "expected"),
    [
        ({"binding": TAG}, REJECT),
        ({"binding": TAG, "invariant": QUARANTINE}, QUARANTINE),
        ({"binding": QUARANTINE, "invariant": TAG}, QUARANTINE),
        ({"binding": QUARANTINE}, REJECT),
        ({"binding": TAG, "invariant": TAG}, TAG),
    ],
)
def test_the_strictest_treatment_of_any_error_counts(treatments, expected):
    assert Rules(treatments).verdict([BINDING, INVARIANT]).treatment is expected


def test_an_error_that_is_let_pass_is_shown_as_a_warning():
    verdict = Rules({"binding": TAG}).verdict([BINDING, WARNING])

    assert [each.severity for each in verdict.issues] == ["warning", "warning"]
    assert verdict.violations == (BINDING,)


def test_what_could_run_in_a_browser_is_never_let_pass():
    assert Rules({"narrative": TAG}).verdict([SCRIPT]).treatment is REJECT
    assert Rules({"narrative": QUARANTINE}).verdict([SCRIPT]).treatment is QUARANTINE


@pytest.mark.parametrize("group", sorted(ALWAYS_REJECTED))
@pytest.mark.parametrize("treatment", [QUARANTINE, TAG])
def test_what_cannot_be_read_is_always_rejected(group, treatment):
    with pytest.raises(RuleGroupError, match="always rejected"):
        Rules({group: treatment})


@pytest.mark.parametrize("group", ["structure", "value"])
def test_what_triage_could_not_read_is_not_tagged(group):
    Rules({group: QUARANTINE})

    with pytest.raises(RuleGroupError, match="shape"):
        Rules({group: TAG})


def test_a_group_that_does_not_exist_is_refused():
    with pytest.raises(RuleGroupError, match="narrative"):
        Rules({"tidiness": REJECT})


def test_a_tag_names_each_group_once_and_is_valid_r4():
    made = tags(["binding.required", "binding.concept", "invariant"])

    assert [each["code"] for each in made] == ["binding", "invariant"]
    kept = {"resourceType": "Basic", "meta": {"tag": made}, "code": {"text": "x"}}
    assert check(kept) == []


def test_every_group_that_a_tag_can_name_is_defined_in_our_code_system():
    folder = Path(canonical.__file__).parent / "profiles"
    system = json.loads((folder / "CodeSystem-rule-group.json").read_text())

    assert system["url"] == canonical.RULE_GROUP
    assert {each["code"] for each in system["concept"]} == set(GROUPS)
    assert {each["display"] for each in system["concept"]} == {
        each["display"] for group in GROUPS for each in tags([group])
    }
