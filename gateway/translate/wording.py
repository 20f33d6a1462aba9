"""The sentences of an assessment. Whose words they are is said beside them."""

from types import MappingProxyType
from typing import Final

from domain.answers import Draft, ModelRun
from domain.assessment import Assessment
from domain.assessment.escalation import is_overdue
from domain.assessment.queueing import counts, disagrees
from domain.ruled import Standing
from domain.values import Acuity, Floor
from gateway.translate import scaled

_DISCLAIMER = "Proposed by software that is not a medical device."
_SHADOW = "[Model in shadow: for comparison only, its acuity does not count] "
_MODEL = "[Model] "
_RECALLED: Final = MappingProxyType(
    {
        "model": "the language model",
        "adapter": "the model adapter",
        "prompt": "version or text of the prompt",
        "passage": "the knowledge passage",
        "index": "the knowledge index",
        "input": "the record",
        "rules": "the rules of version",
        "schema": "the answer format",
    }
)


def named(acuity: Acuity) -> str:
    """Return an acuity as nurses read it."""
    return f"acuity {int(acuity)} of 5 ({acuity.name.replace('_', '-').lower()})"


def disclaimer(state: Assessment) -> str:
    """Say what proposed this, and whether a nurse has looked."""
    rules = f" {signed(state.standing)}" if state.floor else ""
    if state.reviewed:
        return f"{_DISCLAIMER}{rules} A nurse has reviewed it."
    return f"{_DISCLAIMER}{rules} It waits for a nurse, who decides."


def signed(standing: Standing) -> str:
    """Say which clinician signed the rules, or that none did."""
    signature = standing.signature
    if signature is None:
        return "Its rules are not signed by a clinician."
    register = f", {signature.registration}" if signature.registration else ""
    who = f"{signature.by} ({signature.role}{register})"
    if standing.signed:
        return f"Its rules were signed by {who} on {signature.at:%Y-%m-%d}."
    return (
        "Its rules are not signed by a clinician: they changed since "
        f"{who} signed on {signature.at:%Y-%m-%d}."
    )


def rules(floor: Floor, standing: Standing) -> str:
    """Say which rules they were, and who signed them."""
    catalogue = f", catalogue {standing.catalogue}" if standing.catalogue else ""
    site = ", with the site's own" if standing.site else ""
    return f"Rules {floor.rules}{catalogue}{site}. {signed(standing)}"


def overdue(state: Assessment) -> str:
    """Say since when nobody takes the Task; "" where that is not so."""
    late = state.task.overdue
    if late is None or not is_overdue(state):
        return ""
    return f"Overdue since {late.due:%Y-%m-%d %H:%M} UTC: no nurse has taken it."


def summary(state: Assessment) -> str:
    """Return the assessment in one paragraph."""
    if state.floor is None or state.acuity is None:
        return "Not assessed yet."
    floor = f"The rules demand at least {named(state.floor.acuity)}."
    sentences = (floor, *_earlier(state), *_model(state))
    return f"Proposed: {named(state.acuity)}. {' '.join(sentences)}"


def _earlier(state: Assessment) -> tuple[str, ...]:
    """Say that a raise on earlier data stands while the model is silent."""
    if state.raised is None:
        return ()
    level = named(state.raised.acuity)
    return (f"On earlier data the language model raised it to {level}; that stands.",)


def model_sentence(state: Assessment) -> str:
    """Say what the model contributed, and what it did not."""
    if state.answered < state.revision:
        return "The language model has not answered yet."
    if state.draft is None:
        reasons = "; ".join(state.withheld)
        return (
            f"No model answer is shown ({reasons}): the rules stand alone. "
            "Please look at the patient yourself."
        )
    said = (
        "could not assess"
        if state.draft.acuity is None
        else f"says {named(state.draft.acuity)}"
    )
    return f"The language model {said} ({_weight(state)})."


def _weight(state: Assessment) -> str:
    """Say whether the model counts, and why it does not."""
    if state.run is None or not state.run.shadow:
        return "may only raise"
    why = f": {state.run.shadow_why}" if state.run.shadow_why else ""
    return f"in shadow, so this does not count{why}"


