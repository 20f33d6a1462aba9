from pathlib import Path

import pytest

from fhir_profiles import lexical
from fhir_profiles.bundle import read_bundle
from fhir_profiles.catalogue import CATALOGUE
from fhir_profiles.problems import InvalidResourceError, Issue
from fhir_profiles.request_kinds import REQUEST_KINDS
from fhir_profiles.structure import check, positioned, read

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "fhir"

FLAWS = [
    ("latin-1-text", "lexical.encoding", ""),
    ("comment-in-json", "lexical.syntax", ""),
    ("array-of-resources", "lexical.root", ""),
    ("gender-given-twice", "lexical.duplicate-key", ""),
    ("number-beyond-all-limits", "lexical.number", ""),
    ("number-that-is-none", "lexical.number", ""),
    ("integer-of-five-thousand-digits", "lexical.number", ""),
    ("nul-in-family-name", "lexical.character", ""),
    ("half-a-surrogate-pair", "lexical.character", ""),
    ("extensions-a-hundred-deep", "lexical.depth", ""),
    ("no-resource-type", "structure.resource-type-missing", "Resource"),
    (
        "resource-type-of-another-release",
        "structure.resource-type-unknown",
        "Resource.resourceType",
    ),
    ("misspelt-birth-date", "structure.unknown-element", "Patient"),
    ("observation-without-status", "structure.required", "Observation.status"),
    (
        "medication-request-without-medication",
        "structure.required",
        "MedicationRequest.medication",
    ),
    ("code-as-plain-text", "structure.object-expected", "Observation.code"),
    ("one-name-without-array", "structure.array-expected", "Patient.name"),
    ("two-genders-in-an-array", "structure.array-unexpected", "Patient.gender"),
    ("deceased-twice", "structure.choice-many", "Patient.deceased"),
    ("value-of-a-type-not-offered", "structure.choice-type", "Observation"),
    ("null-gender", "structure.null", "Patient.gender"),
    ("null-among-given-names", "structure.null", "Patient.name[0].given[1]"),
    ("empty-list-of-names", "structure.empty", "Patient.name"),
    ("empty-name-object", "structure.empty", "Patient.name[0]"),
    ("empty-family-name", "structure.empty", "Patient.name[0].family"),
    ("given-name-siblings-out-of-step", "structure.sibling", "Patient.name[0].given"),
    ("attachment-not-base64", "value.base64Binary", "Patient.photo[0].data"),
    ("active-as-text", "value.boolean", "Patient.active"),
    (
        "questionnaire-with-a-space",
        "value.canonical",
        "QuestionnaireResponse.questionnaire",
    ),
    ("language-with-trailing-space", "value.code", "Patient.language"),
    ("thirtieth-of-february", "value.date", "Patient.birthDate"),
    ("time-without-zone", "value.dateTime", "Observation.effective.ofType(dateTime)"),
    ("value-in-quotes", "value.decimal", "Observation.value.ofType(Quantity).value"),
    ("id-with-a-slash", "value.id", "Patient.id"),
    ("instant-without-time", "value.instant", "Observation.issued"),
    ("integer-with-a-fraction", "value.integer", "Observation.value.ofType(integer)"),
    ("note-that-is-a-number", "value.markdown", "Observation.note[0].text"),
    ("oid-with-letters", "value.oid", "Patient.identifier[0].system"),
    ("rank-zero", "value.positiveInt", "Patient.telecom[0].rank"),
    ("family-name-that-is-a-number", "value.string", "Patient.name[0].family"),
    ("twenty-four-o-clock", "value.time", "Observation.value.ofType(time)"),
    ("negative-size", "value.unsignedInt", "Patient.photo[0].size"),
    ("system-with-a-space", "value.uri", "Patient.identifier[0].system"),
    ("photo-url-with-a-space", "value.url", "Patient.photo[0].url"),
    ("unfinished-uuid", "value.uuid", "Patient.identifier[0].system"),
    ("div-that-is-a-number", "value.xhtml", "Patient.text.div"),
    ("family-name-of-spaces", "value.blank", "Patient.name[0].family"),
    ("family-name-with-trailing-space", "value.padded", "Patient.name[0].family"),
    ("relative-photo-url", "value.relative", "Patient.photo[0].url"),
    ("photo-url-that-runs", "value.scheme", "Patient.photo[0].url"),
    ("period-that-ends-before-it-starts", "value.order", "Patient.name[0].period"),
    ("range-upside-down", "value.order", "Observation.value.ofType(Range)"),
    ("gender-that-is-no-code-of-fhir", "binding.required", "Patient.gender"),
    (
        "allergy-with-an-invented-status",
        "binding.concept",
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        "allergy-status-without-system",
        "binding.system",
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        "coding-system-without-scheme",
        "value.system",
        "Observation.code.coding[0].system",
    ),
    (
        "coding-from-a-value-set",
        "value.value-set",
        "Observation.code.coding[0].system",
    ),
    ("reference-that-runs", "reference.syntax", "Observation.subject.reference"),
    (
        "organization-that-is-a-patient",
        "reference.target",
        "Patient.managingOrganization.reference",
    ),
    ("reference-of-two-types", "reference.type", "Observation.subject.type"),
    (
        "contained-resource-that-is-missing",
        "reference.contained",
        "Observation.subject.reference",
    ),
    (
        "questionnaire-that-is-a-value-set",
        "reference.canonical",
        "QuestionnaireResponse.questionnaire",
    ),
    (
        "contained-in-contained",
        "contained.nested",
        "Observation.contained[0].contained",
    ),
    ("contained-without-id", "contained.id", "Observation.contained[0].id"),
    ("contained-with-a-version", "contained.meta", "Observation.contained[0].meta"),
    (
        "contained-that-nothing-refers-to",
        "contained.unused",
        "Observation.contained[0]",
    ),
    (
        "extension-with-value-and-extensions",
        "extension.content",
        "Patient.extension[0]",
    ),
    ("extension-url-with-version", "extension.url", "Patient.extension[0].url"),
    ("narrative-not-closed", "narrative.syntax", "Patient.text.div"),
    ("narrative-with-entity-bomb", "narrative.syntax", "Patient.text.div"),
    ("narrative-without-namespace", "narrative.root", "Patient.text.div"),
    ("narrative-with-script", "narrative.element", "Patient.text.div"),
    ("narrative-with-event-handler", "narrative.attribute", "Patient.text.div"),
    ("narrative-with-style-that-loads", "narrative.attribute", "Patient.text.div"),
    ("narrative-link-that-runs", "narrative.link", "Patient.text.div"),
    ("narrative-without-text", "narrative.empty", "Patient.text.div"),
    ("observation-with-value-and-reason-for-none", "invariant", "Observation"),
    ("abated-but-active-condition", "invariant", "Condition"),
    ("bundle-of-collection", "bundle.type", "Bundle.type"),
    ("resource-that-is-no-bundle", "bundle.resource-type", "Bundle"),
    ("entry-without-request", "bundle.request-missing", "Bundle.entry[0].request"),
    ("entry-with-unknown-method", "bundle.method", "Bundle.entry[0].request.method"),
    ("entry-url-with-base", "bundle.url", "Bundle.entry[0].request.url"),
    ("entry-url-of-another-type", "bundle.url-type", "Bundle.entry[0].request.url"),
    ("entry-url-of-another-id", "bundle.url-id", "Bundle.entry[0].request.url"),
    ("post-without-resource", "bundle.resource-missing", "Bundle.entry[0].resource"),
    ("delete-with-resource", "bundle.resource-unexpected", "Bundle.entry[0].resource"),
    ("patch-by-patient", "bundle.patch", "Bundle.entry[0].resource"),
    ("create-with-if-match", "bundle.condition", "Bundle.entry[0].request.ifMatch"),
    ("same-patient-put-twice", "bundle.identity", "Bundle.entry[1].request"),
    ("relative-full-url", "bundle.full-url", "Bundle.entry[0].fullUrl"),
    ("same-full-url-twice", "bundle.full-url-duplicate", "Bundle.entry[1].fullUrl"),
    ("full-url-of-another-id", "bundle.full-url-id", "Bundle.entry[0].fullUrl"),
    (
        "reference-to-no-entry",
        "bundle.reference",
        "Bundle.entry[0].resource.subject.reference",
    ),
    (
        "mothers-family-name-on-the-whole-name",
        "extension.context",
        "Patient.name[0].extension[0]",
    ),
    ("birth-place-as-text", "extension.type", "Patient.extension[0]"),
    ("heart-rate-profile-without-subject", "profile.required", "Observation"),
    ("heart-rate-profile-with-another-code", "profile.code", "Observation.code"),
    ("vital-sign-at-an-instant", "profile.type", "Observation"),
    ("vital-sign-of-a-month", "profile.precision", "Observation.effective"),
    ("vital-sign-without-value", "profile.value", "Observation"),
    ("heart-rate-profile-in-another-unit", "profile.unit", "Observation.valueQuantity"),
    ("blood-pressure-profile-without-diastolic", "profile.component", "Observation"),
    (
        "blood-pressure-profile-with-its-own-value",
        "profile.pressure-value",
        "Observation.valueQuantity",
    ),
    (
        "document-naming-one-of-two-versions",
        "bundle.ambiguous",
        "Bundle.entry[0].resource.section[0].entry[0].reference",
    ),
    (
        "document-naming-a-missing-version",
        "bundle.version",
        "Bundle.entry[0].resource.section[0].entry[0].reference",
    ),
    ("total-in-a-transaction", "bundle.invariant", "Bundle"),
]
"""A file named after its flaw, the issue it must raise, and where."""

