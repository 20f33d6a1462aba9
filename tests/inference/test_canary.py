"""The fixed cases: nobody's, always the same, and asked as patients' are."""

import json

import pytest

from domain.answers import ModelIdentity, Sampling
from inference.canary import CANARIES, prompt_of_canary, tried
from inference.prompt import case_refs
from inference.schema import Answer, GeneratorUnavailableError
from tests.model_server import obedient

MODEL = ModelIdentity(name="m", weights="w", server="s")


class Scripted:
    """Answers what `say` makes of the schema, by the name of a level."""

    def __init__(self, say, finish="stop"):
        self.say = say
        self.finish = finish
        self.asked = []

    async def generate(self, messages, *, schema, **_):
        self.asked.append(messages)
        return Answer(
            text=self.say(schema),
            finish=self.finish,
            model=MODEL,
            sampling=Sampling(temperature=0.0, seed=0, max_tokens=9),
            milliseconds=1,
        )


class Absent:
    async def generate(self, _messages, *, schema, **_):
        raise GeneratorUnavailableError(f"no server for {len(schema)}")


async def test_each_case_is_asked_once_and_its_level_is_kept():
    model = Scripted(lambda schema: obedient(schema, 3))

    trial = await tried(model, CANARIES)

    assert trial.model == MODEL
    assert [each.acuity for each in trial.answers] == ["3"] * len(CANARIES)
    assert len(model.asked) == len(CANARIES) == len({str(m) for m in model.asked})


async def test_the_same_answer_has_the_same_hash_and_another_has_another():
    three = await tried(Scripted(lambda schema: obedient(schema, 3)), CANARIES[:1])
    again = await tried(Scripted(lambda schema: obedient(schema, 3)), CANARIES[:1])
    two = await tried(Scripted(lambda schema: obedient(schema, 2)), CANARIES[:1])

    assert three == again
    assert three.answers[0].sha256 != two.answers[0].sha256


async def test_a_model_that_cannot_assess_has_said_so():
    model = Scripted(lambda schema: obedient(schema, "cannot_assess"))

    (answer,) = (await tried(model, CANARIES[:1])).answers

    assert answer.acuity == "cannot_assess"


@pytest.mark.parametrize("text", ["", "fine", "{}", json.dumps({"acuity": 5})])
async def test_an_answer_that_breaks_the_contract_has_no_level(text):
    (answer,) = (await tried(Scripted(lambda _: text), CANARIES[:1])).answers

    assert answer.acuity == ""


async def test_an_answer_that_was_cut_off_has_no_level():
    model = Scripted(lambda schema: obedient(schema, 3), finish="length")

    (answer,) = (await tried(model, CANARIES[:1])).answers

    assert answer.acuity == ""


async def test_a_model_that_is_not_there_is_no_verdict():
    with pytest.raises(GeneratorUnavailableError):
        await tried(Absent(), CANARIES)


def test_the_fixed_cases_are_of_nobody_and_differ():
    names = [each.name for each in CANARIES]

    assert len(set(names)) == len(names) == 6
    for each in CANARIES:
        assert set(case_refs(each.case)) >= {"P1", "C1"}


def test_the_hashes_of_prompt_and_format_are_those_of_the_first_case():
    prompt, schema = prompt_of_canary()

    assert len(prompt) == len(schema) == 64
    assert prompt_of_canary() == (prompt, schema)