def disagreement(state: Assessment) -> str:
    """Say how far rules and model are apart; "" where that is less than two levels."""
    if not disagrees(state) or not state.floor or not state.draft:
        return ""
    floor, model = state.floor.acuity, state.draft.acuity
    first = " Please look here first." if counts(state) else ""
    return (
        f"Rules and language model disagree: {int(floor)} and {int(model or 0)} of 5."
        f"{first}"
    )


def alarm(state: Assessment) -> str:
    """Say that the model raises more often than it should; "" where it does not."""
    if state.alarm is None:
        return ""
    often = f"{state.alarm.raised} of the last {state.alarm.answered} cases"
    return (
        f"The language model made {often} more urgent, more than "
        f"{state.alarm.limit:.0%}: its raises count all the same, and may be false."
    )


def _model(state: Assessment) -> tuple[str, ...]:
    said = (model_sentence(state), disagreement(state), alarm(state))
    return tuple(filter(None, said))


def findings(floor: Floor) -> list[str]:
    """Return what the rules found, most urgent first."""
    return [f"{each.sentence} [{each.rule}]" for each in floor.fired]


def remarks(state: Assessment) -> list[str]:
    """Return what the nurse should know beside the findings."""
    floor = state.floor
    missing = (
        [f"Missing, and not taken as normal: {', '.join(floor.missing)}."]
        if floor and floor.missing
        else []
    )
    doubts = [f"Please check: {doubt}" for doubt in floor.doubts] if floor else []
    return [*missing, *doubts, *_flagged(state), *_model_words(state)]


def recalled(state: Assessment) -> str:
    """Say what of the assessment was recalled, and what the nurse shall do; "" else."""
    again = "review it again" if state.again else "keep that in mind as you review it"
    return " ".join(
        f"This assessment used {_and(each.matched)}, which was recalled "
        f"({each.reason}): please {again}."
        for each in state.recalled
    )


def _and(matched: tuple[tuple[str, str], ...]) -> str:
    return " with ".join(
        f"{_RECALLED.get(kind, kind)} {value}" for kind, value in matched
    )


def task_description(state: Assessment) -> str:
    """Return the Task in one line of a worklist."""
    if state.acuity is None or state.floor is None:
        return "Review a triage assessment."
    said = filter(None, (overdue(state), recalled(state)))
    first = "".join(f"{each} " for each in said)
    incomplete = "" if state.floor.complete else " Data are incomplete."
    return (
        f"{first}Review a triage assessment: proposed {named(state.acuity)}"
        f"{_elsewhere(state)}.{incomplete} {_decided(state)}{' '.join(_model(state))} "
        f"{signed(state.standing)}"
    )


def _elsewhere(state: Assessment) -> str:
    """Name the level as the site's own scale does."""
    if state.acuity is None or not state.standing.scale:
        return ""
    return f" [{scaled.here(state.standing.scale, state.acuity)}]"


def _decided(state: Assessment) -> str:
    """Say what a nurse decided before, where another look is asked for."""
    if state.again is None or state.review is None:
        return ""
    return f"A nurse decided {named(state.review.acuity)}. "


def _model_words(state: Assessment) -> list[str]:
    if state.draft is None:
        return []
    shadow = state.run is not None and state.run.shadow
    prefix = _SHADOW if shadow else _MODEL
    return [prefix + sentence for sentence in _sentences(state.draft, state.run)]


def _flagged(state: Assessment) -> list[str]:
    """Name the texts of the record that read as if they were meant for software."""
    flags = state.run.flags if state.run else ()
    return [
        f"A text in {source} reads like words to software ({', '.join(kinds)}). It was "
        "treated as data, and the rules do not heed it: please read it yourself."
        for source in dict.fromkeys(each.source for each in flags)
        for kinds in [[each.kind for each in flags if each.source == source]]
    ]


def _sentences(draft: Draft, run: ModelRun | None) -> list[str]:
    sources = {each.id: each.source for each in run.passages} if run else {}
    reasons = [
        reason.text
        + "".join(
            f" Quoted from {sources.get(each.passage, 'a passage')} [{each.passage}]: "
            f'"{each.quote}"'
            for each in reason.evidence
        )
        for reason in draft.reasons
    ]
    questions = [f"To ask: {each.text} {each.why}".strip() for each in draft.questions]
    actions = [f"Suggested: {each}." for each in draft.actions]
    return [*reasons, *questions, *actions, f"Its confidence: {draft.confidence}."]
