"""What rules and model did to a case, as entries of its story."""

import re
from collections.abc import Iterator
from typing import Final

from domain.answers import NO_USAGE, Draft, GuardFired, ModelRun, PassageShown
from domain.assessment import Assessment
from domain.events import FloorAssessed, ImpressionProposed, ImpressionWithheld
from domain.values import Case, Fired
from gateway.audit import words
from gateway.audit.story import Block, Entry, Facts, Fold, Listing, Table, Teller
from gateway.store.records import Recorded
from gateway.translate import wording
from inference.parse import UnreadableDraft, parse

RULES: Final = "Safety rules"
MODEL: Final = "Language model"
UNRECORDED: Final = "not recorded"
_CLAIM: Final = re.compile(r"(Reason|Question) (\d{1,3}) ")


def floored(recorded: Recorded, event: FloorAssessed) -> Entry:
    """Tell what the rules demanded, every rule that fired, and what they looked at."""
    floor = event.floor
    blocks: list[Block] = [
        Facts(
            rows=(
                ("Level demanded", words.level(floor.acuity)),
                ("Revision of the data", str(event.revision)),
                ("Version of the rules", floor.rules),
                ("Their catalogue", event.standing.catalogue or UNRECORDED),
                ("Signature", wording.signed(event.standing)),
                ("Data complete", _completeness(floor.missing)),
            )
        ),
        Table(
            title="Rules that fired",
            columns=("Rule", "Level", "Finding", "Source of the rule", "Rests on"),
            rows=tuple(map(_fired, floor.fired)),
        ),
        Table(
            title="What rules and model could look at",
            columns=("What", "Value", "From"),
            rows=tuple(_looked_at(event.case)),
        ),
    ]
    if floor.doubts:
        blocks.insert(2, Listing(title="Please check", items=floor.doubts))
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.RULES,
        who=RULES,
        title=f"The rules demand at least level {words.level(floor.acuity)}",
        blocks=tuple(blocks),
    )


def proposed(
    recorded: Recorded, event: ImpressionProposed, before: Assessment
) -> Entry:
    """Tell what the model said, what of it is shown, and what was left out."""
    said = event.draft.acuity
    answer = "could not assess" if said is None else f"says level {words.level(said)}"
    floor = before.floor.acuity if before.floor else None
    counts = "in shadow: it does not count" if event.run.shadow else "may only raise"
    level = Facts(
        rows=(
            ("The model's level", words.level(said)),
            ("The rules' level", words.level(floor)),
            ("Level after both", words.level(event.acuity)),
            ("Does the model count?", counts),
            *((("Why it does not", why),) if (why := event.run.shadow_why) else ()),
        )
    )
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.MODEL,
        who=MODEL,
        title=f"The language model {answer} ({counts})",
        blocks=(level, *_draft(event.draft), *_run(event.run)),
    )


def withheld(recorded: Recorded, event: ImpressionWithheld) -> Entry:
    """Tell why nothing of a model is shown."""
    return Entry(
        position=recorded.position,
        at=recorded.at,
        teller=Teller.MODEL,
        who=MODEL,
        title="No answer of the language model is shown: the rules stand alone",
        blocks=(
            Listing(title="Why", items=event.reasons),
            *(_run(event.run) if event.run else ()),
        ),
    )


def _completeness(missing: tuple[str, ...]) -> str:
    if not missing:
        return "yes"
    return f"no; missing, and not taken as normal: {', '.join(missing)}"


def _fired(fired: Fired) -> tuple[str, ...]:
    return (
        fired.rule,
        str(int(fired.acuity)),
        fired.sentence,
        fired.citation,
        words.references(fired.sources),
    )


def _looked_at(case: Case) -> Iterator[tuple[str, str, str]]:
    whose = words.reference(case.patient)
    yield "age", words.age(case.age), whose
    yield "sex", case.sex.value, whose
    yield "pregnancy", case.pregnancy.value, ""
    for stated in case.complaints:
        yield "complaint", stated.text, words.reference(stated.source)
    for measured in case.vitals:
        name = measured.name.value.replace("-", " ")
        yield name, words.vital(measured), words.reference(measured.source)
    for name in ("conditions", "medications", "allergies"):
        for found in getattr(case, name):
            yield name, found.text, words.reference(found.source)


