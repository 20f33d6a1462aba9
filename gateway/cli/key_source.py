"""`--key-file`: where a command finds the key-encryption key."""

import shlex
from pathlib import Path

import click

from gateway.store.keysource import KeyCommand, KeySource, KeyVariable

_VARIABLE, _COMMAND = "env:", "command:"


class KeySourceType(click.ParamType[KeySource]):
    """A path, `env:NAME` or `command:WORDS`."""

    name = "path|env:NAME|command:WORDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> KeySource:
        """Read one of the three."""
        text = str(value)
        if text.startswith(_VARIABLE):
            return KeyVariable(text.removeprefix(_VARIABLE))
        if text.startswith(_COMMAND):
            try:
                words = tuple(shlex.split(text.removeprefix(_COMMAND)))
            except ValueError:  # a quotation mark too few
                words = ()
            return KeyCommand(words) if words else self.fail("Name a command.")
        if not Path(text).is_file():
            self.fail(
                f"There is no file {text}. Name the one that holds the key. For a new "
                "key, make it first: (umask 077; head -c 32 /dev/urandom > FILE)",
                param,
                ctx,
            )
        return Path(text)


KEY = click.option(
    "--key-file",
    type=KeySourceType(),
    help="Key-encryption key: a file, env:NAME or command:WORDS; default: the file in "
    "the data folder.",
)
