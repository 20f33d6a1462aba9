"""What the workers read of cases, and how they hand in what they found."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from domain.assessment import Assessment
from domain.values import Case, Reference
from gateway.intake.review import CaseUnit
from gateway.intake.streams import case_stream
from gateway.projections import compartment, persons
from gateway.projections.database import Database
from gateway.projections.projector import Projector
from gateway.projections.threads import in_thread
from gateway.projections.worklist import Waiting
from gateway.store.errors import OverloadedError, StoreError
from gateway.store.ledger import Ledger
from gateway.translate.case import canonical_case
from gateway.translate.followed import followed

_AGAIN_S = 0.05
_OTHERS_S = 1.0  # until what another gateway had claimed is looked at again


class ReadModelsAnewError(StoreError):
    """The read models are made anew, and do not show yet what they had shown."""


class CaseStates:
    """The states of cases, of which only what is new is read from the log.

    A monitor may send a vital sign every minute, each a new revision of one case: to
    read such a case from its beginning each time would take ever longer.
    """

    def __init__(self, ledger: Ledger, *, remembered: int = 1024) -> None:
        self._ledger = ledger
        self._remembered = remembered
        self._known: dict[str, tuple[Assessment, int]] = {}
        self._erasures = ledger.erasures

    def of(self, case_id: str) -> Assessment:
        """Return the case as the log has it now; any thread may ask."""
        erasures = self._ledger.erasures
        if erasures != self._erasures:  # what is known may be of who was erased
            self._known.clear()
            self._erasures = erasures
        state, version = self._known.get(case_id, (Assessment(), 0))
        for recorded in self._ledger.stream(case_stream(case_id), after=version):
            version = recorded.version
            state = followed(state, recorded)
        if len(self._known) >= self._remembered:
            self._known.clear()
        self._known[case_id] = (state, version)
        return state


def data_of(
    database: Database,
    patient: Reference,
    encounter: Reference | None,
    *,
    at: datetime,
    window: timedelta,
    questions: Sequence[str],
    least: int,
) -> Case:
    """Return the canonical case of a patient, as the read models show it now.

    The data of every record that is linked with the patient's count: after a merge a
    known allergy must be seen, whichever record it was sent to.

    Raises:
        ReadModelsAnewError: the read models are not at the `least` position any more.

    """
    with database.reader() as connection:
        if database.position(connection) < least:
            raise ReadModelsAnewError("The read models are made anew: look again.")
        person = persons.person(database, connection, patient)
        found = compartment.of_patient(
            database, connection, person.patients, at=at, window=window
        )
    return canonical_case(
        person.own or patient,
        found,
        linked=person.linked,
        encounter=encounter,
        at=at,
        window=window,
        questions=frozenset(questions),
    )


@asynccontextmanager
async def claimed(
    ledger: Ledger, work: str, waiting: Sequence[Waiting]
) -> AsyncIterator[list[Waiting]]:
    """Give those cases that no other gateway works on; nobody else does meanwhile.

    The claim is given back once the log has what came of it. The read models of another
    gateway may not show it yet: whoever claims next looks into the log first.
    """
    if not ledger.shared:
        yield list(waiting)
        return
    names = {f"{work}/{each.case_id}/{each.revision}": each for each in waiting}
    own = await in_thread(ledger.claim, names)
    try:
        yield [each for name, each in names.items() if name in own]
    finally:
        await in_thread(ledger.release, own)


async def changed(projector: Projector, position: int, *, others: bool) -> int:
    """Wait until the read models are past a position; return where they are.

    Where `others` work on cases that wait, not for long: theirs may have ended.
    """
    try:
        async with asyncio.timeout(_OTHERS_S if others else None):
            return await projector.beyond(position)
    except TimeoutError:
        return position


async def handed_in(ledger: Ledger, unit: CaseUnit) -> int:
    """Let a case decide; a log that is overloaded is asked again at once."""
    while True:
        try:
            return await ledger.submit(unit)
        except OverloadedError:
            await asyncio.sleep(_AGAIN_S)


async def all_ended(works: Iterable[Coroutine[None, None, None]]) -> None:
    """Wait until every one has ended, also when one failed or all are cancelled.

    A plain gather returns at the first failure, and the service would close what the
    others still use.
    """
    for result in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
