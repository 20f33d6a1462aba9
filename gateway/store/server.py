"""The PostgreSQL server that keeps a log, and how a data folder remembers it.

The folder of a gateway whose log is in PostgreSQL holds a small file that says so, so
that every command finds the log by its folder, and nobody begins a second, empty log
there by forgetting a setting. A password is never in it.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from gateway.store.errors import LogFormatError
from gateway.store.keyfile import write_durably
from gateway.store.schema import LOG_FILE, SERVER_FILE

URL: Final = "TRIAGE_GATEWAY_DATABASE_URL"
URL_FILE: Final = "TRIAGE_GATEWAY_DATABASE_URL_FILE"
_SECRET: Final = ("password", "passfile", "sslpassword")


@dataclass(frozen=True)
class Server:
    """A database by its URL, or libpq's `key=value` words, and the log's schema.

    Raises:
        LogFormatError: if the URL is none; it is not repeated.

    """

    url: str = field(repr=False)
    schema: str

    def __post_init__(self) -> None:
        try:
            conninfo_to_dict(self.url)
        except ProgrammingError:
            raise LogFormatError(
                "The address of the database cannot be read. Write it as "
                "postgresql://user@host:5432/database; what is special in a password "
                "is written as %XX."
            ) from None

    def __str__(self) -> str:
        known = conninfo_to_dict(self.url)
        host = known.get("host") or known.get("hostaddr") or "this machine"
        port = f":{known['port']}" if known.get("port") else ""
        base = known.get("dbname") or known.get("user") or "its default"
        return f"database {base} at {host}{port}, schema {self.schema}"

    @property
    def address(self) -> str:
        """Return the URL without what is secret, in libpq's words."""
        known = conninfo_to_dict(self.url)
        shown = {k: v for k, v in known.items() if k not in _SECRET}
        return make_conninfo("", **shown)


_KNOWN: Final[dict[Path, Server]] = {}
"""By their folders: with the passwords, which this process alone was told."""


def learn(folder: Path, server: Server) -> None:
    """Know in this process where a folder's log is, and by which password."""
    _KNOWN[folder.resolve()] = server


def remember(folder: Path, server: Server) -> None:
    """Note in the data folder where its log is; in this process by which password."""
    learn(folder, server)
    noted = {"address": server.address, "schema": server.schema}
    content = json.dumps(noted, indent=2) + "\n"
    write_durably(folder / SERVER_FILE, content.encode())


def remembered(folder: Path) -> Server | None:
    """Return where the folder's log is, None where it is in the folder itself.

    A process that opened the log knows. To others the password comes from the URL in
    the environment, from the file that the environment names, or from where libpq looks
    by itself (`~/.pgpass`, `PGPASSWORD`).

    Raises:
        LogFormatError: if the note, or what the environment says, cannot be read.

    """
    if known := _KNOWN.get(folder.resolve()):
        return known
    try:
        noted = json.loads((folder / SERVER_FILE).read_text(encoding="utf-8"))
        server = Server(noted["address"], noted["schema"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise LogFormatError(
            f"{folder / SERVER_FILE} cannot be read: it says where this folder's log "
            "is. Start the gateway with its database_url once, and it is made anew."
        ) from None
    return Server(_given() or server.url, server.schema)


def require_one_home(folder: Path, server: Server | None) -> None:
    """Refuse to begin a second log beside the one that a folder belongs to.

    Raises:
        LogFormatError: saying where the other one is.

    """
    if server is not None and (folder / LOG_FILE).exists():
        raise LogFormatError(
            f"{folder} holds a log of its own ({LOG_FILE}), and database_url names "
            "another. Leave database_url out, or choose an empty data folder."
        )
    elsewhere = remembered(folder) if server is None else None
    if elsewhere is not None:
        raise LogFormatError(
            f"The log of {folder} is in PostgreSQL ({elsewhere}), and no database_url "
            "is set. Set it, or choose another data folder."
        )


def _given() -> str:
    url, file = os.environ.get(URL, ""), os.environ.get(URL_FILE, "")
    return url or (read_url(Path(file)) if file else "")


def read_url(file: Path) -> str:
    """Return the URL that a file holds.

    Raises:
        LogFormatError: if it cannot be read.

    """
    try:
        url = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise LogFormatError(
            f"The file {file} with the address of the database cannot be read "
            f"({type(error).__name__}). It holds one line: the URL."
        ) from None
    if not url:
        raise LogFormatError(f"The file {file} is empty: write the database's URL.")
    return url
