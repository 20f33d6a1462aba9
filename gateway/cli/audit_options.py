"""What the commands about a log have in common."""

from pathlib import Path

import click

_KEY_BYTES = 32

DATA = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped or a running gateway.",
)

# What is no text reads as no checkpoint, and is refused as such.
NOTED = click.File(encoding="utf-8", errors="replace")


class PublicKey(click.ParamType[bytes]):
    """A public key in hexadecimal."""

    name = "64 hexadecimal digits"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        """Read 32 bytes."""
        try:
            key = bytes.fromhex(str(value))
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            self.fail("Give the key as 64 hexadecimal digits.", param, ctx)
        return key
