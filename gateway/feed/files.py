"""Files of FHIR JSON: found, read, and made into a transaction where they are none."""

import gzip
import hashlib
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

SUFFIXES = (".json", ".json.gz")
_GZIP = b"\x1f\x8b"
_FIRST = ("hospital", "organization", "location", "practitioner")
_SENT_AS_THEY_ARE = ("transaction", "batch")
_ADVICE = {
    "searchset": "It is the answer to a search: save its resources as a collection.",
    "history": "It is the history of a server: save its resources as a collection.",
    "document": "It is a document: save the resources it holds as a collection.",
    "message": "It is a message: save the resources it holds as a collection.",
    "transaction-response": "It is a server's answer: send what was asked instead.",
    "batch-response": "It is a server's answer: send what was asked instead.",
}


class UnsendableFileError(Exception):
    """A file that cannot be sent; the sentence says what to do about it."""


class ForeignFileError(Exception):
    """A JSON file that is no FHIR resource, such as a list of files beside them."""


@dataclass(frozen=True)
class Content:
    """What a file holds: its bytes, unpacked, and the SHA-256 of the file."""

    body: bytes
    digest: str


class _Entry(msgspec.Struct, omit_defaults=True):
    resource: msgspec.Raw = msgspec.Raw(b"")
    full_url: str | None = msgspec.field(default=None, name="fullUrl")
    request: dict[str, str] | None = None


class _Head(msgspec.Struct):
    kind: object = msgspec.field(default=None, name="resourceType")
    id: object = None
    type: object = None


class _Collection(msgspec.Struct):
    entry: list[_Entry] = []


def found(places: Iterable[Path]) -> list[Path]:
    """Return the files to send, once each: those that others refer to first."""
    files = {file for place in places for file in _files(place)}
    return sorted(files, key=_order)


def content(path: Path) -> Content:
    """Read a file, packed with gzip or not.

    Raises:
        UnsendableFileError: it cannot be read.

    """
    try:
        kept = path.read_bytes()
        body = gzip.decompress(kept) if kept.startswith(_GZIP) else kept
    except OSError as error:
        raise UnsendableFileError(
            f"The file cannot be read ({error.strerror or 'not in gzip format'})."
        ) from None
    except (EOFError, zlib.error):
        raise UnsendableFileError(
            "The file is cut off or damaged: unpack it, or fetch it again."
        ) from None
    return Content(body=body, digest=hashlib.sha256(kept).hexdigest())


def transaction(body: bytes) -> bytes:
    """Return a transaction or batch as it is, and anything else made into one.

    The entries of a collection, and a single resource, keep every byte. One with an
    id is PUT under that id, one without is POSTed.

    Raises:
        UnsendableFileError: it is not JSON, or a Bundle that asks for nothing.
        ForeignFileError: it is JSON but no FHIR resource.

    """
    plain = body.removeprefix(BOM_UTF8)
    head = _head(plain)
    if head.kind != "Bundle":
        return _wrapped([_Entry(resource=msgspec.Raw(plain))])
    if head.type in _SENT_AS_THEY_ARE:
        return body
    if head.type != "collection":
        raise UnsendableFileError(_advice(head.type))
    try:
        held = msgspec.json.decode(plain, type=_Collection)
    except msgspec.DecodeError:
        raise UnsendableFileError(
            "The entries of this collection are no list of resources: export it again."
        ) from None
    return _wrapped([each for each in held.entry if bytes(each.resource)])


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for path in place.rglob("*"):
        if path.name.endswith(SUFFIXES) and path.is_file():
            yield path


def _order(path: Path) -> tuple[bool, str]:
    return not path.name.lower().startswith(_FIRST), str(path)


def _head(plain: bytes) -> _Head:
    try:
        head = msgspec.json.decode(plain, type=_Head)
    except msgspec.ValidationError:
        raise ForeignFileError("JSON, but no FHIR resource.") from None
    except (msgspec.DecodeError, RecursionError):
        raise UnsendableFileError(
            "The file is not JSON: the gateway reads FHIR as JSON only."
        ) from None
    if not isinstance(head.kind, str):
        raise ForeignFileError("JSON, but no FHIR resource (no resourceType).")
    return head


def _advice(kind: object) -> str:
    known = _ADVICE.get(kind, "") if isinstance(kind, str) else ""
    return (
        "Only a transaction, batch or collection can be sent. "
        f"{known or 'Give the Bundle one of these types.'}"
    )


def _wrapped(entries: list[_Entry]) -> bytes:
    for each in entries:
        each.request = _request(each.resource)
    return msgspec.json.encode(
        {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    )


def _request(resource: msgspec.Raw) -> dict[str, str]:
    head = _head(bytes(resource))
    if isinstance(head.id, str):
        return {"method": "PUT", "url": f"{head.kind}/{head.id}"}
    return {"method": "POST", "url": str(head.kind)}
