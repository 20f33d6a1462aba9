"""What every claim of a model must rest on: pure, one short function each.

Each check gets the claim and what the model had seen, and returns what it found, in
words that repeat neither the model's nor the patient's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.answers import Evidence, PassageShown, Reason
from domain.values import Reference
from inference.plain import comparable, content_words, numbers
from inference.wording import conditions_asserted, conditions_named


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the model was shown, under the names by which it may cite it."""

    facts: dict[str, str]
    sources: dict[str, Reference]
    passages: dict[str, PassageShown]
    mark: str


def refers_to_the_case(reason: Reason, seen: Seen) -> str | None:
    """Refuse a claim that rests on no fact of the case, or on one not shown."""
    if reason.case_refs and set(reason.case_refs) <= seen.facts.keys():
        return None
    return "it does not rest on a fact of the case"


def cites_what_it_saw(reason: Reason, seen: Seen) -> str | None:
    """Refuse invented sources, and a claim without any where passages were shown."""
    cited = {evidence.passage for evidence in reason.evidence}
    if cited <= seen.passages.keys() and (cited or not seen.passages):
        return None
    return "it does not cite a passage that was shown"


def quotes_verbatim(reason: Reason, seen: Seen) -> str | None:
    """Refuse a quote that is not, letter by letter, in the passage it names."""
    if all(_is_in(evidence, seen) for evidence in reason.evidence):
        return None
    return "it quotes words that the passage does not hold"


def uses_only_known_numbers(reason: Reason, seen: Seen) -> str | None:
    """Refuse a number that is neither in the case nor in the quote."""
    if numbers(reason.text) <= numbers(all_said(seen.facts, *_quotes(reason))):
        return None
    return "it states a number that is in neither the case nor the quote"


def agrees_with_the_fact(reason: Reason, seen: Seen) -> str | None:
    """Refuse a number that stands in the case, but not in the facts that are cited."""
    if numbers(reason.text) <= numbers(_ground(reason, seen)):
        return None
    return "its numbers are not those of the facts that it cites"


def speaks_of_what_it_cites(reason: Reason, seen: Seen) -> str | None:
    """Refuse a claim of which less than half stands in what it rests on.

    Compared are the stems of its meaningful words: crude, and meant to strip the
    fluent inventions of a model rather than to understand a sentence.
    """
    said = content_words(reason.text)
    if said and 2 * len(said & content_words(_ground(reason, seen))) >= len(said):
        return None
    return "it does not speak of what it cites"


def names_known_conditions(reason: Reason, seen: Seen) -> str | None:
    """Refuse a disease that neither the case nor the quote speaks of."""
    known = conditions_named(all_said(seen.facts, *_quotes(reason)))
    if conditions_named(reason.text) <= known:
        return None
    return "it names a disease that is in neither the case nor the quote"


def asserts_no_diagnosis(reason: Reason, seen: Seen) -> str | None:
    """Refuse a disease stated as a fact, unless the record itself states it."""
    if conditions_asserted(reason.text) <= conditions_named(all_said(seen.facts)):
        return None
    return "it states a diagnosis as a fact"


CHECKS: tuple[tuple[str, Callable[[Reason, Seen], str | None]], ...] = (
    ("case-reference", refers_to_the_case),
    ("passage-shown", cites_what_it_saw),
    ("verbatim-quote", quotes_verbatim),
    ("known-numbers", uses_only_known_numbers),
    ("agreeing-numbers", agrees_with_the_fact),
    ("related-evidence", speaks_of_what_it_cites),
    ("known-conditions", names_known_conditions),
    ("no-diagnosis", asserts_no_diagnosis),
)


def _is_in(evidence: Evidence, seen: Seen) -> bool:
    quote = comparable(evidence.quote)
    return bool(quote) and quote in comparable(seen.passages[evidence.passage].text)


def _quotes(reason: Reason) -> list[str]:
    return [evidence.quote for evidence in reason.evidence]


def all_said(facts: dict[str, str], *more: str) -> str:
    """Return facts and further texts as one."""
    return " ; ".join([*facts.values(), *more])


def _ground(reason: Reason, seen: Seen) -> str:
    """Return what a claim rests on: the person, the facts and the quotes it cites."""
    cited = {name: seen.facts.get(name, "") for name in ("P1", *reason.case_refs)}
    return all_said(cited, *_quotes(reason))
