"""What a row says in clear, and whether a disclosed key shows that it says so."""

import base64
import json
from datetime import datetime
from typing import Any

import msgspec

from gateway.store.cipher import Cipher
from gateway.store.envelope import KEY_ID_BYTES, Entry, Place, opened_entry
from gateway.store.errors import CiphertextError, UnrecordableEventError
from gateway.store.evidence import EvidenceError, Row, decoded
from gateway.store.keyring import data_key_id


def readable(entry: Entry | None) -> dict[str, Any] | None:
    """Return an entry as plain JSON values; None of what was erased.

    It has stream, at (ISO 8601), actor, request, address and event. Bytes that are JSON
    appear as text, others as {"base64": text}.
    """
    if entry is None:
        return None
    return {
        "stream": entry.stream,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "request": entry.request,
        "address": entry.address,
        "event": _plain(msgspec.msgpack.decode(entry.event)),
    }


class Disclosures:
    """Compare what rows say in clear with what their disclosed keys open.

    A key that the row's key id is not made from is refused: it may have been chosen so
    that it opens the same row to other words.
    """

    def __init__(self) -> None:
        self.shown = 0  # rows whose words are those that were sealed
        self.claimed = 0  # rows whose words nothing shows to be true

    def check(self, row: Row, told: dict[str, Any], tenant: str) -> None:
        """Open a row with its key, if it has one, and compare.

        Raises:
            EvidenceError: if the key is not that of the row's id, does not open it, or
                it says something else.

        """
        if "key" not in told:
            self.claimed += "decrypted" in told  # also that the row was erased
            return
        place = Place(
            tenant=tenant,
            originator_id=row.originator,
            version=row.version,
            topic=row.topic,
        )
        key = decoded(told["key"])
        if row.state[1 : 1 + KEY_ID_BYTES] != data_key_id(key):
            raise EvidenceError("The row's key id is not made from the disclosed key.")
        try:
            entry = opened_entry(row.state, place, Cipher(key))
        except (CiphertextError, UnrecordableEventError) as error:
            raise EvidenceError(
                f"The disclosed key does not open it: {error}"
            ) from None
        if "decrypted" in told and not _same(told["decrypted"], readable(entry)):
            raise EvidenceError("The row's words are not those that were sealed.")
        self.shown += 1


def _same(said: object, sealed: object) -> bool:
    """Compare as written: to Python, 1 is the same as 1.0 and as true."""
    return json.dumps(said) == json.dumps(sealed)


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
