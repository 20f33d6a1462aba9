"""Where figures come from: outcomes by level, absent inputs, rules, single cases."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.values import Fired
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import OUTCOMES
from gateway.evaluation.figures import Judged
from inference.metrics import LEVELS, Proportion, proportion

_EMERGENCY = 2
_CALM = 4


@dataclass(frozen=True, kw_only=True)
class Level:
    """What became of the cases that were given a level."""

    level: int
    total: int
    outcomes: dict[str, Proportion | None]


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """How often the model's level was one that the reference allows."""

    stated: str
    right: Proportion | None


@dataclass(frozen=True, kw_only=True)
class Absence:
    """What the lack of an input did; `decided` by a rule that is about the lack."""

    name: str
    missing: int
    decided: int
    under_without: Proportion | None
    under_with: Proportion | None


@dataclass(frozen=True, kw_only=True)
class RuleUse:
    """How often a rule fired, and where it alone set the level: right, over, under."""

    rule: str
    fired: int
    alone: int
    right: int
    over: int
    under: int


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A case given 4 or 5 whose reference is 1 or 2; `silent` rules fired elsewhere."""

    id: str
    label: str
    level: int
    fired: tuple[Fired, ...]
    silent: tuple[str, ...]
    missing: tuple[str, ...]


def calibration(judged: Sequence[Judged], assessor: Assessor) -> list[Level]:
    """Return, for each level, the share of cases that had each outcome."""
    found = []
    for level in range(1, LEVELS + 1):
        given = [e for e in judged if e.prediction.level(assessor) == level]
        outcomes = {name: _share(given, name) for name in OUTCOMES}
        found.append(Level(level=level, total=len(given), outcomes=outcomes))
    return found


def confidence(judged: Iterable[Judged]) -> list[Confidence]:
    """Return, for each confidence that the model stated, how often it was right."""
    said: dict[str, list[bool]] = {"high": [], "medium": [], "low": []}
    for each in judged:
        pair, answered = each.truth_and(Assessor.MODEL), each.prediction.answered
        if pair and answered:
            wrong = pair[0].under(pair[1]) or pair[0].over(pair[1])
            said.setdefault(answered.confidence, []).append(not wrong)
    return [
        Confidence(stated=stated, right=proportion(right))
        for stated, right in said.items()
    ]


def absences(judged: Sequence[Judged], assessor: Assessor) -> list[Absence]:
    """Return what lacked most often, and under-triage with and without it."""
    lacked = Counter(name for each in judged for name in each.prediction.floor.missing)
    return [
        Absence(
            name=name,
            missing=count,
            decided=sum(_for_lack(each.prediction, name) for each in judged),
            under_without=_under(judged, assessor, name, lacking=True),
            under_with=_under(judged, assessor, name, lacking=False),
        )
        for name, count in lacked.most_common()
    ]


def rules(judged: Sequence[Judged]) -> list[RuleUse]:
    """Return every rule that fired, the most frequent first."""
    fired = Counter(rule for e in judged for rule in _names(e.prediction.floor.fired))
    alone: dict[str, list[Judged]] = {rule: [] for rule in fired}
    for each in judged:
        deciding = _deciding(each.prediction)
        if len(deciding) == 1:
            alone[deciding.pop()].append(each)
    return [
        RuleUse(
            rule=rule, fired=count, alone=len(alone[rule]), **_verdicts(alone[rule])
        )
        for rule, count in fired.most_common()
    ]


def missed(judged: Sequence[Judged], assessor: Assessor) -> list[Missed]:
    """Return every strict under-triage, with what fired and what did not."""
    every = {rule for e in judged for rule in _names(e.prediction.floor.fired)}
    found = []
    for each in judged:
        pair = each.truth_and(assessor)
        if pair is None or not pair[0].surely_within(_EMERGENCY) or pair[1] < _CALM:
            continue
        floor = each.prediction.floor
        found.append(
            Missed(
                id=each.labelled.id,
                label=_label(pair[0].most_urgent, pair[0].least_urgent),
                level=pair[1],
                fired=floor.fired,
                silent=tuple(sorted(every - _names(floor.fired))),
                missing=floor.missing,
            )
        )
    return found


def _label(most: int, least: int) -> str:
    return str(most) if most == least else f"{most}-{least}"


def _names(fired: Iterable[Fired]) -> set[str]:
    return {each.rule for each in fired}


def _deciding(prediction: Prediction) -> set[str]:
    floor = prediction.floor
    return {each.rule for each in floor.fired if each.acuity == floor.acuity}


def _for_lack(prediction: Prediction, name: str) -> bool:
    deciding = _deciding(prediction)
    family = all(rule.startswith("baseline.") for rule in deciding)
    return family and name in prediction.floor.missing


def _share(judged: Iterable[Judged], outcome: str) -> Proportion | None:
    known = (each.labelled.outcomes for each in judged)
    return proportion(outcomes[outcome] for outcomes in known if outcome in outcomes)


def _under(
    judged: Iterable[Judged], assessor: Assessor, name: str, *, lacking: bool
) -> Proportion | None:
    kept = (e for e in judged if (name in e.prediction.floor.missing) is lacking)
    pairs = (pair for each in kept if (pair := each.truth_and(assessor)))
    return proportion(truth.under(level) for truth, level in pairs)


def _verdicts(judged: Iterable[Judged]) -> dict[str, int]:
    pairs = [pair for each in judged if (pair := each.truth_and(Assessor.FLOOR))]
    over = sum(truth.over(level) for truth, level in pairs)
    under = sum(truth.under(level) for truth, level in pairs)
    return {"right": len(pairs) - over - under, "over": over, "under": under}
