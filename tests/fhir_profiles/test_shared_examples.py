"""The figures on other people's data, where it lies beside the checkout."""

import gzip
import json
from pathlib import Path

import pytest

from fhir_profiles import lexical
from fhir_profiles.bundle import read_bundle
from fhir_profiles.findings import Walk
from fhir_profiles.narrative import xhtml
from fhir_profiles.primitives import PRIMITIVES
from fhir_profiles.problems import InvalidResourceError, refusing
from fhir_profiles.structure import check

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fhir"

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="The shared FHIR data are not beside this checkout (shared/data/fhir).",
)

WRONG_IN_THEMSELVES = {
    # fullUrl and id disagree, which bundle.html#bundle-unique forbids.
    "Bundle-10bb101f-a121-4264-a920-67be9cb82c74": "bundle.full-url-id",
    "Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe": "bundle.full-url-id",
    "Bundle-lri-example": "bundle.full-url-id",
    # dispenseRequest.performer is an Organization, not a Practitioner.
    "MedicationRequest-medrx0301": "reference.target",
    # Observation.performer is no Encounter.
    "Observation-clinical-gender": "reference.target",
    # Questionnaire.item.linkId is 1..1 and missing.
    "Questionnaire-qs1": "structure.required",
    # The narrative holds only white space (txt-2).
    "Questionnaire-zika-virus-exposure-assessment": "narrative.empty",
    # Narrative.div is 1..1 and missing.
    "diagnosticreport-cbc": "structure.required",
}
SWITCHED_OFF = {
    # The suite's manifest runs these two with an option (`validateContains: IGNORE`,
    # `allow-comments`) that turns off the check of the very fault they have. The same
    # files without the option are `contained-resource-bad-id` and `json-comments-1-no`.
    "contained-resource-bad-id-ignore": {"contained.unused", "value.id"},
    "json-comments-1-yes": {"lexical.syntax"},
}
BEYOND_R4 = {
    # The displays of CVX and LOINC, which only their terminologies know.
    "bundle-id-5",
    "ips-nz-pj",
    # Extensions of other guides (SDC, HL7 Finland, an example), unknown to a validator
    # that has not loaded them. R4 says that an extension that a reader does not know
    # is no reason to refuse a resource (extensibility.html#exchange).
    "nested-questionnaire-nested-valueset",
    "pat-example-extensions",
    "patient-with-turvakielto",
    # Besides such an extension, a blood pressure profile that it does not claim.
    "obs-vs-1",
    # A digital signature over a canonical form of the document.
    "signatures-example-2",
}
"""What R4's own definitions cannot tell to be wrong."""


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def errors_in(body: bytes) -> set[str]:
    try:
        issues = check(lexical.parse(body))
    except InvalidResourceError as error:
        issues = error.issues
    return {issue.id for issue in refusing(issues)}


def files(*patterns: str) -> list[Path]:
    found = sorted(path for pattern in patterns for path in SHARED.glob(pattern))
    return [path for path in found if path.stem not in ("package", ".index")]


def test_every_official_example_that_is_right_is_accepted():
    paths = files("hl7-r4-examples/package/*.json", "us-core-examples/examples/*.json")

    refused = {path.stem: errors_in(content(path)) for path in paths}

    assert len(paths) > 600
    assert {name: ids for name, ids in refused.items() if ids} == {
        name: {issue} for name, issue in WRONG_IN_THEMSELVES.items()
    }


def test_every_medication_bundle_is_accepted():
    paths = files("medication-bundles/*.json")

    assert [path.stem for path in paths if errors_in(content(path))] == []


def test_synthea_bundles_are_accepted_and_come_back_with_their_decimals():
    for path in files("synthea-r4/bundles/*.json.gz")[::10]:
        body = content(path)

        bundle = lexical.parse(body)
        requests = read_bundle(bundle, check(bundle))

        assert len(requests.entries) == len(bundle["entry"])
        as_written = json.loads(body, parse_float=str)
        assert json.loads(lexical.serialise(bundle), parse_float=str) == as_written


@pytest.mark.parametrize("name", [*PRIMITIVES, "xhtml"])
def test_every_primitive_literal_is_judged_rightly(name):
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    checked = {**PRIMITIVES, "xhtml": xhtml}[name]

    for verdict in ("valid", "invalid"):
        path = SHARED / "primitive-literals" / f"{snake}.{verdict}.ndjson"
        for value in literals(path, name):
            assert bool(checked(value, Walk())) == (verdict == "invalid"), path.name


def literals(path: Path, name: str) -> list[object]:
    """Read the lines that are JSON and speak of the FHIR JSON form of the type."""
    values = []
    for line in path.read_bytes().splitlines():
        if line in (b"null", b'"<div>text</div>"') or (name, line) == ("xhtml", b'""'):
            continue  # null stands for absence there, and its divs lack a namespace.
        try:
            values.append(lexical.parse(b'{"value":' + line + b"}")["value"])
        except InvalidResourceError:
            assert path.stem.endswith("invalid")
    return values


def core_cases() -> list[dict[str, object]]:
    """Select the cases that need nothing but R4: JSON, with an outcome of HL7's own
    validator, and neither profile, package nor supporting file.

    Of the suite's 481 cases for R4 the folder holds 244, hence 74 of 146 such cases.
    """
    index = json.loads((SHARED / "fhir-test-cases" / "index.json").read_bytes())
    return [
        case
        for case in index
        if case["format"] != "xml"
        and case["expected_java_severities"] is not None
        and not (case["profiles"] or case["packages"] or case["supporting"])
    ]


def is_bad(case: dict[str, object]) -> bool:
    severities = case["expected_java_severities"]
    return bool(severities.get("error") or severities.get("fatal"))


def found(case: dict[str, object]) -> set[str]:
    path = SHARED / "fhir-test-cases" / "validator" / str(case["file"])
    return errors_in(path.read_bytes())


def is_flagged(case: dict[str, object]) -> bool:
    return bool(found(case) - SWITCHED_OFF.get(str(case["name"]), set()))


def test_every_core_case_that_breaks_r4_itself_is_flagged():
    bad = [case for case in core_cases() if is_bad(case)]

    missed = {case["name"] for case in bad if not is_flagged(case)}

    assert len(bad) >= 34
    assert missed == BEYOND_R4


def test_no_core_case_is_flagged_that_must_pass():
    good = [case for case in core_cases() if not is_bad(case)]

    wrongly = {case["name"] for case in good if is_flagged(case)}

    assert len(good) >= 40
    assert wrongly == set()


def test_what_an_option_of_the_suite_switches_off_is_still_found():
    met = {case["name"]: found(case) for case in core_cases()}

    assert {name: met[name] for name in SWITCHED_OFF} == SWITCHED_OFF
