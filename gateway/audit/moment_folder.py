"""The read models of one moment as files, for readers without a gateway."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit.output_folder import filled
from gateway.audit.private_file import private
from gateway.projections import resources
from gateway.projections.database import Database
from gateway.projections.resources import Version

MANIFEST: Final = "manifest.json"
VERSIONS: Final = "versions.ndjson"
_TABLES: Final = {
    "worklist": "SELECT * FROM work ORDER BY case_id",
    "quarantine": "SELECT * FROM quarantine ORDER BY id",
}


def write(
    folder: Path,
    *,
    models: Database,
    audits: Database,
    position: int,
    instant: datetime | None,
    tenant: str,
) -> None:
    """Write what was current, every version, and what waited, into a new folder.

    `TYPE.ndjson` has the resources of a type as a read would have answered them, in
    the log's order; `versions.ndjson` every version of all of them. The manifest comes
    last: where it is missing, the folder is not complete.

    Raises:
        OutputFolderError: the folder is not empty, or cannot be made or written to.

    """
    with filled(folder):
        written = dict(_written(folder, models, audits))
        manifest = {
            "tenant": tenant,
            "position": position,
            "instant": instant.isoformat() if instant else None,
            "files": written,
        }
        _file(folder / MANIFEST, [json.dumps(manifest, indent=1).encode()])


def _written(
    folder: Path, models: Database, audits: Database
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Write every file but the manifest; give what each holds."""
    for database in (models, audits):
        for kind, versions in _by_type(database):
            bodies = (version.body for version in versions)
            yield f"{kind}.ndjson", _file(folder / f"{kind}.ndjson", bodies)
    yield VERSIONS, _file(folder / VERSIONS, _versions(models, audits))
    for name, rows in _TABLES.items():
        yield f"{name}.ndjson", _file(folder / f"{name}.ndjson", _rows(models, rows))


def _by_type(database: Database) -> Iterator[tuple[str, Iterator[Version]]]:
    with database.reader() as connection:
        for kind in resources.types(connection):
            yield kind, resources.current(database, connection, kind)


def _versions(*databases: Database) -> Iterator[bytes]:
    for database in databases:
        with database.reader() as connection:
            for version in resources.every(database, connection):
                stated = {
                    "reference": str(version.reference),
                    "at": version.at.isoformat(),
                    "deleted": version.deleted,
                }
                line = json.dumps(stated).encode()
                if version.body:  # byte for byte, as it was answered
                    line = b'%s, "resource": %s}' % (line[:-1], version.body)
                yield line


def _rows(database: Database, statement: str) -> Iterator[bytes]:
    with database.reader() as connection:
        rows = connection.execute(statement)
        names = [column[0] for column in rows.description]
        for row in rows:
            yield json.dumps(dict(zip(names, row, strict=True))).encode()


def _file(path: Path, lines: Iterable[bytes]) -> dict[str, Any]:
    """Write lines into a file that only its owner reads; return what it holds."""
    digest, count = hashlib.sha256(), 0
    with private(path) as file:
        for line in lines:
            file.write(line + b"\n")
            digest.update(line + b"\n")
            count += 1
    return {"lines": count, "sha256": digest.hexdigest()}
