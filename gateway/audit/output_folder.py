"""Where an auditor's or a trainer's files may be written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class OutputFolderError(Exception):
    """The files cannot go there; the message says where they can."""


def require_outside(output: Path, data: Path) -> None:
    """Refuse a place inside a gateway's data folder.

    Raises:
        OutputFolderError: it is there.

    """
    if output.resolve().is_relative_to(data.resolve()):
        raise OutputFolderError(
            "What is written is none of the gateway's own files: name a place outside "
            "the data folder."
        )


def require_apart(output: Path, data: Path) -> None:
    """Refuse a folder that cannot be used, before the work for it; make none yet.

    Raises:
        OutputFolderError: it holds something, belongs to a gateway's data, or there
            can be none.

    """
    require_outside(output, data)
    try:
        there = next(each for each in (output, *output.parents) if each.exists())
        empty = not any(there.iterdir())
    except OSError as error:
        raise _unusable(error) from None
    if there == output and not empty:
        raise _full()


@contextmanager
def filled(output: Path) -> Iterator[None]:
    """Make a folder, for its owner only, where there is not an empty one; fill it.

    Raises:
        OutputFolderError: it holds something, or cannot be made or written to.

    """
    try:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(output.iterdir())
    except OSError as error:
        raise _unusable(error) from None
    if not empty:
        raise _full()
    try:
        yield
    except OSError as error:
        raise OutputFolderError(
            f"The files cannot be written there ({error.strerror}). What is there is "
            "not complete: remove it, and name another folder."
        ) from None


def _unusable(error: OSError) -> OutputFolderError:
    return OutputFolderError(
        f"The folder cannot be made or read there ({error.strerror}): name another."
    )


def _full() -> OutputFolderError:
    return OutputFolderError("Name a folder that is new or empty.")
