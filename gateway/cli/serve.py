"""`triage-gateway serve`: run the gateway until it is told to stop."""

import asyncio
import gc
import os
import resource
import signal
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from aiohttp import web

from gateway import logs
from gateway.access.entrance import server_context
from gateway.app import build
from gateway.http.connection import connections_of
from gateway.settings import CONFIG, Settings, SettingsError, load
from gateway.store.errors import StoreError
from gateway.tenancy import prefix_of

_COLLECTIONS = (50_000, 20, 50)
_SHUTDOWN_S = 5.0
_HANDSHAKE_S = 10.0
_OTHER_FILES = 512  # logs, read models, connections that are not greeted yet


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
    except (StoreError, SettingsError) as error:
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
        _allow_files(settings.connections)
        known = settings.model_copy(update={"port": port})
        # A signal cancels the service, which then stops in order.
        with suppress(asyncio.CancelledError, KeyboardInterrupt):
            asyncio.run(_serve(known, bound, _tls(settings)))


def _tls(settings: Settings) -> ssl.SSLContext | None:
    try:
        return server_context(settings)
    except OSError as error:  # of which ssl.SSLError is one
        raise click.ClickException(
            f"The TLS files cannot be used ({error.strerror or error}): "
            "tls_certificate, tls_key and tls_client_ca are PEM files; the key is that "
            "of the certificate, and not encrypted."
        ) from None


async def _serve(
    settings: Settings, bound: socket.socket, tls: ssl.SSLContext | None
) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    runner = web.AppRunner(build(settings), shutdown_timeout=_SHUTDOWN_S)
    listening: asyncio.Server | None = None
    try:
        await runner.setup()
        listening = await loop.create_server(
            connections_of(runner, settings),
            sock=bound,
            ssl=tls,
            ssl_handshake_timeout=_HANDSHAKE_S if tls else None,
        )
        scheme = "https" if tls else "http"
        where = f"{settings.host}:{settings.port}"
        for prefix in [prefix_of(each) for each in settings.tenants] or [""]:
            click.echo(f"FHIR base: {scheme}://{where}{prefix}/fhir", err=True)
        await loop.create_future()
    finally:
        if listening is not None:
            listening.close()
        await runner.cleanup()


def _allow_files(connections: int) -> None:
    """Raise the limit of open files, so that connections take none from the log."""
    wanted = connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise click.ClickException(
            f"This system allows {hard} open files, and {connections} connections need "
            f"{wanted}: raise its limit (ulimit -Hn), or set connections lower."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _calm_the_collector() -> None:
    """Look for cycles rarely, and never in what was there before the first request.

    With Python's own thresholds the collector took a sixth of the processor under
    load: it walks the hot streams and keys, which hold no cycles.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