WITHOUT_FILE = {"limit.depth", "limit.more", *REQUEST_KINDS}
"""Too large for a file that a person reads, made in test_structure.py; or about a
request and not about what it holds, tried where requests are."""


def issues_of(name: str) -> list[Issue]:
    body = (ASSETS / f"{name}.json").read_bytes()
    try:
        resource = lexical.parse(body)
        issues = check(resource)
        read_bundle(resource, issues)
    except InvalidResourceError as error:
        return list(error.issues)
    return issues


@pytest.mark.parametrize(("name", "issue", "expression"), FLAWS)
def test_a_flaw_is_named_with_its_place(name, issue, expression):
    found = {(one.id, one.expression) for one in issues_of(name)}

    assert (issue, expression) in found


def test_every_kind_of_issue_has_a_flaw_that_raises_it():
    assert {issue for _, issue, _ in FLAWS} | WITHOUT_FILE == CATALOGUE.keys()


def test_every_flawed_file_is_tried():
    assert {path.stem for path in ASSETS.glob("*.json")} == {name for name, *_ in FLAWS}


@pytest.mark.parametrize(("name", "issue", "_expression"), FLAWS)
def test_a_flaw_has_the_severity_and_type_of_the_catalogue(name, issue, _expression):
    one = next(found for found in issues_of(name) if found.id == issue)

    assert (one.severity, one.code) == (
        CATALOGUE[issue].severity,
        CATALOGUE[issue].code,
    )
    assert one.diagnostics.endswith((".", "]"))


