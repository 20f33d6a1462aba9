"""The level where no rule demands more: unknown is never normal."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from domain.floor import clock, normal, quality
from domain.floor.readings import Reading, Readings, sources
from domain.floor.rule import Rule
from domain.floor.understanding import understood
from domain.values import Acuity, Fired, VitalName

CITATION = "ESI handbook v5 (ENA 2023): no level without an assessment and vital signs"
FAMILY = "What is not known"
_MINUTES = clock.REASSURING // timedelta(minutes=1)

V = VitalName
THREE, FOUR, FIVE = Acuity.URGENT, Acuity.LESS_URGENT, Acuity.NON_URGENT


def _rule(
    rule: str, acuity: Acuity, says: str, why: str, citation: str = CITATION
) -> Rule:
    return Rule(
        rule=f"baseline.{rule}",
        family=FAMILY,
        acuities=(acuity,),
        says=says,
        why=why,
        citation=citation,
    )


NO_VITALS = _rule(
    *("no-vitals", THREE, "No vital sign is known."),
    "ESI gives no level without vital signs; who was not measured may be very ill.",
)
UNREAD = _rule(
    *("unread-vital", THREE, "A vital sign was measured, but no value can be used."),
    "The value that nobody can read may have been the alarming one.",
)
NO_COMPLAINT = _rule(
    *("no-complaint", THREE, "Nobody said why the patient came."),
    "Without a complaint no danger in it can be excluded.",
)
NOT_UNDERSTOOD = _rule(
    *("not-understood", THREE, "A complaint in which no rule knows any word."),
    "Less urgent than 3 must not be the answer to words that were not understood; what "
    "is known to be minor is listed, and everything else may be grave.",
)
INCOMPLETE = _rule(
    *("incomplete", FOUR, "Something that an assessment needs is missing."),
    "Unknown is not normal: the least urgent level needs everything known. A normal "
    f"value counts as missing after {_MINUTES} minutes.",
    f"{CITATION}; {clock.CITATION}",
)
DOUBTFUL = _rule(
    *("doubtful", FOUR, "Some data contradict each other or cannot be judged."),
    "The least urgent level needs data that nobody doubts.",
)
NOT_NORMAL = _rule(
    *("not-quite-normal", FOUR, "A vital sign is not normal, but below every limit."),
    "It is measured again before the patient may be the last to be seen.",
    normal.CITATION,
)
ALL_NORMAL = _rule(
    *("all-normal", FIVE, "All vital signs are known and normal; no rule applies."),
    "Nothing that was told or measured asks for more.",
    normal.CITATION,
)

CATALOGUE: tuple[Rule, ...] = (
    *(NO_VITALS, UNREAD, NO_COMPLAINT, NOT_UNDERSTOOD),
    *(INCOMPLETE, DOUBTFUL, NOT_NORMAL, ALL_NORMAL),
)


def always(readings: Readings) -> Iterator[Fired]:
    """Fire where there is nothing to go by, or what nobody could read."""
    measured = [n for n in quality.CORE if readings.every(n)]
    if not measured and not readings.every(V.GLASGOW_COMA_SCALE):
        yield _fired(NO_VITALS, "No vitals: never below 3.")
    lost = sorted(n for n in readings.unusable if n in quality.CORE)
    unread = [
        name for name in lost if not any(r.reassures for r in readings.current(name))
    ]
    if unread:
        names = ", ".join(unread)
        yield _fired(
            UNREAD, f"Measured but not usable: {names}. It may have been alarming."
        )
    if not readings.each_told:
        yield _fired(NO_COMPLAINT, NO_COMPLAINT.says)


def default(
    readings: Readings, *, missing: tuple[str, ...], doubts: tuple[str, ...]
) -> Fired:
    """Return the level of a case in which nothing else fired, and why."""
    odd = normal.abnormal(readings)
    if not understood(readings):
        return _fired(NOT_UNDERSTOOD, NOT_UNDERSTOOD.says, odd)
    if missing:
        return _fired(INCOMPLETE, f"Not known: {', '.join(missing)}.")
    if doubts:
        return _fired(DOUBTFUL, "Some data are in doubt.")
    if odd:
        names = ", ".join(sorted({str(r.name) for r in odd}))
        return _fired(
            NOT_NORMAL, f"Outside the normal range, below every limit: {names}.", odd
        )
    found = [r for name in V for r in readings.current(name)]
    return _fired(ALL_NORMAL, ALL_NORMAL.says, found)


def _fired(rule: Rule, sentence: str, found: Iterable[Reading] = ()) -> Fired:
    return Fired(
        rule=rule.rule,
        acuity=rule.acuities[0],
        sentence=sentence,
        citation=rule.citation,
        sources=sources(found),
    )
