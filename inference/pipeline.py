"""From a case to a checked draft: retrieve, render, generate, parse, guard."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from domain.answers import Draft, GuardFired, ModelRun, PassageShown
from domain.values import Age, Case, Floor, Pregnancy
from inference.contract import output_schema, schema_sha256
from inference.guard import NAMES, check
from inference.hygiene import screened
from inference.parse import UnreadableDraft, parse
from inference.plain import anonymous, plain
from inference.prompt import (
    PROMPT_VERSION,
    case_refs,
    prompt_sha256,
    render,
)
from inference.schema import (
    Answer,
    Generator,
    GeneratorUnavailableError,
    Query,
    Retrieval,
    RetrievalUnavailableError,
    Retriever,
)
from inference.showing import FULL, Showing

NO_INDEX = "unavailable"  # ModelRun.index where the knowledge base was out of reach
_NO_RETRIEVAL = GuardFired(
    guard="retrieval",
    sentence="The knowledge base could not be searched: there is no cited evidence.",
)
_READABLE = "readable"
_ADULT_DAYS = 5844  # 16 years, where NEWS2 begins (RCP 2017)
_MOST_QUERIES = 8
_QUERY_LENGTH = 120


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A draft that passed, and all that a replay of it needs."""

    draft: Draft
    run: ModelRun


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """No draft may be shown; `run` is None where the model gave no answer."""

    reasons: tuple[str, ...]
    run: ModelRun | None = None


@dataclass(frozen=True)
class Pipeline:
    """One model behind its checks; `shadow` says that its acuity does not count.

    `jurisdiction` is where the site is (ISO 3166); "" leaves nothing out for it.
    `showing` says what a prompt shows of what retrieval finds.
    """

    retriever: Retriever
    generator: Generator
    shadow: bool
    jurisdiction: str = ""
    showing: Showing = FULL

    async def assess(self, case: Case, floor: Floor) -> Proposal | Withholding:
        """Return the model's checked draft, or why there is none to show.

        It raises nothing of its own: whatever retrieval, model or answer do, the
        caller gets a record of it, and the floor stands.
        """
        found = await self._search(case, floor)
        passages = self.showing.of(found.passages, case, floor)
        messages = render(case, floor, passages)
        schema = output_schema(passages, case_refs(case))
        try:
            answer = await self.generator.generate(
                messages, schema=schema, urgency=floor.acuity
            )
        except GeneratorUnavailableError as error:
            trouble = (fired.sentence for fired in _retrieval(found.index))
            return Withholding(reasons=(str(error), *trouble))
        run = _run(answer, found.index, passages, shadow=self.shadow)
        return replay(case, floor, run)

    async def _search(self, case: Case, floor: Floor) -> Retrieval:
        try:
            asked = replace(query(case, floor), jurisdiction=self.jurisdiction)
            return await self.retriever.retrieve(asked)
        except RetrievalUnavailableError:
            return Retrieval(passages=(), index=NO_INDEX)


def replay(case: Case, floor: Floor, run: ModelRun) -> Proposal | Withholding:
    """Recompute, from what was recorded, what may be shown of an answer: pure.

    The prompt's version and hash, the schema's hash, the guards and the flags of the
    record are made anew.
    A replay of a recorded run is the same if the result equals what was recorded;
    where it does not, the fields that differ name the cause.
    """
    schema = output_schema(run.passages, case_refs(case))
    messages = render(case, floor, run.passages)
    draft, guards = _judged(case, run)
    remade = replace(
        run,
        prompt_version=PROMPT_VERSION,
        prompt=messages,
        prompt_sha256=prompt_sha256(messages),
        schema_sha256=schema_sha256(schema),
        guards=(*_retrieval(run.index), *guards),
        flags=screened(case),
    )
    if draft is None:
        reasons = tuple(fired.sentence for fired in remade.guards)
        return Withholding(reasons=reasons, run=remade)
    return Proposal(draft=draft, run=remade)


def query(case: Case, floor: Floor) -> Query:
    """Return short sub-queries on complaint, fired rules and medication.

    No name and no identifier is in them; order and size are bounded. None of the
    three crowds out another: each keeps its share of the places while it has texts.
    """
    groups = (
        [
            *(code.display for stated in case.complaints for code in stated.codes),
            *(stated.text for stated in case.complaints),
        ],
        [fired.rule.replace(".", " ").replace("-", " ") for fired in floor.fired],
        [taken.text for taken in case.medications],
    )
    turns = zip_longest(*(dict.fromkeys(_asked(group)) for group in groups))
    taken = dict.fromkeys(text for turn in turns for text in turn if text)
    kept = set(list(taken)[:_MOST_QUERIES])
    ordered = dict.fromkeys(text for group in groups for text in _asked(group))
    return Query(
        texts=tuple(text for text in ordered if text in kept),
        population=_population(case),
        today=case.at.date(),
    )


def _asked(texts: Iterable[str]) -> Iterator[str]:
    """Yield what may be asked of texts: without names, short, and not empty."""
    for text in texts:
        cleaned = plain(anonymous(plain(text, 2 * _QUERY_LENGTH)), _QUERY_LENGTH)
        if cleaned:
            yield cleaned


def _population(case: Case) -> tuple[str, ...]:
    groups = _age_groups(case.age)
    if case.pregnancy in (Pregnancy.PREGNANT, Pregnancy.POSTPARTUM):
        return (*groups, "pregnant")
    return groups


def _age_groups(age: Age | None) -> tuple[str, ...]:
    if age is None:
        return ("adult", "child")
    young = ("child",) if age.least < _ADULT_DAYS else ()
    return ("adult", *young) if age.most >= _ADULT_DAYS else young


def _run(
    answer: Answer, index: str, passages: tuple[PassageShown, ...], *, shadow: bool
) -> ModelRun:
    return ModelRun(
        model=answer.model,
        shadow=shadow,
        prompt_version=PROMPT_VERSION,
        prompt_sha256="",  # replay() fills in both hashes: one place computes them
        schema_sha256="",
        sampling=answer.sampling,
        index=index,
        passages=passages,
        answer=answer.text,
        finish=answer.finish,
        milliseconds=answer.milliseconds,
        checks=(_READABLE, *NAMES),
        usage=answer.usage,
        probabilities=answer.probabilities,
        calibration=answer.calibration,
    )


def _judged(case: Case, run: ModelRun) -> tuple[Draft | None, tuple[GuardFired, ...]]:
    read = parse(run.answer, run.finish)
    if isinstance(read, UnreadableDraft):
        return None, (GuardFired(guard=_READABLE, sentence=read.reason),)
    checked = check(read, case, run.passages)
    return checked.draft, checked.guards


def _retrieval(index: str) -> tuple[GuardFired, ...]:
    return (_NO_RETRIEVAL,) if index == NO_INDEX else ()