def test_line_and_column_point_to_the_value():
    body = (ASSETS / "gender-that-is-no-code-of-fhir.json").read_bytes()

    with pytest.raises(InvalidResourceError) as refused:
        read(body)

    assert [(i.line, i.column) for i in refused.value.issues] == [(3, 13)]


def test_line_and_column_of_what_is_missing_point_to_where_it_belongs():
    body = (ASSETS / "observation-without-status.json").read_bytes()

    [issue] = positioned(check(lexical.parse(body)), body)

    assert (issue.expression, issue.line, issue.column) == ("Observation.status", 1, 1)


def test_a_lexical_flaw_has_line_and_column():
    with pytest.raises(InvalidResourceError) as refused:
        read((ASSETS / "gender-given-twice.json").read_bytes())

    assert [(i.line, i.column) for i in refused.value.issues] == [(4, 3)]


def test_no_received_value_is_repeated_in_what_is_said():
    marked = {"resourceType": "MARKED", "gender": "MARKED"}
    patient = {
        "resourceType": "Patient",
        "MARKED": "MARKED",
        "gender": "MARKED",
        "birthDate": "MARKED",
        "active": "MARKED",
        "name": "MARKED",
        "contact": [{"name": ["MARKED"]}],
        "managingOrganization": {"reference": "Patient/MARKED"},
        "text": {"status": "generated", "div": "<MARKED>"},
        "contained": [marked],
    }

    issues = check(patient)

    assert len(issues) >= len(patient) - 2
    assert "MARKED" not in "".join(f"{i.expression}{i.diagnostics}" for i in issues)


def test_a_bound_code_is_answered_with_the_codes_that_are_allowed():
    [issue] = issues_of("gender-that-is-no-code-of-fhir")[:1]

    assert "allowed: female, male, other, unknown" in issue.diagnostics
