"""Looks for what an erasure is to leave nowhere, before it and after it."""

from collections.abc import Collection, Iterable
from pathlib import Path

import click

from gateway.audit.knowledge import stated
from gateway.audit.strangers import is_own, strangers
from gateway.audit.traces import Traces, search
from gateway.audit.wanted import Wanted


def require_apart(data: Path, wanted: Wanted) -> None:
    """Refuse an erasure while files that the gateway did not write hold its patient.

    Afterwards nobody knows any more what to look for.

    Raises:
        click.ClickException: there are such files.

    """
    others = strangers(data)
    if not others:
        return
    traces = search(
        data, wanted.values, wanted.keys, key_ids=wanted.key_ids, among=others
    )
    _warn(traces)
    if faults := [*_held(traces.found), *_named(traces.named)]:
        raise click.ClickException(
            f"{' '.join(faults)} The gateway did not write them there: move them out "
            "of the data folder, and erase again. Nothing was erased."
        )


def faults_after(data: Path, wanted: Wanted) -> list[str]:
    """Look through all files; say what was done, and return what is wrong."""
    words = stated(data, wanted.values)
    if words:
        click.echo(
            "values that the knowledge base states, too, and that are not looked for "
            f"in its own files: {len(words)}"
        )
    traces = search(
        data, wanted.values, wanted.keys, key_ids=wanted.key_ids, stated=words
    )
    click.echo(
        f"searched {traces.files} files, {traces.bytes} bytes, for {traces.values} "
        f"values ({traces.left_out} too short to tell)"
    )
    _warn(traces)
    faults = [*_left(data, traces.found), *_named(traces.named)]
    if not faults:
        click.echo("no value of the patient was found in any file")
    return faults


def faults_unsearched(data: Path, key_ids: Collection[bytes]) -> list[str]:
    """Say that nobody can look for values any more; return what is wrong for sure.

    Only the ids of the destroyed keys are known then, from the log.
    """
    click.echo(
        "what told the patient was destroyed with the keys: no file can be searched "
        "for it now"
    )
    others = strangers(data)
    traces = search(data, (), key_ids=key_ids, among=others)
    _warn(traces)
    faults = list(_left(data, traces.found))
    if others:
        faults.append(
            f"Look yourself through the {len(others)} files and folders in {data} that "
            "are not the gateway's own (docs/operations.md lists those), or remove "
            "them: no search is known to have found nothing there."
        )
    return faults


def _warn(traces: Traces) -> None:
    if traces.closed:
        click.echo(
            "not searched, because compressed, damaged, unreadable or elsewhere: "
            f"{_listed(traces.closed)}. Look yourself, or remove them."
        )


def _left(data: Path, found: Iterable[Path]) -> Iterable[str]:
    """Say apart what is left in files of the gateway's own: they are not to go."""
    files = list(found)
    own = [each for each in files if is_own(each.relative_to(data))]
    if others := [each for each in files if each not in own]:
        yield from _held(others)
        yield "The gateway did not write them there: remove these files."
    if own:
        yield (
            f"Values of the patient, or a data key, are still in {_listed(own)}, which "
            "the gateway keeps itself: run 'triage-gateway rebuild' on this folder. A "
            "word of the gateway's own, such as the name of a resource type, stands "
            "there for others, too."
        )


def _held(found: Collection[Path]) -> Iterable[str]:
    if found:
        yield f"Values of the patient, or a data key, are in {_listed(found)}."


def _named(folders: Collection[Path]) -> Iterable[str]:
    if folders:
        yield f"The name of a file or folder tells the patient, in {_listed(folders)}."


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(str(each) for each in files)
