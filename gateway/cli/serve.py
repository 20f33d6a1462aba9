"""`triage-gateway serve`: run the gateway until it is told to stop."""

import gc
import os
import socket
from pathlib import Path
from typing import Any

import click
from aiohttp import web

from gateway import logs
from gateway.app import build
from gateway.settings import CONFIG, Settings, SettingsError, load
from gateway.store.errors import StoreError

_COLLECTIONS = (50_000, 20, 50)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Data folder.")
@click.option("--host", help="Address to bind (default 127.0.0.1).")
@click.option("--port", type=int, help="Port; 0 takes a free one (default 8080).")
@click.option(
    "--dev",
    is_flag=True,
    default=None,
    help="Loopback only, no tokens: everybody is the development nurse.",
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="TOML file with settings."
)
def serve(config: Path | None, **given: Any) -> None:  # noqa: ANN401 (click's values)
    """Run the gateway."""
    if config is not None:
        os.environ[CONFIG] = str(config)
    try:
        settings = load(
            {name: value for name, value in given.items() if value is not None}
        )
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    logs.configure(settings.log_format)
    try:
        run(settings)
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def run(settings: Settings) -> None:
    """Serve until a signal comes; say where."""
    with socket.socket(
        socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    ) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot bind {settings.host}:{settings.port} ({error.strerror}): "
                "choose another --port."
            ) from None
        port = bound.getsockname()[1]
        _calm_the_collector()
        started = f"FHIR base: http://{settings.host}:{port}/fhir"
        web.run_app(
            build(settings),
            sock=bound,
            print=lambda *_: click.echo(started, err=True),
            access_log=None,
            shutdown_timeout=5,
        )


def _calm_the_collector() -> None:
    """Look for cycles rarely, and never in what was there before the first request.

    With Python's own thresholds the collector took a sixth of the processor under
    load: it walks the hot streams and keys, which hold no cycles.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