def _draft(draft: Draft) -> Iterator[Block]:
    reasons = [
        f"{each.text} Evidence: "
        + ("; ".join(f'"{e.quote}" [{e.passage}]' for e in each.evidence) or "none")
        for each in draft.reasons
    ]
    yield Listing(title="Reasons that are shown", items=tuple(reasons))
    asked = tuple(f"{each.text} {each.why}".strip() for each in draft.questions)
    for title, items in (
        ("Questions for the nurse", asked),
        ("Red flags", draft.red_flags),
        ("Suggested steps", draft.actions),
        ("Data that it lacks", draft.missing),
    ):
        if items:
            yield Listing(title=title, items=items)
    yield Facts(rows=(("Its confidence", draft.confidence),))


def _run(run: ModelRun) -> Iterator[Block]:
    yield Table(
        title="Passages that the model saw",
        columns=("", "Source", "Id", "SHA-256", "Score"),
        rows=tuple(_passage(label, each) for label, each in enumerate(run.passages, 1)),
    )
    for label, each in enumerate(run.passages, 1):
        yield Fold(title=f"Passage E{label}, as it was shown", text=each.text)
    for message in run.prompt:
        title = f"Prompt, {message.role} part, as it was sent"
        yield Fold(title=title, text=message.content)
    yield Fold(title="Raw answer, as it came", text=run.answer)
    yield Table(
        title="Guards that fired",
        columns=("Guard", "What it did", "The claim, as it was read"),
        rows=tuple(_guard(each, run) for each in run.guards),
    )
    if run.flags:
        yield Table(
            title="Texts that read as if they were meant for software",
            columns=("Looks like", "In"),
            rows=tuple((each.kind, each.source) for each in run.flags),
        )
    yield Facts(rows=tuple(_identity(run)))


def _passage(label: int, passage: PassageShown) -> tuple[str, ...]:
    score = f"{passage.score:.3f}"
    return f"E{label}", passage.source, passage.id, passage.sha256, score


def _guard(fired: GuardFired, run: ModelRun) -> tuple[str, str, str]:
    return fired.guard, fired.sentence, _left_out(fired.sentence, run)


def _left_out(sentence: str, run: ModelRun) -> str:
    """Return the claim that a guard's sentence counts, from the raw answer."""
    counted = _CLAIM.match(sentence)
    read = parse(run.answer, run.finish)
    if counted is None or isinstance(read, UnreadableDraft):
        return ""
    claims = read.reasons if counted[1] == "Reason" else read.questions
    place = int(counted[2])
    return claims[place - 1].text if 0 < place <= len(claims) else ""


def _identity(run: ModelRun) -> Iterator[tuple[str, str]]:
    base, _, adapter = run.model.name.partition(":")
    yield "Model", base
    yield "Adapter", adapter or "none"
    yield "Adapter's SHA-256", run.adapter_sha256 or "none declared"
    yield "Weights", run.model.weights
    yield "Release", run.release or "none registered with these hashes"
    yield "Server", run.model.server
    yield "The server calls it", run.model.reported or "it does not say"
    yield "Sampling", sampling(run)
    yield "The model took", f"{run.milliseconds} ms; the answer ended by: {run.finish}"
    yield "Prompt", f"version {run.prompt_version}, SHA-256 {run.prompt_sha256}"
    yield "Answer's schema", f"SHA-256 {run.schema_sha256}"
    yield "Tokens", tokens(run)
    yield "How probable it found levels 1 to 5", probabilities(run)
    yield "Knowledge index", run.index
    yield "Guards that ran", ", ".join(run.checks) or UNRECORDED


def tokens(run: ModelRun) -> str:
    """Return what the answer cost."""
    if run.usage == NO_USAGE:
        return "the server does not tell"
    used = run.usage
    return f"{used.prompt} of the prompt ({used.cached} cached), {used.answer} written"


def probabilities(run: ModelRun) -> str:
    """Return how sure the model was of each level, and of what kind the figures are."""
    if not run.probabilities:
        return "not told"
    shares = ", ".join(f"{share:.0%}" for share in run.probabilities)
    if run.calibration == 1:
        return f"{shares} (as the model told it, not calibrated)"
    return f"{shares} (calibrated by the temperature {run.calibration:g})"


def sampling(run: ModelRun) -> str:
    """Return how the answer was drawn."""
    drawn = run.sampling
    return (
        f"temperature {drawn.temperature:g}, seed {drawn.seed}, at most "
        f"{drawn.max_tokens} tokens"
    )
