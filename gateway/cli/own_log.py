"""The log of a stopped gateway, for commands that write into it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from domain.errors import RuleError
from domain.events import REGISTRY
from gateway.cli.filled import FILLED
from gateway.store.errors import StoreError
from gateway.store.founding import require_begun
from gateway.store.keysource import KeySource
from gateway.store.ledger import Ledger
from gateway.store.reading import snapshot
from gateway.store.server import remembered

DATA = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
PATIENT = click.option(
    "--patient",
    type=FILLED,
    help="The patient's id in this gateway (or the reference under which data were "
    "sent, such as https://elsewhere.example/fhir/Patient/7).",
)


def _in_one_line(_context: click.Context, _option: click.Parameter, said: str) -> str:
    """Refuse what a signed note, which holds a line for each thing, cannot hold."""
    if not said.isprintable():
        raise click.BadParameter("Write it in one line, without control characters.")
    return said


BY = click.option(
    "--by",
    required=True,
    callback=_in_one_line,
    help="Who decided this: a name or a role.",
)


def name_of(patient: str) -> str:
    """Return a patient's name in the log."""
    return patient if "/" in patient else f"Patient/{patient}"


@contextmanager
def own_log(data: Path, key_file: KeySource | None) -> Iterator[Ledger]:
    """Open the log of a stopped gateway for writing; say what stands in the way."""
    with said(), closing(_opened(data, key_file)) as ledger:
        yield ledger


@contextmanager
def said() -> Iterator[None]:
    """Say in a sentence why a command was refused."""
    try:
        yield
    except (StoreError, RuleError) as error:
        raise click.ClickException(str(error)) from None


def _opened(data: Path, key_file: KeySource | None) -> Ledger:
    with snapshot(data) as connection:
        identity = require_begun(connection, data)
    return Ledger.open(
        data,
        registry=REGISTRY,
        tenant=identity.tenant,
        kek_file=key_file,
        server=remembered(data),
    )
