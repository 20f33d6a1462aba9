"""The operations that the CapabilityStatement tells of, as far as there are routes."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

Routes = frozenset[tuple[str, str]]
BULK_DATA: Final = "http://hl7.org/fhir/uv/bulkdata"
_DEFINITIONS: Final = "http://hl7.org/fhir/OperationDefinition"
_OF_TYPES: Final = MappingProxyType(
    {
        "everything": ("Patient", f"{_DEFINITIONS}/Patient-everything"),
        "export": ("Patient", f"{BULK_DATA}/OperationDefinition/patient-export"),
        "validate": ("{type}", f"{_DEFINITIONS}/Resource-validate"),
    }
)
_OF_SYSTEM: Final = MappingProxyType(
    {"export": f"{BULK_DATA}/OperationDefinition/export"}
)


def of_type(kind: str, routes: Routes) -> Iterator[dict[str, Any]]:
    """Give the operations on a type and its instances."""
    for name, (of, definition) in _OF_TYPES.items():
        paths = (f"/fhir/{of}/{{id}}/${name}", f"/fhir/{of}/${name}")
        there = any(("POST", path) in routes for path in paths)
        if there and of in (kind, "{type}"):
            yield {"name": name, "definition": definition}


def of_system(routes: Routes) -> list[dict[str, Any]]:
    """Return the operations on all."""
    return [
        {"name": name, "definition": definition}
        for name, definition in _OF_SYSTEM.items()
        if ("POST", f"/fhir/${name}") in routes
    ]
