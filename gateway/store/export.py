"""The log as rows of plain JSON values, for auditors and for training."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.store.errors import LogMissingError
from gateway.store.founding import read_identity
from gateway.store.keyfile import default_key_file
from gateway.store.opening import unlock
from gateway.store.reading import snapshot
from gateway.store.schema import NO_LIMIT, SELECT_ROWS_AFTER, Row


def export(
    folder: Path, *, kek_file: Path | None = None, after: int = 0
) -> Iterator[dict[str, Any]]:
    """Give each row of a stopped or a running log, decrypted, in order.

    A row has position, stream, version, topic, at (ISO 8601), actor, request,
    address, event, leaf and chain (hexadecimal). Of an erased event only its place
    and its seal are left; stream, at, actor, request, address and event are None.
    Bytes that are JSON appear as text, others as {"base64": text}.

    Raises:
        LogMissingError: if the folder holds no log.
        KeyFileError: if the key file is missing or another's.
        LogDamagedError: if a row is not what was written.

    """
    key_file = kek_file or default_key_file(folder)
    with snapshot(folder) as connection:
        identity = read_identity(connection)
        if identity is None:
            raise LogMissingError(f"The log in {folder} was never begun.")
        reader = unlock(connection, identity, key_file).reader()
        for columns in connection.execute(SELECT_ROWS_AFTER, (after, NO_LIMIT)):
            row = Row._make(columns)
            entry = reader.entry(row)
            yield {
                "position": row.position,
                "stream": entry and entry.stream,
                "version": row.version,
                "topic": row.topic,
                "at": entry and entry.at.isoformat(),
                "actor": entry and entry.actor,
                "request": entry and entry.request,
                "address": entry and entry.address,
                "event": entry and _plain(msgspec.msgpack.decode(entry.event)),
                "leaf": row.leaf.hex(),
                "chain": row.chain.hex(),
            }


def _plain(value: Any) -> Any:  # noqa: ANN401 (any value that msgpack can hold)
    match value:
        case dict():
            return {str(key): _plain(held) for key, held in value.items()}
        case list():
            return [_plain(held) for held in value]
        case bytes():
            return _shown(value)
        case datetime():
            return value.isoformat()
        case _:
            return value


def _shown(content: bytes) -> str | dict[str, str]:
    try:
        msgspec.json.decode(content)
        return content.decode()
    except ValueError:  # neither JSON nor even UTF-8
        return {"base64": base64.b64encode(content).decode()}
