"""The Parameters that are posted to an operation (R4, operations.html)."""

from fhir_profiles.elements import Resource, elements, string
from fhir_profiles.structure import read
from gateway.intake.single import require_same_type


def posted(body: bytes) -> list[Resource]:
    """Read a body; return its parameters.

    Raises:
        InvalidResourceError: it is no Parameters.

    """
    content = read(body)
    require_same_type(content, "Parameters")
    return elements(content, "parameter")


def strings(body: bytes) -> list[tuple[str, str]]:
    """Return names with their `valueString`, "" where there is none.

    Raises:
        InvalidResourceError: it is no Parameters.

    """
    return [
        (string(each, "name"), string(each, "valueString")) for each in posted(body)
    ]


def values(body: bytes) -> list[tuple[str, str]]:
    """Return names with their values, of whatever type, as text.

    Raises:
        InvalidResourceError: it is no Parameters.

    """
    return [(string(each, "name"), _text(each)) for each in posted(body)]


def _text(parameter: Resource) -> str:
    found = (value for name, value in parameter.items() if name.startswith("value"))
    return str(next(found, ""))
