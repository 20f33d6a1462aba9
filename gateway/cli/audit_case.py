"""`triage-gateway audit case`: the whole life of one case, for people."""

from pathlib import Path

import click

from gateway.audit.case import UnknownCaseError, case_story
from gateway.audit.case_page import page
from gateway.audit.case_text import lines
from gateway.audit.output_folder import OutputFolderError, require_outside
from gateway.audit.private_file import private
from gateway.cli.audit_options import DATA
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource


@click.command("case")
@click.argument("identity", metavar="ID")
@DATA
@KEY
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one self-contained page instead (patient data: guard it).",
)
@click.option("--full", is_flag=True, help="Print prompts, answers and what was sent.")
def show_case(
    identity: str,
    data: Path,
    key_file: KeySource | None,
    html: Path | None,
    *,
    full: bool,
) -> None:
    """Tell the life of the case that ID belongs to: a case, Task or assessment."""
    try:
        if html is not None:
            require_outside(html, data)
        with bar("Reading the access records") as progress:
            story = case_story(data, identity, kek_file=key_file, progress=progress)
    except (StoreError, UnknownCaseError, OutputFolderError) as error:
        raise click.ClickException(str(error)) from None
    if html is None:
        for line in lines(story, full=full):
            click.echo(line)
        return
    try:
        with private(html) as file:
            file.write(page(story).encode())
    except OSError as error:
        raise click.ClickException(
            f"The page cannot be written there ({error.strerror}): name a file in a "
            "folder that exists."
        ) from None
    click.echo(f"written: {html}")
