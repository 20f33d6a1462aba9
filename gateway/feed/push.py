"""A push: every file once, and those that wait for others again after them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gateway.feed import files
from gateway.feed.client import Client
from gateway.feed.files import ForeignFileError, UnsendableFileError
from gateway.feed.journal import Journal
from gateway.feed.results import (
    Known,
    PassedOver,
    Reason,
    Refused,
    Result,
    Summary,
    result,
)

Tell = Callable[[Result], None]


async def push(
    paths: Sequence[Path], *, client: Client, journal: Journal, tell: Tell
) -> Summary:
    """Send files in their order; tell of each as soon as its result is final.

    A file whose conditional reference matches nothing is sent again after the others,
    for as long as that gets another file accepted.

    Raises:
        UnreachableError: the gateway cannot be spoken to.
        JournalError: what was acknowledged cannot be remembered.

    """
    summary = Summary()
    remaining = list(paths)
    while remaining:
        waiting: list[Refused] = []
        for path in remaining:
            found = await _sent(path, client, journal)
            if isinstance(found, Refused) and found.waits:
                waiting.append(found)
            else:
                _keep(found, summary, tell)
        if len(waiting) == len(remaining):
            for each in waiting:
                _keep(each, summary, tell)
            break
        remaining = [each.path for each in waiting]
    return summary


def _keep(found: Result, summary: Summary, tell: Tell) -> None:
    summary.results.append(found)
    tell(found)


async def _sent(path: Path, client: Client, journal: Journal) -> Result:
    try:
        content = files.content(path)
        if journal.knows(content.digest):
            return Known(path=path)
        body = files.transaction(content.body)
    except UnsendableFileError as error:
        return Refused(path=path, reasons=(Reason(sentence=str(error)),))
    except ForeignFileError as error:
        return PassedOver(path=path, sentence=str(error))
    found = result(path, await client.send(body))
    if not isinstance(found, Refused):
        journal.note(content.digest)
    return found
