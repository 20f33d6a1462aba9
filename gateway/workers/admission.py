"""The self-test of a model: before it answers, and after it had failed or changed.

Nothing waits for it but the model's own work: the gateway starts, and the rules judge.
A server that comes up later is taken without a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import structlog

from domain.answers import ModelIdentity
from domain.floor.compose import RULES_VERSION
from domain.served import CanaryAnswer, Served
from domain.switching import AdmitModel
from gateway.intake import registry, rulebook
from gateway.intake.release import asking
from gateway.intake.serving import ServingUnit
from gateway.projections.threads import in_thread
from gateway.settings.model_checks import ModelChecks
from gateway.store.ledger import Ledger
from gateway.store.records import Context
from inference.canary import CANARIES, Canary, tried
from inference.pipeline import NO_INDEX, Pipeline, query
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
        self._known: Served | None = None
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
                await self._watched()
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

    async def _watched(self) -> None:
        """Return once the model is in doubt; look meanwhile at what its server lists.

        Where no case comes, nothing else would notice that it was started anew as
        another. SGLang would also load an adapter again that somebody has unloaded.
        """
        while not self._doubted.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._checks.pause_seconds):
                    await self._doubted.wait()
                    return
            with suppress(GeneratorUnavailableError):  # away: the next case will tell
                if faults := await self._candidate.misnamed():
                    self.doubt("; ".join(faults))

    async def _tested(self) -> str:
        """Test once; return the objection, "" where there is none.

        What is known not to be listed is not asked: SGLang would load it for that.
        """
        try:
            faults = tuple(await self._candidate.misnamed())
            if faults and self._known:
                return await self._admitted(self._known, (), faults)
            trial = await tried(self._candidate.pipeline.generator, self._canaries())
        except GeneratorUnavailableError as error:
            return str(error)
        self._known = await self._served(trial.model)
        return await self._admitted(self._known, trial.answers, faults)

    def _canaries(self) -> Sequence[Canary]:
        return CANARIES[: self._checks.cases or self._candidate.cases]

    async def _served(self, model: ModelIdentity) -> Served:
        asked = asking()
        standing = await in_thread(
            lambda: rulebook.told(self._ledger.stream).standing()
        )
        return Served(
            name=model.name.partition(":")[0],
            adapter=model.adapter,
            weights=model.weights,
            adapter_sha256=self._candidate.adapter_sha256,
            server=model.server,
            prompt=asked.prompt,
            prompt_sha256=asked.prompt_sha256,
            schema_sha256=asked.schema_sha256,
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
        self,
        served: Served,
        canaries: tuple[CanaryAnswer, ...],
        faults: tuple[str, ...],
    ) -> str:
        at = self._clock()
        compared = self._checks.answers
        command = AdmitModel(
            served=served,
            canaries=canaries,
            faults=faults,
            obedience=self._checks.obedience,
            tolerance=1.0 if compared == "off" else self._checks.changed_share,
            exact=compared == "exact",
            at=at,
        )
        context = Context(at=at, actor=ACTOR, request=str(uuid4()))
        known = await self._ledger.submit(ServingUnit(command=command, context=context))
        if known.refused is None:
            releases = await in_thread(registry.told, self._ledger.stream)
            why = releases.shadow_why(served)
            name = f"{served.name}:{served.adapter}" if served.adapter else served.name
            _LOG.info("model.admitted", model=name, shadow=bool(why), reason=why)
            return ""
        said = "; ".join(known.refused.faults)
        return f"the language model failed its self-test: {said}"
