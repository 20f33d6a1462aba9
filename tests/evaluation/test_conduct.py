"""How a model's conduct is counted, and how its answers are kept."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.answers import (
    Draft,
    Evidence,
    GuardFired,
    Message,
    ModelIdentity,
    Reason,
    Sampling,
    Usage,
)
from domain.values import Acuity, Case, Floor, Reference
from gateway.evaluation.answered import Answered, Outcome, told
from gateway.evaluation.assessors import Assessor, Prediction
from gateway.evaluation.cases import CasesError, Input, LabelledCase
from gateway.evaluation.conduct import conduct
from gateway.evaluation.figures import Judged
from gateway.evaluation.kept import KeptAnswers
from inference.metrics import Truth
from inference.pipeline import Proposal, Withholding
from inference.schema import Answer, GeneratorUnavailableError
from tests import model_runs
from tests.evaluation.given import AT

CASE = Case(patient=Reference(type="Patient", id="p", version=1), at=AT)
MODEL = ModelIdentity(name="m", weights="w", server="s")
SAMPLING = Sampling(temperature=0.0, seed=0, max_tokens=9)
RUN = replace(
    model_runs.RUN,
    milliseconds=1500,
    guards=(GuardFired(guard="g", sentence="G."), GuardFired(guard="g", sentence="H.")),
    usage=Usage(prompt=100, cached=40, answer=9),
)


def judged(floor, said, level, *, cluster=""):
    """Return a case with a label, its floor's level, and what a model said."""
    answered = said if isinstance(said, Answered) else Answered(level=said)
    return Judged(
        labelled=LabelledCase(
            id="c", input=Input(), truth=level and Truth(level, level), cluster=cluster
        ),
        prediction=Prediction(
            id="c",
            case=CASE,
            floor=Floor(acuity=Acuity(floor), fired=(), missing=(), rules="2"),
            answered=answered,
        ),
    )


def behaved(*cases):
    return conduct(cases, Assessor.MODEL, seed=1)


def test_a_raise_is_right_too_far_wrong_or_of_nothing_known():
    found = behaved(
        judged(4, 2, 2),
        judged(4, 3, 2),
        judged(3, 1, 2),
        judged(3, 2, 3),
        judged(3, 2, None),
        judged(4, 4, 2),
        judged(3, None, 2),
        judged(2, 4, 2),
    )

    raises = found.raises
    assert (raises.right, raises.too_far, raises.wrong) == (2, 1, 1)
    assert (raises.unlabelled, raises.left) == (1, 2)
    assert (found.raised.count, found.calmer.count) == (5, 1)


def test_a_case_that_an_arm_was_not_asked_about_is_no_part_of_its_conduct():
    found = conduct([judged(3, 2, 2)], Assessor.GOLD, seed=1)

    assert (found.cases, found.reasons, found.obedient) == (0, None, None)
    assert found.seconds is found.cached is None


def test_times_and_known_tokens_are_told_where_the_server_tells():
    slow = Answered(level=2, milliseconds=3000, prompt_tokens=50, cached_tokens=25)
    quick = replace(slow, milliseconds=1000)

    found = behaved(judged(3, slow, 2), judged(3, quick, 2))

    assert (found.seconds.median, found.seconds.total) == (2.0, 2)
    assert found.seconds.p95 == pytest.approx(2.9)
    assert found.cached == 0.5


def test_what_a_nurse_would_see_is_counted_without_a_word_of_it():
    reasons = (
        Reason(text="One.", evidence=(Evidence(passage="a#b", quote="q"),)),
        Reason(text="Two."),
    )
    draft = Draft(acuity=Acuity.EMERGENT, reasons=reasons, confidence="high")

    found = told(Proposal(draft=draft, run=RUN))

    assert (found.level, found.outcome) == (2, Outcome.LEVEL)
    assert (found.reasons, found.quoted, found.guards) == (2, 1, ("g",))
    assert (found.milliseconds, found.cached_tokens) == (1500, 40)
    assert "One." not in repr(found)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Proposal(draft=Draft(acuity=None), run=RUN), Outcome.CANNOT_ASSESS),
        (Withholding(reasons=("R.",), run=RUN), Outcome.WITHHELD),
        (
            Withholding(
                reasons=("R.",),
                run=replace(RUN, guards=(GuardFired(guard="readable", sentence="R."),)),
            ),
            Outcome.UNREADABLE,
        ),
        (Withholding(reasons=("R.",)), Outcome.NO_ANSWER),
    ],
)
def test_an_answer_without_a_level_says_why(answer, outcome):
    found = told(answer)

    assert (found.level, found.outcome) == (None, outcome)
    assert found.withheld


class Parrot:
    """Says the same every time and counts how often; silent where there is nothing."""

    def __init__(self, text="yes", weights="w"):
        self.text = text
        self.weights = weights
        self.asked = 0

    async def generate(self, messages, *, schema, urgency=None):
        _ = messages, schema, urgency
        self.asked += 1
        if not self.text:
            raise GeneratorUnavailableError("It is down.")
        return Answer(
            text=self.text,
            finish="stop",
            model=replace(MODEL, weights=self.weights),
            sampling=SAMPLING,
            milliseconds=7,
        )


def asking(text="why"):
    return [Message(role="user", content=text)]


async def ask(parrot, path, text="why", *, schema=None, identity="m"):
    with KeptAnswers(parrot, path, identity=identity) as kept:
        return await kept.generate(asking(text), schema=schema or {})


@settings(max_examples=30)
@given(text=st.text(min_size=1, max_size=50))
async def test_an_answer_comes_back_from_the_file_as_it_was(text, tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "answers.jsonl"

    first = await ask(Parrot(text), path)
    again = await ask(Parrot("no"), path)

    assert first == again


async def test_another_prompt_schema_or_model_is_asked_for(tmp_path):
    parrot, path = Parrot(), tmp_path / "answers.jsonl"

    await ask(parrot, path)
    await ask(parrot, path, "what")
    await ask(parrot, path, schema={"type": "object"})
    await ask(parrot, path, identity="other")
    await ask(parrot, path)

    assert parrot.asked == 4


async def test_that_no_answer_came_is_not_kept(tmp_path):
    path = tmp_path / "answers.jsonl"
    with pytest.raises(GeneratorUnavailableError):
        await ask(Parrot(""), path)

    found = await ask(Parrot("now"), path)

    assert found.text == "now"


@pytest.mark.parametrize("torn", range(1, 60, 7))
async def test_a_line_that_a_crash_tore_off_is_asked_for_again(tmp_path, torn):
    path = tmp_path / "answers.jsonl"
    await ask(Parrot("first"), path, "one")
    await ask(Parrot("second"), path, "two")
    body = path.read_bytes()
    path.write_bytes(body[: -(torn + 1)])
    parrot = Parrot("second")

    await ask(parrot, path, "two")
    await ask(parrot, path, "one")

    assert parrot.asked == 1
    assert path.read_bytes() == body


async def test_other_weights_by_the_same_name_are_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    await ask(Parrot(), path)

    with pytest.raises(CasesError, match="another model"):
        await ask(Parrot(weights="v"), path, "what")
