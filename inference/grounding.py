"""What every claim of a model must rest on: pure, one short function each.

Each check gets the claim and what the model had seen, and returns what it found, in
words that repeat neither the model's nor the patient's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.answers import PassageShown, Reason
from domain.values import Reference
from inference.agreement import comparisons_hold, names_agree, units_agree
from inference.contract import quotes_of
from inference.lexicon import conditions_asserted, conditions_named
from inference.plain import comparable
from inference.quantities import numbers
from inference.vocabulary import (
    bears_on,
    found,
    shared_words,
    telling,
    unknown_words,
)


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
    if all(_quoted(e.quote) in _text(seen, e.passage) for e in reason.evidence):
        return None
    return "it quotes words that the passage does not hold"


def quotes_whole_sentences(reason: Reason, seen: Seen) -> str | None:
    """Refuse a part of a sentence, which may lack the word that turns its meaning.

    Refuse, too, a sentence that no claim may show, although a document holds it.
    """
    if all(_quoted(e.quote) in _sentences(seen, e.passage) for e in reason.evidence):
        return None
    return "its quote is no whole sentence that may be shown"


def quotes_to_the_point(reason: Reason, seen: Seen) -> str | None:  # noqa: ARG001 (one shape for all checks)
    """Refuse a quote that does not bear on the claim it is to support."""
    if all(bears_on(evidence.quote, reason.text) for evidence in reason.evidence):
        return None
    return "its quote does not speak of what it says"


def uses_only_known_numbers(reason: Reason, seen: Seen) -> str | None:
    """Refuse a number that is neither in the case nor in the quote."""
    if numbers(reason.text) <= numbers(all_said(seen.facts, *_quotes(reason))):
        return None
    return "it states a number that is in neither the case nor the quote"


def agrees_with_the_fact(reason: Reason, seen: Seen) -> str | None:
    """Refuse a number that stands in the case, but not in the facts that are cited.

    Refuse it, too, with another unit, for another vital sign, or on the wrong side of
    a limit.
    """
    ground, facts = _ground(reason, seen), all_said(_cited(reason, seen))
    agrees = (
        numbers(reason.text) <= numbers(ground)
        and units_agree(reason.text, ground)
        and names_agree(reason.text, facts, _quotes(reason))
        and comparisons_hold(reason.text, facts, _quotes(reason))
    )
    return None if agrees else "its numbers are not those of the facts that it cites"


def speaks_of_what_it_cites(reason: Reason, seen: Seen) -> str | None:
    """Refuse a claim of which less than half stands in what it rests on.

    Compared are the stems of its telling words: crude, and meant to strip the fluent
    inventions of a model rather than to understand a sentence.
    """
    said, shared = (
        telling(reason.text),
        shared_words(reason.text, _ground(reason, seen)),
    )
    if said and 2 * len(shared) >= len(said):
        return None
    return "it does not speak of what it cites"


def uses_only_known_words(reason: Reason, seen: Seen) -> str | None:
    """Refuse a word that is in neither case nor quote and does not join them."""
    if not unknown_words(reason.text, all_said(seen.facts, *_quotes(reason))):
        return None
    return "it uses words that are in neither the case nor the quote"


def tells_what_was_found(reason: Reason, seen: Seen) -> str | None:
    """Refuse a finding that only the quote speaks of: a guideline examined nobody."""
    if not unknown_words(found(reason.text), all_said(seen.facts)):
        return None
    return "it tells of a finding that the case does not hold"


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
    ("whole-quote", quotes_whole_sentences),
    ("relevant-quote", quotes_to_the_point),
    ("known-numbers", uses_only_known_numbers),
    ("agreeing-numbers", agrees_with_the_fact),
    ("related-evidence", speaks_of_what_it_cites),
    ("known-conditions", names_known_conditions),
    ("no-diagnosis", asserts_no_diagnosis),
)
LAST_CHECKS: tuple[tuple[str, Callable[[Reason, Seen], str | None]], ...] = (
    ("known-words", uses_only_known_words),
    ("found-in-case", tells_what_was_found),
)
"""Made after the wording was judged: they catch what no list of words foresees."""


def all_said(facts: dict[str, str], *more: str) -> str:
    """Return facts and further texts as one."""
    return " ; ".join([*facts.values(), *more])


def _quoted(quote: str) -> str:
    """Return a quote as it is looked for; nothing at all is in no passage."""
    return comparable(quote) or "\0"


def _text(seen: Seen, label: str) -> str:
    return comparable(seen.passages[label].text)


def _sentences(seen: Seen, label: str) -> frozenset[str]:
    return frozenset(map(comparable, quotes_of(seen.passages[label])))


def _quotes(reason: Reason) -> list[str]:
    return [evidence.quote for evidence in reason.evidence]


def _cited(reason: Reason, seen: Seen) -> dict[str, str]:
    return {name: seen.facts.get(name, "") for name in ("P1", *reason.case_refs)}


def _ground(reason: Reason, seen: Seen) -> str:
    """Return what a claim rests on: the person, the facts and the quotes it cites."""
    return all_said(_cited(reason, seen), *_quotes(reason))
