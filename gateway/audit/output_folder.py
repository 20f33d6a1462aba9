"""Where an auditor's or a trainer's files may be written."""

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
    """Make a folder, for its owner only, or refuse one that cannot be written into.

    Raises:
        OutputFolderError: it holds something, belongs to a gateway's data, or cannot
            be made.

    """
    require_outside(output, data)
    try:
        output.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(output.iterdir())
    except OSError as error:
        raise OutputFolderError(
            f"The folder cannot be made or read there ({error.strerror}): name another."
        ) from None
    if not empty:
        raise OutputFolderError("Name a folder that is new or empty.")
