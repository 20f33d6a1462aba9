"""A key that signs releases: `python -m training.release_key FILE --name NAME`.

The private half goes into FILE, which only its owner may read; the public half is
printed, for whoever verifies releases. Ed25519, in the notation of
https://c2sp.org/signed-note.
"""

import os
from pathlib import Path
from typing import Final

import click

from inference.signature import PrivateKey, SignatureError

_OWNER_ONLY: Final = 0o600


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", required=True, help="Whose key it is; stands in signatures.")
def main(file: Path, name: str) -> None:
    """Make a key that signs releases: the private half into FILE, a new file."""
    try:
        key = PrivateKey.new(name)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except SignatureError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"Cannot make {file} ({error.strerror}): name a file that is not there yet."
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(f"{key.notation}\n")
    click.echo(str(key.public))


if __name__ == "__main__":
    main()
