"""Folders of documents: what is in them, what was refused, and what to look at."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.division import MAX_TOKENS, estimated
from inference.document import (
    Block,
    Facts,
    UnusableDocumentError,
    facts,
    front_matter,
    legible,
)
from inference.injection import suspicions
from inference.knowledge import Count, Document, structured
from inference.readers import apart, markdown, prose
from inference.schema import Passage
from inference.suspicion import Suspicion

FACTS = ".meta"  # `guide.pdf.meta` states the facts of `guide.pdf`
_MIB = 1 << 20
_LONGEST = {"pdf": 64 * _MIB, "facts": _MIB // 16}  # bytes; any other:
_LONGEST_TEXT = 8 * _MIB
_KINDS = {
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".txt", ".text"), "prose"),
    **dict.fromkeys((".html", ".htm"), "html"),
    ".pdf": "pdf",
}


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What was found: documents, and a sentence for each thing to know.

    `refused` names what is not among the documents though it should be, `notes` what
    is and a person should look at, `unread` the files of other kinds.
    """

    documents: tuple[Document, ...]
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def load_folder(path: Path, *, count: Count = estimated) -> list[Passage]:
    """Return the passages of every document below a folder, in a stable order.

    Raises:
        UnusableDocumentError: a document is malformed, or there is none.

    """
    found = collect([path], count=count)
    if found.refused:
        raise UnusableDocumentError(found.refused[0])
    return [passage for each in found.documents for passage in each.passages]


def collect(
    folders: Sequence[Path],
    *,
    count: Count = estimated,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Collection:
    """Read every document below some folders.

    What is malformed is refused, each for itself; `progress` is told how many files
    of how many are read.
    """
    files = [(folder, file) for folder in folders for file in _files(folder)]
    documents: dict[str, tuple[Document, str]] = {}
    refused = [f"{each}: no document is in it." for each in _empty(folders, files)]
    notes: list[str] = []
    for done, (folder, file) in enumerate(files, 1):
        try:
            document = _read(folder, file, count)
            _require_other_name(document, documents, file)
        except UnusableDocumentError as error:
            refused.append(f"{file.parent}/{error}")
        else:
            documents[document.id] = (document, str(file))
            notes.extend(f"{file}: {note}" for note in _notes(document, count))
        progress(done, len(files))
    return Collection(
        documents=tuple(document for document, _ in documents.values()),
        refused=tuple(refused),
        notes=tuple(notes),
        unread=tuple(map(str, _of_other_kinds(folders))),
    )


def _read(folder: Path, file: Path, count: Count) -> Document:
    kind = _KINDS[file.suffix.lower()]
    content = _bytes(folder, file, _LONGEST.get(kind, _LONGEST_TEXT))
    beside = file.with_name(file.name + FACTS)
    stated = _facts(folder, beside) if beside.exists() else None
    if kind in ("pdf", "html"):
        if stated is None:
            raise UnusableDocumentError(
                f"{file.name}, line 1: put `key: value` lines into {beside.name}"
                " beside it, as docs/knowledge.md shows."
            )
        return structured(
            _distinct(apart.blocks(content, kind, name=file.name)),
            stated,
            name=file.name,
            count=count,
        )
    text = legible(_text(content, file.name))
    whole = Facts(stated, text, 1) if stated else front_matter(text, name=file.name)
    blocks = markdown.blocks if kind == "markdown" else prose.blocks
    found = blocks(whole.rest, line=whole.line)
    return structured(found, whole.known, name=file.name, count=count)


def _facts(folder: Path, file: Path) -> dict[str, str]:
    text = _text(_bytes(folder, file, _LONGEST["facts"]), file.name)
    return facts(legible(text).split("\n"), name=file.name)


def _bytes(folder: Path, file: Path, longest: int) -> bytes:
    """Read a file that is one, in the folder, and not too long."""
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UnusableDocumentError(
            f"{file.name}: it is a link out of the folder; put the file itself there."
        )
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UnusableDocumentError(f"{file.name}: it is no file.")
        with file.open("rb") as opened:
            content = opened.read(longest + 1)
    except OSError as error:
        raise UnusableDocumentError(
            f"{file.name}: it cannot be read ({error.strerror})."
        ) from error
    if len(content) > longest:
        raise UnusableDocumentError(
            f"{file.name}: it has more than {longest} bytes; divide it."
        )
    return content


def _text(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnusableDocumentError(
            f"{name}, line {line}: not UTF-8; save it as UTF-8."
        ) from error
    if "\0" in text:
        raise UnusableDocumentError(f"{name}: it is not text, whatever its name says.")
    return text


def _distinct(blocks: Iterable[Block]) -> Iterator[Block]:
    """Give headings that occur again a number: nobody can rename those of a PDF."""
    seen: Counter[tuple[int, str]] = Counter()
    for block in blocks:
        key = (block.level, block.text.casefold())
        seen[key] += bool(block.level)
        again = f" ({seen[key]})" if seen[key] > 1 else ""
        yield block._replace(text=block.text + again)


def _notes(document: Document, count: Count) -> Iterator[str]:
    for passage in document.passages:
        # A guideline speaks of levels of urgency, which a complaint seldom does.
        found = set(suspicions(f"{passage.heading}\n{passage.text}"))
        if kinds := ", ".join(sorted(found - {Suspicion.LEVEL})):
            yield f"{passage.id} reads as if meant for a model ({kinds}); look at it."
        tokens = count(passage.text)
        if tokens > MAX_TOKENS:
            yield (
                f"{passage.id} has {tokens} tokens; it is found by its first"
                f" {MAX_TOKENS} and shown whole."
            )


def _require_other_name(
    document: Document, known: dict[str, tuple[Document, str]], file: Path
) -> None:
    if document.id in known:
        raise UnusableDocumentError(
            f"{file.name}: its name says the same as that of {known[document.id][1]}."
            " Rename one of them."
        )


def _files(folder: Path) -> list[Path]:
    return [each for each in _everything(folder) if each.suffix.lower() in _KINDS]


def _of_other_kinds(folders: Iterable[Path]) -> Iterator[Path]:
    for each in (file for folder in folders for file in _everything(folder)):
        if each.suffix.lower() not in (*_KINDS, FACTS):
            yield each


def _everything(folder: Path) -> list[Path]:
    """Return every file below a folder but hidden ones; links to folders stay shut."""
    found: list[Path] = []
    for place, inside, files in os.walk(folder):
        inside[:] = [each for each in inside if not each.startswith(".")]
        found.extend(Path(place, each) for each in files if not each.startswith("."))
    return sorted(found)


def _empty(folders: Iterable[Path], files: Sequence[tuple[Path, Path]]) -> list[Path]:
    full = {folder for folder, _ in files}
    return [each for each in folders if each not in full]
