"""The kinds of issue that JSON itself can have."""

from typing import Final

from fhir_profiles.problems import Kind

LEXICAL_KINDS: Final = {
    "lexical.encoding": Kind("structure", "The body is not UTF-8; encode it as UTF-8."),
    "lexical.syntax": Kind("structure", "The body is not JSON ({}); correct it here."),
    "lexical.root": Kind(
        "structure", "The body is {}; send one resource, a JSON object."
    ),
    "lexical.duplicate-key": Kind(
        "structure", "A property is given twice in one object; send it once."
    ),
    "lexical.number": Kind(
        "structure",
        "A number has more than 64 digits or an exponent beyond 400, or is not finite; "
        "send a finite number within these limits.",
    ),
    "lexical.character": Kind(
        "structure",
        "A text holds a control character other than tab, line feed and carriage "
        "return, or half of a surrogate pair; remove it.",
    ),
    "lexical.depth": Kind(
        "too-costly", "The JSON is nested more than {} levels deep; flatten it."
    ),
}
