"""Hashes by which a clinician's signature finds the rules that it is of."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import cache

from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import CATALOGUE, RULES_VERSION
from domain.floor.concepts import Concept
from domain.floor.rule import Rule
from domain.ruled import NO_SITE_RULES, SiteRules


def of_site(site: SiteRules) -> str:
    """Return the SHA-256 of a site's rules, in hex; "" where it has none."""
    return "" if site == NO_SITE_RULES else _sha256(asdict(site))


@cache  # each case asks for the same
def of_catalogue(site: SiteRules) -> str:
    """Return the SHA-256, in hex, of all that a clinician reads before signing.

    That is the version, every rule, every concept with its words and codes, and what
    the site adds. The program's code is not in it: whoever changes what a rule does
    raises the version.
    """
    return catalogue(RULES_VERSION, CATALOGUE, CONCEPTS, site)


def catalogue(
    version: str,
    rules: Iterable[Rule],
    concepts: Iterable[Concept],
    site: SiteRules,
) -> str:
    """Return the SHA-256 of these rules; their order is nothing."""
    return _sha256(
        {
            "version": version,
            "rules": [asdict(each) for each in sorted(rules, key=_rule)],
            "concepts": [asdict(each) for each in sorted(concepts, key=_concept)],
            "site": asdict(site),
        }
    )


def _rule(rule: Rule) -> str:
    return rule.rule


def _concept(concept: Concept) -> str:
    return concept.name


def _sha256(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal | datetime):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a catalogue.")
