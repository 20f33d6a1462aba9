"""Rules about a whole object, by the type they belong to.

The names in brackets are the specification's own, as in
http://hl7.org/fhir/R4/observation.html#invs. A rule sees objects whose elements may be
wrong in themselves, so it takes nothing for granted.
"""

from decimal import Decimal
from typing import Final

from fhir_profiles.bundle_rules import BUNDLE_RULES
from fhir_profiles.findings import Findings, Walk
from fhir_profiles.presence import Object, coded, has
from fhir_profiles.primitives import Check, uri
from fhir_profiles.shapes import Rule
from fhir_profiles.vital_signs_profile import vital_signs_profile

_ABSOLUTE: Final = ":"
_FULL: Final = len("YYYY-MM-DD")
_SEVERAL: Final = 2
_RATIO: Final = "A ratio needs numerator and denominator (rat-1); add the other."


def _extension(value: Object, walk: Walk) -> Findings:
    if has(value, "value[x]") == ("extension" in value):
        return walk.report("extension.content")
    return None


def _extension_url(value: object, walk: Walk) -> Findings:
    if isinstance(value, str) and ("|" in value or " " in value):
        return walk.report("extension.url")
    return uri(value, walk)


def _coding_system(value: object, walk: Walk) -> Findings:
    if type(value) is str and value and _ABSOLUTE not in value:
        return walk.report("value.system")
    if type(value) is str and "//hl7.org/fhir/ValueSet/" in value:
        return walk.report("value.value-set")
    return uri(value, walk)


def _period(value: Object, walk: Walk) -> Findings:
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    if start[:_FULL] > end[:_FULL] and len(start) >= _FULL <= len(end):
        return walk.report("value.order", "start", "end")
    return None


def _needs(condition: str, *others: str, says: str) -> Rule:
    """Make the rule that an element is there only together with one of the others."""

    def rule(value: Object, walk: Walk) -> Findings:
        applies = not condition or has(value, condition)
        if applies and not any(has(value, other) for other in others):
            return walk.report("invariant", says)
        return None

    return rule


def _excludes(one: str, other: str, says: str) -> Rule:
    """Make the rule that two elements are not there together."""

    def rule(value: Object, walk: Walk) -> Findings:
        if has(value, one) and has(value, other):
            return walk.report("invariant", says)
        return None

    return rule


def _codes(value: Object, name: str) -> set[str]:
    """Give the codes of a CodeableConcept."""
    return {code for _, code in coded(value.get(name))}


def _range(value: Object, walk: Walk) -> Findings:
    ends = (value.get("low"), value.get("high"))
    numbers = [end.get("value") for end in ends if isinstance(end, dict)]
    values = [n for n in numbers if isinstance(n, int | Decimal)]
    if len(values) == len(ends) and values[0] > values[1]:
        return walk.report("value.order", "low", "high")
    return None


def _abatement(value: Object, walk: Walk) -> Findings:
    ended = {"resolved", "remission", "inactive"}
    if has(value, "abatement[x]") and not ended & _codes(value, "clinicalStatus"):
        return walk.report(
            "invariant",
            "A condition that abated is not active (con-4); set clinicalStatus to "
            "resolved, remission or inactive.",
        )
    return None


def _clinical_status(value: Object, walk: Walk) -> Findings:
    is_error = "entered-in-error" in _codes(value, "verificationStatus")
    if is_error and "clinicalStatus" in value:
        return walk.report(
            "invariant",
            "What was entered in error has no clinicalStatus (con-5, ait-2); remove "
            "it.",
        )
    return None


def _allergy(value: Object, walk: Walk) -> Findings:
    is_error = "entered-in-error" in _codes(value, "verificationStatus")
    if not is_error and "clinicalStatus" not in value:
        return walk.report(
            "invariant", "An allergy needs a clinicalStatus (ait-1); add it."
        )
    return None


def _enable_when(value: Object, walk: Walk) -> Findings:
    conditions = value.get("enableWhen")
    if not isinstance(conditions, list) or len(conditions) < _SEVERAL:
        return None
    if "enableBehavior" in value:
        return None
    return walk.report(
        "invariant",
        "More than one enableWhen needs an enableBehavior (que-12); add all or any.",
    )


_QUANTITY: Final = (
    _needs(
        "code",
        "system",
        says="A quantity's code needs its system (qty-3); add http://unitsofmeasure.org.",
    ),
)

NAME_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Extension": (_extension,),
    **dict.fromkeys(
        ("Quantity", "SimpleQuantity", "MoneyQuantity", "Age", "Count", "Duration"),
        _QUANTITY,
    ),
    "Attachment": (
        _needs(
            "data",
            "contentType",
            says="Attachment.data needs a contentType (att-1); add it.",
        ),
    ),
    "ContactPoint": (
        _needs("value", "system", says="A contact needs its system (cpt-2); add it."),
    ),
    "Ratio": (
        _needs("numerator", "denominator", "extension", says=_RATIO),
        _needs("denominator", "numerator", "extension", says=_RATIO),
    ),
    "Observation": (
        _excludes(
            "dataAbsentReason",
            "value[x]",
            says="dataAbsentReason stands only where there is no value (obs-6); keep "
            "one of both.",
        ),
    ),
    "Observation.referenceRange": (
        _needs(
            "",
            "low",
            "high",
            "text",
            says="A reference range needs low, high or text (obs-3); add one.",
        ),
    ),
    "Patient.contact": (
        _needs(
            "",
            "name",
            "telecom",
            "address",
            "organization",
            says="A contact needs a name, telecom, address or organization (pat-1); "
            "add one.",
        ),
    ),
}
"""The rules that need only the names of the elements, by type or element."""

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Observation": (vital_signs_profile,),
    "Period": (_period,),
    "Range": (_range,),
    "Condition": (_abatement, _clinical_status),
    "AllergyIntolerance": (_allergy, _clinical_status),
    "Questionnaire.item": (_enable_when,),
    "Bundle": BUNDLE_RULES,
}
"""The rules that look at values, by type or element."""

STRICTER: Final[dict[str, Check]] = {
    "Coding.system": _coding_system,
    "Extension.url": _extension_url,
}
"""Elements that ask more of their text than their type does."""

_NEEDED: Final[dict[Rule, tuple[str, ...]]] = {
    vital_signs_profile: ("meta.profile",),
    _period: ("start", "end"),
    _range: ("low", "high"),
    _enable_when: ("enableWhen",),
    _clinical_status: ("clinicalStatus",),
}
"""Elements without which a rule has nothing to say."""


def may_apply(rule: Rule, value: Object) -> bool:
    """Tell, by names alone, whether a rule may have anything to say about an object."""
    return all(_holds(value, path) for path in _NEEDED.get(rule, ()))


def _holds(value: Object, path: str) -> bool:
    held: Object = value
    for name in path.split("."):
        if name not in held:
            return False
        held = held[name]
    return True
