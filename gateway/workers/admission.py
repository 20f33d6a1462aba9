"""The self-test of a model: before it answers, and after it had failed or changed.

Nothing waits for it but the model's own work: the gateway starts, and the rules judge.
A server that comes up later is taken without a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog

from domain.answerer import Answerer
from domain.answers import ModelIdentity
from domain.floor.compose import RULES_VERSION
from domain.registry import FORCED
from domain.served import Served
from domain.switching import AdmitModel
from gateway.intake.serving import ServingUnit
from gateway.settings.model_checks import ModelChecks
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from gateway.workers.registry import CurrentRegistry
from gateway.workers.rulebook import CurrentRules
from inference.canary import CANARIES, Canary, Trial, prompt_of_canary, tried
from inference.pipeline import NO_INDEX, Pipeline, query
from inference.prompt import PROMPT_VERSION
from inference.schema import GeneratorUnavailableError, RetrievalUnavailableError

ACTOR: Final = "gateway-model"
_FIRST_PAUSE_S: Final = 0.5
_LOG = structlog.get_logger()

Listing = Callable[[], Awaitable[Sequence[str]]]
"""Gives what is wrong with what a server says that it serves, in sentences."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model that wants to answer.

    `misnamed` asks its server whether it serves what the settings name; `adapter` is
    the declared hash of its adapter. One that is not `watched` is never switched off
    by its figures: the embedded model, which is there to show the loop.
    """

    pipeline: Pipeline
    misnamed: Listing
    adapter_sha256: str = ""
    cases: int = len(CANARIES)
    watched: bool = True


class Admission:
    """Lets a model answer once it has passed, and says why it may not before."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        candidate: Candidate,
        checks: ModelChecks,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._candidate = candidate
        self._checks = checks
        self._clock = clock
        self._rules = CurrentRules(ledger)
        self._registry = CurrentRegistry(ledger)
        self._settled = asyncio.Event()
        self._doubted = asyncio.Event()
        self.objection = ""
        """Why the model may not answer; "" where it may, or nobody knows yet."""

    async def run(self) -> None:
        """Test, again and again until the model passes, and when it is in doubt."""
        pause = _FIRST_PAUSE_S
        while True:
            self._doubted.clear()
            self.objection = await self._tested()
            self._settled.set()
            if not self.objection:
                pause = _FIRST_PAUSE_S
                await self._doubted.wait()
                continue
            _LOG.warning("model.unadmitted", reason=self.objection)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._checks.pause_seconds)

    async def settled(self) -> None:
        """Wait until the first test has come to an end."""
        await self._settled.wait()

    def doubt(self, objection: str) -> None:
        """Let the model answer no more until it has passed again."""
        self.objection = objection
        self._doubted.set()

    async def _tested(self) -> str:
        """Test once; return the objection, "" where there is none."""
        try:
            faults = await self._candidate.misnamed()
            trial = await tried(self._candidate.pipeline.generator, self._canaries())
        except GeneratorUnavailableError as error:
            return str(error)
        served = await self._served(trial.model)
        return await self._admitted(served, trial, tuple(faults))

    def _canaries(self) -> Sequence[Canary]:
        return CANARIES[: self._checks.cases or self._candidate.cases]

    async def _served(self, model: ModelIdentity) -> Served:
        prompt, schema = prompt_of_canary()
        standing = await asyncio.to_thread(lambda: self._rules.now().standing())
        return Served(
            name=model.name.partition(":")[0],
            adapter=model.adapter,
            weights=model.weights,
            adapter_sha256=self._candidate.adapter_sha256,
            server=model.server,
            prompt=PROMPT_VERSION,
            prompt_sha256=prompt,
            schema_sha256=schema,
            index=await self._index(),
            rules=RULES_VERSION,
            catalogue=standing.catalogue,
            shadow=self._candidate.pipeline.shadow,
        )

    async def _index(self) -> str:
        first = CANARIES[0]
        try:
            retriever = self._candidate.pipeline.retriever
            return (await retriever.retrieve(query(first.case, first.floor))).index
        except RetrievalUnavailableError:
            return NO_INDEX

    async def _admitted(
        self, served: Served, trial: Trial, faults: tuple[str, ...]
    ) -> str:
        at = self._clock()
        compared = self._checks.answers
        command = AdmitModel(
            served=served,
            canaries=trial.answers,
            faults=faults,
            obedience=self._checks.obedience,
            tolerance=1.0 if compared == "off" else self._checks.changed_share,
            exact=compared == "exact",
            at=at,
        )
        context = Context(at=at, actor=ACTOR, request=str(uuid4()))
        known = await self._ledger.submit(ServingUnit(command=command, context=context))
        if known.refused is None:
            why = await self._shadowed(served)
            name = f"{served.name}:{served.adapter}" if served.adapter else served.name
            _LOG.info("model.admitted", model=name, shadow=bool(why), reason=why)
            return ""
        said = "; ".join(known.refused.faults)
        return f"the language model failed its self-test: {said}"

    async def _shadowed(self, served: Served) -> str:
        """Return why the model that passed is in shadow, "" where it counts."""
        now = await asyncio.to_thread(self._registry.now)
        return FORCED if served.shadow else now.objection(Answerer.of_served(served))
