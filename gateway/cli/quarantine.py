"""`triage-gateway quarantine`: what a gateway set aside, over HTTP."""

import asyncio
import json
import os
from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import click

_JSON = "application/fhir+json"
_TIMEOUT = aiohttp.ClientTimeout(total=60)
Resource = dict[str, Any]


def _addressed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the gateway that it speaks to."""

    @click.option(
        "--to", "url", required=True, help="FHIR base, such as http://…/fhir."
    )
    @click.option(
        "--token-env",
        default="TRIAGE_GATEWAY_TOKEN",
        show_default=True,
        help="Environment variable that holds the bearer token.",
    )
    @wraps(command)
    def addressed(url: str, token_env: str, **given: Any) -> None:  # noqa: ANN401 (click's values)
        if not url.startswith(("http://", "https://")):
            raise click.UsageError(
                "--to needs a URL such as http://127.0.0.1:8080/fhir"
            )
        command(_Gateway(url.rstrip("/"), os.environ.get(token_env)), **given)

    return addressed


class _Gateway:
    """A FHIR base and the token that is shown to it."""

    def __init__(self, base: str, token: str | None) -> None:
        self._base = base
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._headers = {"Content-Type": _JSON, "Accept": _JSON, **bearer}

    def ask(self, method: str, path: str, body: bytes | None = None) -> Resource:
        """Return what the gateway answers at `$quarantine` and a path below it.

        Raises:
            ClickException: it refuses, or cannot be reached.

        """
        return asyncio.run(self._asked(method, path, body))

    async def _asked(self, method: str, path: str, body: bytes | None) -> Resource:
        where = f"{self._base}/$quarantine{path}"
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=self._headers) as web,
                web.request(method, where, data=body) as answer,
            ):
                found = _resource(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise click.ClickException(
                f"{self._base} does not answer ({type(error).__name__}): look whether "
                "the gateway runs, and whether --to is its FHIR base."
            ) from None
        if not answer.ok:
            raise click.ClickException(f"HTTP {answer.status}: {_said(found)}")
        return found


@click.group()
def quarantine() -> None:
    """See, correct and run again what the site's rules set aside."""


@quarantine.command("list")
@click.option(
    "--status",
    type=click.Choice(["waiting", "released", "dismissed", "all"]),
    default="waiting",
    show_default=True,
)
@_addressed
def list_quarantine(gateway: _Gateway, status: str) -> None:
    """Print the newest: id, when, who sent it, what it asked, and what it breaks."""
    found = gateway.ask("GET", f"?status={status}&_count=200")
    for entry in found.get("entry", []):
        click.echo(_line(entry["resource"]))
    shown, total = len(found.get("entry", [])), found.get("total", 0)
    click.echo(f"{shown} of {total}" if shown < total else f"{total}", err=True)


@quarantine.command("show")
@click.argument("identity")
@click.option("--content", is_flag=True, help="The bytes as they came, nothing else.")
@_addressed
def show_quarantine(gateway: _Gateway, identity: str, *, content: bool) -> None:
    """Print one as the gateway shows it, or only what was sent."""
    found = gateway.ask("GET", _path(identity))
    if not content:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    click.echo(b64decode(_values(found)["content"]), nl=False)


@quarantine.command("rerun")
@click.argument("identity")
@click.option(
    "--corrected",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the corrected content; default: as it came, by today's rules.",
)
@_addressed
def rerun_quarantine(gateway: _Gateway, identity: str, corrected: Path | None) -> None:
    """Run one again; print where its resources are now."""
    body = corrected.read_bytes() if corrected else None
    found = gateway.ask("POST", f"{_path(identity)}/$rerun", body)
    for entry in found.get("entry", []):
        response = entry["response"]
        click.echo(f"{response['status']} {response.get('location', '')}")


@quarantine.command("dismiss")
@click.argument("identity")
@click.option("--reason", required=True, help="Why it is not needed.")
@_addressed
def dismiss_quarantine(gateway: _Gateway, identity: str, reason: str) -> None:
    """Say that one is not needed."""
    said = {
        "resourceType": "Parameters",
        "parameter": [{"name": "reason", "valueString": reason}],
    }
    gateway.ask("POST", f"{_path(identity)}/$dismiss", json.dumps(said).encode())
    click.echo("dismissed")


def _path(identity: str) -> str:
    return f"/{quote(identity, safe='')}"


def _line(found: Resource) -> str:
    said = _values(found)
    groups = [
        each["valueCode"] for each in found["parameter"] if each["name"] == "group"
    ]
    asked = f"{said['method']} {said.get('url', '(transaction)')}"
    parts = (found["id"], said["received"], said["client"], asked, ", ".join(groups))
    return "  ".join((*parts, said["status"]))


def _values(found: Resource) -> dict[str, str]:
    """Return the values of the parameters that have one."""
    return {
        each["name"]: value
        for each in found["parameter"]
        for name, value in each.items()
        if name.startswith("value") and isinstance(value, str)
    }


def _resource(body: bytes) -> Resource:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(outcome: Resource) -> str:
    said = [each.get("diagnostics", "") for each in outcome.get("issue", [])]
    return " ".join(said) or "the answer is no OperationOutcome; is --to a FHIR base?"
