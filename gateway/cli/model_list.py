"""`triage-gateway model list`: the releases, and which of them counts."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from domain.events import REGISTRY
from domain.registered import Held, ModelActivated, ModelRegistered, ModelRolledBack
from domain.registry import Registry
from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.cli.own_log import said
from gateway.intake.registry import told
from gateway.store.keysource import KeySource
from gateway.store.transcript import transcript

_WIDTH = 140
_COLUMNS = ("release", "state", "figures of the gate", "registered", "decided last")


@click.command("list")
@DATA
@KEY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_releases(*, data: Path, key_file: KeySource | None, as_json: bool) -> None:
    """List the releases that were registered: which counts, by whom, why."""
    with said(), transcript(data, registry=REGISTRY, kek_file=key_file) as log:
        found = told(log.stream)
    if as_json:
        listed = [_document(found, each) for each in found.registered]
        click.echo(json.dumps(listed, indent=2, ensure_ascii=False, default=str))
        return
    shown = Table(*_COLUMNS)
    for each in found.registered:
        shown.add_row(*_row(found, each))
    Console(width=_WIDTH).print(shown)
    active = found.active
    click.echo(f"active: {active.title if active else 'none, models are in shadow'}")


def _row(found: Registry, registered: ModelRegistered) -> Iterator[str]:
    release, decided = registered.release, _decided(found, registered)
    yield release.title
    yield _state(found, registered)
    yield "\n".join(map(_held, _activation(decided))) or "-"
    yield f"{registered.by}, {registered.at:%Y-%m-%d %H:%M}"
    yield "\n".join(map(_step, decided[-1:])) or "-"


def _state(found: Registry, registered: ModelRegistered) -> str:
    active = found.active
    if active is not None and active.sha256 == registered.release.sha256:
        return "active"
    return "was active" if _decided(found, registered) else "shadow"


def _decided(
    found: Registry, registered: ModelRegistered
) -> list[ModelActivated | ModelRolledBack]:
    """Return what was decided about a release: its activations, and leaving it."""
    return [e for e in found.history if e.release == registered.release.sha256]


def _activation(
    decided: list[ModelActivated | ModelRolledBack],
) -> tuple[Held, ...]:
    found = [each.held for each in decided if isinstance(each, ModelActivated)]
    return found[-1] if found else ()


def _held(held: Held) -> str:
    return f"{held.required.sentence}: {held.measured:g}"


def _step(event: ModelActivated | ModelRolledBack) -> str:
    what = "activated" if isinstance(event, ModelActivated) else "left"
    return f"{what} by {event.by}, {event.at:%Y-%m-%d %H:%M}: {event.reason}"


def _document(found: Registry, registered: ModelRegistered) -> dict[str, Any]:
    decided = (
        {"topic": each.topic, **asdict(each)} for each in _decided(found, registered)
    )
    return {
        **asdict(registered),
        "title": registered.release.title,
        "state": _state(found, registered),
        "decided": list(decided),
    }
