"""Every kind of issue that reading FHIR can report, under a stable id.

The severity and the IssueType (http://hl7.org/fhir/issue-type) of each are decided
here. In a sentence, `{}` stands for what only the place can tell.
"""

from typing import Final

from fhir_profiles.bundle_kinds import BUNDLE_KINDS
from fhir_profiles.lexical_kinds import LEXICAL_KINDS
from fhir_profiles.problems import Kind
from fhir_profiles.request_kinds import REQUEST_KINDS

GROUPS: Final = {
    "lexical": "The body cannot be read as FHIR JSON.",
    "limit": "The body is larger or deeper than is looked at.",
    "bundle": "A Bundle, its entries and what they ask for.",
    "patch": "A patch that cannot be read.",
    "request": "The address of a request, and the content that it is about.",
    "structure": "Elements: unknown, missing, repeated, empty, of another shape.",
    "value": "The text of primitive values.",
    "binding": "Codes that a required value set does not have.",
    "reference": "What a reference or a canonical points to.",
    "contained": "Resources inside resources.",
    "extension": "Extensions: their content, place and type.",
    "narrative": "XHTML that is unsafe, malformed or empty.",
    "invariant": "Rules between the elements of one type.",
    "profile": "Profiles that the resource claims to follow.",
}
"""The groups of rules: what stands before the first point of an issue's id."""

ALWAYS_REJECTED: Final = frozenset(("lexical", "limit", "bundle", "patch", "request"))
"""Groups without a choice: nothing can be read, or it is unclear what is asked."""

_STRUCTURE: Final = {
    "structure.resource-type-missing": Kind(
        "structure", "There is no resourceType; name the resource's type."
    ),
    "structure.resource-type-unknown": Kind(
        "structure", "The resourceType is {}, no type of R4; {}."
    ),
    "structure.unknown-element": Kind(
        "structure", "{} has no such element ({}); remove or rename it; {}."
    ),
    "structure.required": Kind("required", "{} is required; add it."),
    "structure.object-expected": Kind(
        "structure", "{} stands where {} is expected; send that."
    ),
    "structure.array-expected": Kind(
        "structure", "{} stands where the element repeats; put it into an array."
    ),
    "structure.array-unexpected": Kind(
        "structure", "The element does not repeat; send its value without an array."
    ),
    "structure.choice-many": Kind(
        "structure", "Only one of {}[x] may be present; keep one of the {}."
    ),
    "structure.choice-type": Kind(
        "structure", "{}[x] may not have this type here; {}."
    ),
    "structure.null": Kind(
        "structure",
        "null stands for a value without an extension beside it; leave the property "
        "out.",
    ),
    "structure.empty": Kind(
        "structure", "The {} is empty; leave the property out or fill it."
    ),
    "structure.sibling": Kind(
        "structure",
        "The property with an underscore must hold id and extension of a primitive "
        "element, as an array of the same length where the element repeats; {}.",
    ),
    "limit.depth": Kind(
        "too-costly", "Elements are nested more than {} levels deep; flatten them."
    ),
    "limit.more": Kind(
        "too-costly", "There are more issues than the {} listed; correct these first."
    ),
}

_REMEDIES: Final = {
    "base64Binary": "base64 in groups of four characters with padding",
    "boolean": "true or false without quotes",
    "canonical": "a URL without spaces, with |version if wanted, or #id",
    "code": "text without leading, trailing or doubled white space",
    "date": "YYYY, YYYY-MM or YYYY-MM-DD, a day that exists",
    "dateTime": "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone",
    "decimal": "a JSON number without quotes",
    "id": "1 to 64 of A-Z, a-z, 0-9, - and .",
    "instant": "YYYY-MM-DDThh:mm:ss with a time zone",
    "integer": "a whole number between -2147483648 and 2147483647",
    "markdown": "text",
    "oid": "urn:oid: and digits separated by dots",
    "positiveInt": "a whole number from 1 to 2147483647",
    "string": "text",
    "time": "hh:mm:ss without a time zone",
    "unsignedInt": "a whole number from 0 to 2147483647",
    "uri": "a URI without spaces",
    "url": "a URL without spaces",
    "uuid": "urn:uuid: and a UUID in lower case",
    "xhtml": "text that holds one XHTML div",
}

