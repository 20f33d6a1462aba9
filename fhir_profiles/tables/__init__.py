"""Compact tables of the R4 definitions, read from JSON on first use.

`structures.json` gives, for every type and every element with children, its base and
its own elements as `[cardinality, type, ...]`. A type is written as one of

- `string`: a data type;
- `code:observation-status`: bound (required) to that value set in `codes.json`;
- `Reference:Patient,Group`: to these types only;
- `@Patient.contact`: its own children, given under that key;
- `^Observation.referenceRange`: the shape of another element (content reference).

`extensions.json` gives, for every extension that R4 defines, the contexts in which it
may stand and the names that its value may have (none for one made of extensions).

More than one type means a choice, whose name ends in `[x]`. Source: HL7 FHIR R4 4.0.1
(CC0-1.0), http://hl7.org/fhir/R4/downloads.html.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Elements = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The definitions as the generator wrote them."""

    resources: frozenset[str]
    """Resource types that can be instantiated."""
    bases: dict[str, str]
    """The type that each type or element with children extends."""
    elements: dict[str, Elements]
    """Each type's own elements, those of its base left out."""
    codings: dict[str, dict[str, list[str]]]
    """For each value set, the codes of each code system."""
    extensions: dict[str, list[list[str]]]
    """For each extension of R4 where it may stand, and the names of its value."""


@cache
def load() -> Tables:
    """Read the tables once."""
    folder = files(__name__)
    structures = json.loads((folder / "structures.json").read_bytes())
    return Tables(
        resources=frozenset(structures["resources"]),
        bases=structures["bases"],
        elements=structures["elements"],
        codings=json.loads((folder / "codes.json").read_bytes()),
        extensions=json.loads((folder / "extensions.json").read_bytes()),
    )
