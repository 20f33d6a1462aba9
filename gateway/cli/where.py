"""Which log a command is meant for: of a stopped gateway, or of a running one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.cli import running
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.store.keysource import KeySource
from gateway.store.session import Session

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Where:
    """A data folder with its key, or the FHIR base of a gateway; one of the two."""

    data: Path | None
    key_file: KeySource | None
    url: str
    token_env: str

    def decide(
        self,
        work: Callable[[Session], _T],
        *,
        operation: str,
        given: Iterable[tuple[str, str]],
    ) -> _T | dict[str, Any]:
        """Do the work in the log of the folder, and return what it returns.

        A running gateway is asked for the operation of that name instead, with what is
        given; its Parameters are returned.

        Raises:
            click.ClickException: it is refused, or cannot be done.

        """
        if self.data is None:
            base = self.url.rstrip("/")
            return running.ask(f"{base}/{operation}", self.token_env, given)
        with own_log(self.data, self.key_file) as ledger:
            return ledger.submit_sync(work)


def somewhere(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which log is meant, as one `where`."""

    @wraps(command)
    def asked(
        *,
        data: Path | None,
        key_file: KeySource | None,
        url: str,
        token_env: str,
        **given: Any,  # noqa: ANN401 (click's options)
    ) -> None:
        if bool(data) == bool(url):
            raise click.UsageError(
                "Say which log: --data of a stopped gateway, or --url of a running one."
            )
        where = Where(data=data, key_file=key_file, url=url, token_env=token_env)
        command(where=where, **given)

    options = (
        click.option("--data", type=_FOLDER, help="Data folder of a stopped gateway."),
        *(KEY, running.URL, running.TOKEN_ENV),
    )
    for each in reversed(options):
        asked = each(asked)
    return asked
