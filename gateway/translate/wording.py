"""The sentences of an assessment. Whose words they are is said beside them."""

from domain.answers import Draft
from domain.assessment import Assessment
from domain.values import Acuity, Floor

_DISCLAIMER = "Proposed by software that is not a medical device."
_SHADOW = "[Model in shadow: for comparison only, its acuity does not count] "
_MODEL = "[Model] "


def named(acuity: Acuity) -> str:
    """Return an acuity as nurses read it."""
    return f"acuity {int(acuity)} of 5 ({acuity.name.replace('_', '-').lower()})"


def disclaimer(state: Assessment) -> str:
    """Say what proposed this, and whether a nurse has looked."""
    if state.reviewed:
        return f"{_DISCLAIMER} A nurse has reviewed it."
    return f"{_DISCLAIMER} It waits for a nurse, who decides."


def summary(state: Assessment) -> str:
    """Return the assessment in one paragraph."""
    if state.floor is None or state.acuity is None:
        return "Not assessed yet."
    floor = f"The rules demand at least {named(state.floor.acuity)}."
    sentences = (floor, *_earlier(state), model_sentence(state))
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
    shadow = state.run is not None and state.run.shadow
    counts = "in shadow, so this does not count" if shadow else "may only raise"
    return f"The language model {said} ({counts})."


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
    return [*missing, *doubts, *_model_words(state)]


def task_description(state: Assessment) -> str:
    """Return the Task in one line of a worklist."""
    if state.acuity is None or state.floor is None:
        return "Review a triage assessment."
    incomplete = "" if state.floor.complete else " Data are incomplete."
    return (
        f"Review a triage assessment: proposed {named(state.acuity)}.{incomplete} "
        f"{model_sentence(state)}"
    )


def _model_words(state: Assessment) -> list[str]:
    if state.draft is None:
        return []
    shadow = state.run is not None and state.run.shadow
    prefix = _SHADOW if shadow else _MODEL
    return [prefix + sentence for sentence in _sentences(state.draft)]


def _sentences(draft: Draft) -> list[str]:
    reasons = [
        reason.text
        + "".join(
            f' Evidence {each.passage}: "{each.quote}"' for each in reason.evidence
        )
        for reason in draft.reasons
    ]
    questions = [f"To ask: {each.text} {each.why}".strip() for each in draft.questions]
    actions = [f"Suggested: {each}." for each in draft.actions]
    return [*reasons, *questions, *actions, f"Its confidence: {draft.confidence}."]
