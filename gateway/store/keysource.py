"""Where the key-encryption key comes from: a file, the environment, or a command.

A command is the hook for a key management service: it prints the key, in base64 or
hexadecimal, and ends with status 0. What it writes to standard error is never repeated,
since it may hold a secret.
"""

import base64
import binascii
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.store.cipher import KEY_BYTES, KeyEncryptionKey
from gateway.store.errors import KeyFileError
from gateway.store.keyfile import create_key_file, next_key_file, read_key_file

SECONDS: Final = 30.0
_HEXADECIMAL: Final = 2 * KEY_BYTES


@dataclass(frozen=True)
class KeyVariable:
    """An environment variable that holds the key."""

    name: str

    def read(self) -> KeyEncryptionKey:
        """Return the key; raises KeyFileError where there is none, or no key."""
        text = os.environ.get(self.name)
        if text is None:
            raise KeyFileError(
                f"The environment variable {self.name} is not set, and the settings "
                "say that it holds the key-encryption key."
            )
        return _written(text, f"the environment variable {self.name}")


@dataclass(frozen=True)
class KeyCommand:
    """A command that prints the key; it has so many seconds."""

    words: tuple[str, ...]
    seconds: float = SECONDS

    def read(self) -> KeyEncryptionKey:
        """Run the command and return the key; raises KeyFileError where it fails."""
        name = self.words[0]
        try:
            done = subprocess.run(  # noqa: S603 (the operator's own command)
                self.words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise KeyFileError(
                f"The key command {name} did not end within {self.seconds:g} seconds."
            ) from None
        except OSError as error:
            raise KeyFileError(
                f"The key command {name} cannot be run ({error.strerror})."
            ) from None
        if done.returncode:
            raise KeyFileError(
                f"The key command {name} ended with status {done.returncode}. Run it "
                "by hand to see why; its output is not repeated here."
            )
        text = done.stdout.decode(errors="replace")
        return _written(text, f"what the key command {name} printed")


@dataclass(frozen=True)
class KeyGiven:
    """A key that was read before, from whatever source."""

    kek: KeyEncryptionKey = field(repr=False)

    def read(self) -> KeyEncryptionKey:
        """Return it."""
        return self.kek


KeySource = Path | KeyVariable | KeyCommand | KeyGiven


def key_source(
    file: Path | None, variable: str | None, command: Sequence[str], seconds: float
) -> KeySource | None:
    """Return the source that settings name, None for the file in the data folder."""
    if variable:
        return KeyVariable(variable)
    return KeyCommand(tuple(command), seconds) if command else file


def resolved(source: KeySource | None) -> KeySource | None:
    """Return a source that is asked for no more: a command is run once.

    A file stays a file, because a first start makes it.
    """
    if source is None or isinstance(source, Path):
        return source
    return KeyGiven(source.read())


def _written(text: str, origin: str) -> KeyEncryptionKey:
    """Read 32 bytes in hexadecimal or base64."""
    bare = text.strip()
    try:
        if len(bare) == _HEXADECIMAL:
            key = bytes.fromhex(bare)
        else:
            key = base64.b64decode(bare, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileError(
            f"There is no key in {origin}: write {KEY_BYTES} bytes in base64 or as "
            f"{_HEXADECIMAL} hexadecimal digits."
        )
    return KeyEncryptionKey(key, origin=origin)


def read_key(source: KeySource, kek_id: bytes | None = None) -> KeyEncryptionKey:
    """Return the key of a source; of a file that is being replaced, the one that fits.

    `kek_id` is that of the key which the log is wrapped with. A rotation that was cut
    off leaves the next key beside the file, and either may be the one in force.

    Raises:
        KeyFileError: if there is no key, or what is there is none.

    """
    if not isinstance(source, Path):
        return source.read()
    following = next_key_file(source)
    if kek_id is None or not following.exists():
        return read_key_file(source)
    found: list[KeyEncryptionKey] = []
    faults: list[str] = []
    for file in (following, source):
        try:
            found.append(read_key_file(file))
        except KeyFileError as error:
            faults.append(str(error))
    fitting = [each for each in found if each.kek_id == kek_id]
    if not fitting and faults:
        raise KeyFileError(
            f"A change of the key in {source} was cut off. What could be read is not "
            f"the key of this log. {' '.join(faults)}"
        )
    return (fitting or found)[-1]


def made_key(source: KeySource) -> KeyEncryptionKey:
    """Return the key for a new log, making the file where it is to be in one.

    Raises:
        KeyFileError: as `read_key` does, or if the file cannot be made.

    """
    return create_key_file(source) if isinstance(source, Path) else source.read()