_VALUES: Final = {
    f"value.{name}": Kind("value", f"{{}} is no {name}; send {remedy}.")
    for name, remedy in _REMEDIES.items()
} | {
    "value.blank": Kind("value", "The text is only white space; leave it out."),
    "value.padded": Kind(
        "value", "The text starts or ends with white space; trim it.", "warning"
    ),
    "value.relative": Kind(
        "value", "The URL is relative; senders should write it absolute.", "warning"
    ),
    "value.scheme": Kind(
        "security", "A URI of this scheme could run as a program; use https."
    ),
    "value.order": Kind("invariant", "{} is later than {}; exchange or correct them."),
}

_MEANING: Final = {
    "binding.required": Kind("code-invalid", "The code is not in {}; {}."),
    "binding.concept": Kind(
        "code-invalid", "No coding is from {}; add one with its system; {}."
    ),
    "binding.system": Kind(
        "code-invalid",
        "A code that is allowed here stands without its system; add {}.",
        "warning",
    ),
    "value.system": Kind(
        "value", "A coding's system must be an absolute URI; send its full URI."
    ),
    "value.value-set": Kind(
        "value", "A coding's system names a value set; name the code system."
    ),
    "reference.syntax": Kind(
        "value",
        "The reference is none of Type/id, an absolute http(s) URL, urn:uuid, urn:oid, "
        "#id or Type?query; write one of these.",
    ),
    "reference.target": Kind("value", "A {} may not be referenced here; {}."),
    "reference.type": Kind(
        "value", "Reference.type and the reference name two types; make them agree."
    ),
    "reference.contained": Kind(
        "not-found", "No contained resource has this #id; add it or correct the id."
    ),
    "reference.canonical": Kind(
        "value", "The canonical names a {} where only these fit; {}."
    ),
    "contained.nested": Kind(
        "structure", "A contained resource contains another (dom-2); lift it out."
    ),
    "contained.id": Kind(
        "required", "A contained resource needs an id of its own; add a unique one."
    ),
    "contained.meta": Kind(
        "invariant",
        "A contained resource has no version, time of update or security label "
        "(dom-4, dom-5); remove {}.",
    ),
    "contained.unused": Kind(
        "invariant",
        "Nothing refers to the contained resource (dom-3); refer to it or remove it.",
    ),
    "extension.content": Kind(
        "invariant",
        "An extension has either a value or extensions (ext-1); keep one of both.",
    ),
    "extension.url": Kind(
        "value", "An extension's url has no version and no spaces; send its plain URL."
    ),
    "extension.context": Kind("structure", "The extension {} may not stand here; {}."),
    "extension.type": Kind("structure", "The extension {} has another type; {}."),
    "narrative.syntax": Kind(
        "structure", "The narrative is not well-formed XHTML ({}); correct it."
    ),
    "narrative.root": Kind(
        "structure",
        "The narrative is not a div in the namespace http://www.w3.org/1999/xhtml; "
        "wrap it in one.",
    ),
    "narrative.element": Kind(
        "security", "{} is not allowed in a narrative (txt-1); remove it."
    ),
    "narrative.attribute": Kind(
        "security", "{} is not allowed in a narrative (txt-1); remove it."
    ),
    "narrative.link": Kind(
        "security", "A narrative links to a URI that could run; remove the link."
    ),
    "narrative.empty": Kind(
        "invariant", "The narrative holds neither text nor an image (txt-2); add text."
    ),
    "invariant": Kind("invariant", "{}"),
}

_PROFILE: Final = {
    "profile.required": Kind("required", "The profile {} requires {}; add it."),
    "profile.code": Kind(
        "code-invalid", "The profile {} requires the code {}; add a coding with it."
    ),
    "profile.type": Kind("structure", "The profile {} allows only {} here; send that."),
    "profile.precision": Kind(
        "invariant",
        "A vital sign's time is given at least to the day (vs-1); add month and day.",
    ),
    "profile.value": Kind(
        "invariant",
        "A vital sign has a value or a dataAbsentReason (vs-2, vs-3); add one.",
    ),
    "profile.unit": Kind(
        "code-invalid", "The profile {} requires a unit of {}: {}; convert to it."
    ),
    "profile.component": Kind(
        "required", "The profile {} requires components with {}; add what is missing."
    ),
    "profile.pressure-value": Kind(
        "structure",
        "A blood pressure has no value of its own; put the values into components.",
    ),
}

CATALOGUE: Final = (
    LEXICAL_KINDS
    | _STRUCTURE
    | _VALUES
    | _MEANING
    | _PROFILE
    | BUNDLE_KINDS
    | REQUEST_KINDS
)
"""Every kind of issue by its id."""


def sentence(issue_id: str, *details: str) -> str:
    """Say what is wrong and what to do."""
    return CATALOGUE[issue_id].sentence.format(*details)
