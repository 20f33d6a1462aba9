"""What a searched value looks like in the index: digests, and ranges of digests.

Each value is filed as `filing` says. (https://hl7.org/fhir/R4/search.html#ptypes)
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from fhir_profiles.release import resource_types
from fhir_profiles.search_parameters import SearchParameter, is_coded
from gateway.projections import filing, magnitudes
from gateway.projections.asking import SearchError, plain, split
from gateway.projections.digests import STEP, TAG, Digests, after
from gateway.projections.ranges import UNITS


class Needle(NamedTuple):
    """A digest, or those from `low` up to `until`, with a tag at an offset."""

    low: bytes
    until: bytes | None = None
    offset: int = 0
    tag: bytes = b""


class Asked(NamedTuple):
    """One value that a parameter is asked for, still with its escapes."""

    name: str
    parameter: SearchParameter
    modifier: str
    text: str


_TAGS: Final = UNITS * STEP  # where the tags of a quantity begin


def needles(asked: Asked, digests: Digests) -> Iterator[Needle]:
    """Give what to look for; nothing where nothing can match.

    Raises:
        SearchError: a modifier or value that this kind of parameter does not take.

    """
    kind = asked.parameter.kind
    if asked.modifier and not _takes(kind, asked.modifier):
        known = _MODIFIERS.get(kind, ())
        listed = ", ".join(f"':{each}'" for each in ("missing", *known))
        raise SearchError(
            asked.name,
            f"This modifier is not supported; for a {kind} these are: {listed}.",
        )
    yield from _KINDS[kind](asked, digests)


def _takes(kind: str, modifier: str) -> bool:
    typed = kind == "reference" and modifier in resource_types()
    return typed or modifier in _MODIFIERS.get(kind, ())


_MODIFIERS: Final[dict[str, tuple[str, ...]]] = {
    "token": ("not",),
    "reference": ("identifier", "[type]"),
    "string": ("exact",),
}


def _token(asked: Asked, digests: Digests) -> Iterator[Needle]:
    system, *rest = split(asked.text, "|")
    if not rest:
        yield Needle(digests.word(plain(system)))
        return
    system, code = plain(system), plain("|".join(rest))
    if asked.parameter.is_code:
        yield from _code(asked, system, code, digests)
    elif code:
        yield Needle(digests.coded(system, code))
    else:
        yield _beginning(digests.system(system))


def _code(asked: Asked, system: str, code: str, digests: Digests) -> Iterator[Needle]:
    """Give a code whose system goes without saying (search.html#token)."""
    if not code:
        raise SearchError(asked.name, "Send the code, too: all are of one system here.")
    if not system or is_coded(system, code):
        yield Needle(digests.word(code))


def _reference(asked: Asked, digests: Digests) -> Iterator[Needle]:
    text, targets = plain(asked.text), asked.parameter.targets
    if asked.modifier == "identifier":
        yield Needle(digests.word(f"identifier {text}"))
    elif asked.modifier:
        yield Needle(digests.word(f"{asked.modifier}/{text.rpartition('/')[2]}"))
    elif "/" in text or ":" in text:
        kind = text.partition("/")[0]
        if kind not in resource_types() or not targets or kind in targets:
            yield Needle(digests.word(text))
    else:
        for kind in targets or sorted(resource_types()):
            yield Needle(digests.word(f"{kind}/{text}"))


def _string(asked: Asked, digests: Digests) -> Iterator[Needle]:
    text = plain(asked.text)
    start = filing.folded(text)
    if asked.modifier == "exact":
        yield Needle(digests.text(start[: filing.START], text))
        return
    if len(start) > filing.START or not start:
        raise SearchError(
            asked.name,
            f"Send 1 to {filing.START} characters of the text's start, or all of it "
            "with ':exact'.",
        )
    yield _beginning(digests.trail(start))


def _uri(asked: Asked, digests: Digests) -> Iterator[Needle]:
    yield Needle(digests.word(plain(asked.text)))


def _number(asked: Asked, digests: Digests) -> Iterator[Needle]:
    for units in magnitudes.numbers(asked.name, plain(asked.text)):
        yield _beginning(digests.trail(units))


def _quantity(asked: Asked, digests: Digests) -> Iterator[Needle]:
    parts = [plain(part) for part in split(asked.text, "|")]
    if len(parts) not in (1, 3):
        raise SearchError(
            asked.name, "Send a number, number|system|code, or number||unit."
        )
    number, system, code = [*parts, "", ""][:3]
    tags = _tags(system, code, digests)
    for units in magnitudes.numbers(asked.name, number):
        for offset, tag in tags:
            yield _beginning(digests.trail(units))._replace(offset=offset, tag=tag)


def _tags(system: str, code: str, digests: Digests) -> list[tuple[int, bytes]]:
    """Return where a unit's tag has to be; `||mg` is a code or a name of a unit."""
    if system:
        return [(_TAGS, digests.tag(system, code))]
    if code:
        tag = digests.tag(code)
        return [(_TAGS + TAG, tag), (_TAGS + 2 * TAG, tag)]
    return [(0, b"")]


def _private_date(asked: Asked, digests: Digests) -> Iterator[Needle]:
    for units in magnitudes.dates(asked.name, plain(asked.text)):
        yield _beginning(digests.trail(units))


def _pair(asked: Asked, digests: Digests) -> Iterator[Needle]:
    """Give a code and a value that were filed together."""
    pair = asked.parameter.pair
    kind = "quantity" if pair and pair.value.type == "Quantity" else "token"
    code, value = pair_of(asked)
    for first in _token(asked._replace(text=code), digests):
        if first.until is not None:
            raise SearchError(asked.name, "Send the code, too, not its system alone.")
        start = filing.joined(first.low, digests)
        for each in _KINDS[kind](asked._replace(text=value), digests):
            yield Needle(
                start + each.low,
                None if each.until is None else start + each.until,
                each.offset + len(start) if each.tag else 0,
                each.tag,
            )


def pair_of(asked: Asked) -> tuple[str, str]:
    """Return the code and the value of a composite, `code$value`.

    Raises:
        SearchError: they are not two.

    """
    parts = split(asked.text, "$")
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 (a pair)
        raise SearchError(asked.name, "Send a code and a value as code$value.")
    return parts[0], parts[1]


def _beginning(prefix: bytes) -> Needle:
    return Needle(prefix, after(prefix))


_KINDS: Final[dict[str, Callable[[Asked, Digests], Iterator[Needle]]]] = {
    "token": _token,
    "reference": _reference,
    "string": _string,
    "uri": _uri,
    "number": _number,
    "quantity": _quantity,
    "date": _private_date,
    "composite": _pair,
}
