"""`triage-gateway model register`, `activate`, `rollback`: which release counts."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.registering import (
    ActivateModel,
    RegisterModel,
    RegistryCommand,
    RollBackModel,
)
from domain.registry import Registry
from gateway.cli.own_log import said
from gateway.cli.where import Where, somewhere
from gateway.intake import release
from gateway.intake.registry import RegistryUnit
from gateway.store.records import Context
from inference.release import (
    EVALUATION,
    MANIFEST,
    SIGNATURE,
    UnreadableReleaseError,
    read_release,
)
from inference.signature import PublicKey, SignatureError

ACTOR = "triage-gateway model"
BY = click.option("--by", required=True, help="Who decided it: a person's name.")
_REASON = click.option("--reason", required=True, help="Why, on one line.")
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_STILL = (
    "It counts only where the settings let a model count (model_shadow = false), and "
    "only while these weights and this adapter are declared there and answer."
)


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--key",
    required=True,
    help="Public key of who releases, as name+id+key, or a file that holds it.",
)
@BY
@somewhere
def register(*, where: Where, folder: Path, key: str, by: str) -> None:
    """Verify a release folder and make it known; it stays in shadow."""
    sent = _sent(folder, key)
    with said():
        made = release.release(sent)
    told = (("to", "registered"), ("by", by.strip()), *asdict(sent).items())
    command = RegisterModel(release=made, by=by.strip(), at=datetime.now(UTC))
    _decided(where, command, told)
    click.echo(f"registered: {made.title}, in shadow\nsha256: {made.sha256}")


@click.command()
@click.argument("title", metavar="NAME@VERSION")
@click.option(
    "--gate", type=_FILE, required=True, help="Figures that the release must hold."
)
@BY
@_REASON
@somewhere
def activate(*, where: Where, title: str, gate: Path, by: str, reason: str) -> None:
    """Let a release count, if every figure of a gate holds."""
    content = _text(gate)
    with said():
        required = release.required(content)
    command = ActivateModel(
        title=title,
        gate=release.gate_sha256(content),
        required=required,
        asking=release.asking(),
        by=by.strip(),
        reason=reason.strip(),
        at=datetime.now(UTC),
    )
    told = (("to", "active"), ("release", title), ("gate", content))
    who = (("by", command.by), ("reason", command.reason))
    active = _decided(where, command, (*told, *who))
    click.echo(f"active: {active}; {len(required)} figures of the gate hold\n{_STILL}")


@click.command()
@click.argument("title", metavar="[NAME@VERSION]", default="")
@BY
@_REASON
@somewhere
def rollback(*, where: Where, title: str, by: str, reason: str) -> None:
    """Go back to the release that counted before, or to shadow.

    NAME@VERSION is the release that is left: if another one counts, nothing is done, so
    that asking twice does no harm. With --url it has to be named.
    """
    if where.data is None and not title:
        raise click.UsageError(
            "Name the release that is left (NAME@VERSION): should the answer be lost, "
            "the command can then be given again."
        )
    command = RollBackModel(
        title=title, by=by.strip(), reason=reason.strip(), at=datetime.now(UTC)
    )
    told = (("to", "previous"), ("release", title))
    who = (("by", command.by), ("reason", command.reason))
    active = _decided(where, command, (*told, *who))
    click.echo(f"active: {active or 'none, every model is in shadow'}")


def _decided(
    where: Where, command: RegistryCommand, given: Iterable[tuple[str, str]]
) -> str | None:
    """Let the log decide; return which release counts then, None for none."""
    context = Context(at=command.at, actor=ACTOR, request=str(uuid4()))
    unit = RegistryUnit(command=command, context=context)
    done = where.decide(unit, operation="$release-model", given=given)
    if isinstance(done, Registry):
        return done.active.title if done.active else None
    told = {each["name"]: each["valueString"] for each in done.get("parameter", ())}
    return told.get("active")


def _sent(folder: Path, key: str) -> release.Sent:
    """Verify a folder; return the texts that the registry keeps a hash of."""
    try:
        public = PublicKey.parse(_text(Path(key)) if _is_file(key) else key)
        read_release(folder, key=public)
    except (SignatureError, UnreadableReleaseError) as error:
        raise click.ClickException(str(error)) from None
    return release.Sent(
        manifest=_text(folder / MANIFEST),
        signature=_text(folder / SIGNATURE),
        evaluation=_text(folder / EVALUATION),
        key=str(public),
    )


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # a key may be too long for a name
        return False


def _text(file: Path) -> str:
    """Return a file's text, byte for byte: hashes are of it."""
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"{file.name} cannot be read ({type(error).__name__})."
        ) from None
