"""The rules as one JSON document, for other programs."""

from collections.abc import Iterator
from typing import Any

from domain.floor.scales import SCALES, WORDS
from domain.values import Acuity
from gateway.rules.booklet import Booklet, Entry, Words


def document(booklet: Booklet) -> dict[str, Any]:
    """Return everything that the page shows."""
    return {
        "version": booklet.version,
        "catalogue": booklet.catalogue,
        "signed": booklet.signed,
        "signature": _signature(booklet),
        "rules": [
            _rule(entry, family.title)
            for family in booklet.families
            for entry in family.entries
        ],
        "concepts": [_words(each) for each in booklet.words],
        "minutes": dict(zip(map(int, Acuity), booklet.minutes, strict=True)),
        "scales": dict(_scales()),
    }


def _signature(booklet: Booklet) -> dict[str, str] | None:
    signature = booklet.signature
    if signature is None:
        return None
    return {
        "by": signature.by,
        "role": signature.role,
        "registration": signature.registration,
        "rules": signature.rules,
        "catalogue": signature.catalogue,
        "at": signature.at.isoformat(),
    }


def _rule(entry: Entry, family: str) -> dict[str, Any]:
    rule = entry.rule
    return {
        "rule": rule.rule,
        "family": family,
        "levels": sorted(map(int, rule.acuities)),
        "here": None if entry.here is None else int(entry.here),
        "says": rule.says,
        "why": rule.why,
        "citation": rule.citation,
        "ages": entry.ages,
        "thresholds": list(rule.thresholds),
        "concepts": list(entry.asks),
    }


def _words(words: Words) -> dict[str, Any]:
    return {
        "concept": words.concept,
        "phrases": list(words.phrases),
        "codes": list(words.codes),
        "here": list(words.here),
    }


def _scales() -> Iterator[tuple[str, dict[int, str]]]:
    for scale in SCALES:
        yield scale.name, {int(each): scale.level(each).name for each in Acuity}
    yield "words", {int(each): WORDS[each] for each in Acuity}
