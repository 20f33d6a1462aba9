"""Under which digests a value is filed, by its kind of parameter and its data type.

A site may keep what breaks rules, so nothing is believed of a value's shape; what does
not fit is not filed. Objects only come to the data types that are objects.

What a search asks for is made of the same parts (`matching`).
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import product
from typing import Any, Final, TypeAlias

from fhir_profiles.elements import string, strings
from fhir_profiles.search_parameters import Pair, Path
from gateway.projections import ranges
from gateway.projections.digests import Digests

Digest: TypeAlias = Callable[[Any, Digests], Iterable[bytes]]

START: Final = 30
"""Characters of a text that a search finds its beginning by."""

_NAME: Final = ("text", "family", "given", "prefix", "suffix")
_ADDRESS: Final = (
    "text",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
)


def of(kind: str, data_type: str) -> Digest:
    """Return how values of a data type are filed for a kind of parameter."""
    return _BY_TYPE.get((kind, data_type)) or _BY_KIND[kind]


def is_object(data_type: str) -> bool:
    """Say whether values of a data type are JSON objects."""
    return data_type[:1].isupper()


def paired(pair: Pair, at: Callable[[Any, Path], Iterator[Any]]) -> Digest:
    """Return how a code and a value of the same repetition are filed together."""
    kind = "quantity" if pair.value.type == "Quantity" else "token"
    value_of = of(kind, pair.value.type)

    def digest(node: Any, digests: Digests) -> Iterator[bytes]:  # noqa: ANN401 (JSON)
        codes = [each for c in at(node, pair.code) for each in concept(c, digests)]
        found = [each for v in at(node, pair.value) for each in value_of(v, digests)]
        for code, value in product(codes, found):
            yield joined(code, digests) + value

    return digest


def joined(code: bytes, digests: Digests) -> bytes:
    """Return the 16 bytes of a code that a value follows."""
    return digests.keyed("joined", code.hex())


def folded(text: str) -> str:
    """Return a text as far as it matters: without case, accents and more blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def concept(value: Any, digests: Digests) -> list[bytes]:  # noqa: ANN401 (JSON)
    """Give the digests of a CodeableConcept."""
    codings = value.get("coding")
    found: list[bytes] = []
    if isinstance(codings, list):
        for each in codings:
            if isinstance(each, dict):
                found += _coded(each.get("system"), each.get("code"), digests)
    return found


def _coded(system: object, code: object, digests: Digests) -> tuple[bytes, ...]:
    """Give two: `system|code`, which begins as `system|` does, and `code`."""
    if not isinstance(code, str):
        return ()
    known = system if isinstance(system, str) else ""
    return digests.coded(known, code), digests.word(code)


def _coding(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    return _coded(value.get("system"), value.get("code"), digests)


def _identifier(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    return _coded(value.get("system"), value.get("value"), digests)


def _contact(value: Any, digests: Digests) -> Iterator[bytes]:  # noqa: ANN401 (JSON)
    if isinstance(value.get("value"), str):
        yield digests.word(value["value"])


def _word(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    text = str(value)
    return (digests.word(text.lower() if isinstance(value, bool) else text),)


def _present(_value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    return (digests.word("true"),)


def _reference(value: Any, digests: Digests) -> list[bytes]:  # noqa: ANN401 (JSON)
    found: list[bytes] = []
    text, logical = value.get("reference"), value.get("identifier")
    if isinstance(text, str) and not text.startswith("#"):
        current = text.partition("/_history/")[0]
        found.append(digests.word(current))
        if current != text:
            found.append(digests.word(text))
    if isinstance(logical, dict) and isinstance(logical.get("value"), str):
        system, code = string(logical, "system"), logical["value"]
        found.append(digests.word(f"identifier {system}|{code}"))
        found.append(digests.word(f"identifier {code}"))
    return found


def _canonical(value: Any, digests: Digests) -> Iterator[bytes]:  # noqa: ANN401 (JSON)
    current = str(value).partition("|")[0]
    yield digests.word(current)
    if current != value:
        yield digests.word(str(value))


def _text(value: Any, digests: Digests) -> Iterator[bytes]:  # noqa: ANN401 (JSON)
    yield digests.text(folded(str(value))[:START], str(value))


def _parts(names: tuple[str, ...]) -> Digest:
    def digest(value: Any, digests: Digests) -> Iterator[bytes]:  # noqa: ANN401 (JSON)
        for name in names:
            for each in (string(value, name), *strings(value, name)):
                if each:
                    yield from _text(each, digests)

    return digest


def _number(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ()
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return (digests.number(number),) if number.is_finite() else ()


def _quantity(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    """Give one: the number, then tags of system and code, of code, and of unit.

    Money has a currency, which is a code of ISO 4217 (search.html#quantity).
    """
    system, code = value.get("system", ""), value.get("code", "")
    if "currency" in value:
        system, code = "urn:iso:std:iso:4217", value["currency"]
    tags = digests.tags(str(system), str(code), str(value.get("unit", code)))
    return [number + tags for number in _number(value.get("value"), digests)]


def private_date(value: Any, digests: Digests) -> Iterable[bytes]:  # noqa: ANN401 (JSON)
    """Give the digest of a person's date; a time of day is not filed."""
    return (digests.trail(ranges.of_date(str(value)[:10])),)


_BY_KIND: Final[dict[str, Digest]] = {
    "token": _word,
    "reference": _reference,
    "string": _text,
    "quantity": _quantity,
    "number": _number,
    "uri": _canonical,
}
_BY_TYPE: Final[dict[tuple[str, str], Digest]] = {
    ("token", "CodeableConcept"): concept,
    ("token", "Coding"): _coding,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact,
    ("token", "present"): _present,
    ("reference", "canonical"): _canonical,
    ("reference", "uri"): _canonical,
    ("string", "HumanName"): _parts(_NAME),
    ("string", "Address"): _parts(_ADDRESS),
}
