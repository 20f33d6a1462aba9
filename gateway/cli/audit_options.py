"""What the commands about a log have in common."""

from pathlib import Path

import click

DATA = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)
KEY = click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Key-encryption key; default: the one in the data folder.",
)
