"""The knowledge of a site over time: which documents it has, and who signed them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from domain.errors import (
    StaleVersionError,
    UnloadableKnowledgeError,
    UnsignableKnowledgeError,
)
from domain.shelved import (
    Edition,
    KnowledgeCommand,
    KnowledgeEvent,
    KnowledgeLoaded,
    KnowledgeSigned,
    LoadKnowledge,
    SignKnowledge,
)

_LONGEST: Final = 100  # characters of a name, a role or a registration


@dataclass(frozen=True, kw_only=True)
class Bookshelf:
    """The documents that may be quoted now, and the last signature of each.

    `signed` holds signatures by the hash of what was signed, so that the one of an
    earlier version never stands for a later one.
    """

    index: str = ""
    embedder: str = ""
    content: str = ""
    passages: int = 0
    documents: tuple[Edition, ...] = ()
    signed: dict[str, KnowledgeSigned] = field(default_factory=dict)

    def signature(self, document: Edition) -> KnowledgeSigned | None:
        """Return who signed this very version of a document; None for nobody."""
        return self.signed.get(document.sha256)


EMPTY: Final = Bookshelf()


def decide(command: KnowledgeCommand, state: Bookshelf) -> list[KnowledgeEvent]:
    """Grant or refuse a step.

    Raises:
        StaleVersionError: other knowledge was loaded meanwhile.
        UnloadableKnowledgeError: there is nothing to load, or a name twice.
        UnsignableKnowledgeError: another index was read, or somebody is not named.

    """
    match command:
        case LoadKnowledge():
            return _load(command, state)
        case SignKnowledge():
            return _sign(command, state)
        case _:
            assert_never(command)


def evolve(state: Bookshelf, event: KnowledgeEvent) -> Bookshelf:
    """Remember what was loaded, retired or signed."""
    match event:
        case KnowledgeLoaded():
            gone = {each.id for each in (*event.retired, *event.loaded)}
            kept = [each for each in state.documents if each.id not in gone]
            return replace(
                state,
                index=event.index,
                embedder=event.embedder,
                content=event.content,
                passages=event.passages,
                documents=_in_order((*kept, *event.loaded)),
            )
        case KnowledgeSigned():
            signed = {sha256: event for _, sha256 in event.documents}
            return replace(state, signed={**state.signed, **signed})
        case _:
            assert_never(event)


def _load(command: LoadKnowledge, state: Bookshelf) -> list[KnowledgeEvent]:
    if command.index == state.index:
        return []
    if command.instead_of != state.index:
        raise StaleVersionError(
            "Other knowledge was loaded meanwhile, so that this load would undo it. "
            "Load again."
        )
    names = {each.id for each in command.documents}
    if not names or len(names) != len(command.documents):
        raise UnloadableKnowledgeError(
            "An index needs at least one document, and each document its own name."
        )
    return [
        KnowledgeLoaded(
            index=command.index,
            embedder=command.embedder,
            content=command.content,
            passages=sum(each.passages for each in command.documents),
            loaded=_without(command.documents, state.documents),
            retired=_without(state.documents, command.documents),
            by=command.by,
            at=command.at,
        )
    ]


def _sign(command: SignKnowledge, state: Bookshelf) -> list[KnowledgeEvent]:
    _require_named(command)
    if not state.index or command.index != state.index:
        raise UnsignableKnowledgeError(
            "Another index is in use than the one that was read: it is "
            f"{state.index or 'empty'}. Read the documents again (triage-gateway "
            "knowledge list), and sign with the index that stands there."
        )
    chosen = _chosen(command, state)
    if all(_has_signed(command, state.signature(each)) for each in chosen):
        return []
    return [
        KnowledgeSigned(
            index=command.index,
            documents=tuple((each.id, each.sha256) for each in chosen),
            by=command.by,
            role=command.role,
            registration=command.registration,
            at=command.at,
        )
    ]


def _chosen(command: SignKnowledge, state: Bookshelf) -> list[Edition]:
    known = {each.id: each for each in state.documents}
    unknown = [each for each in command.documents if each not in known]
    if unknown:
        raise UnsignableKnowledgeError(
            f"No document has the name {', '.join(unknown)}: see triage-gateway "
            "knowledge list."
        )
    return [known[each] for each in dict.fromkeys(command.documents or known)]


def _has_signed(command: SignKnowledge, signature: KnowledgeSigned | None) -> bool:
    return signature is not None and (
        signature.by,
        signature.role,
        signature.registration,
    ) == (command.by, command.role, command.registration)


def _require_named(command: SignKnowledge) -> None:
    if not _is_said(command.by) or not _is_said(command.role):
        raise UnsignableKnowledgeError(
            "Say who signs (--by) and as what (--role), each in 100 characters at most."
        )
    if command.registration and not _is_said(command.registration):
        raise UnsignableKnowledgeError("A registration has 100 characters at most.")


def _without(
    documents: Iterable[Edition], others: Iterable[Edition]
) -> tuple[Edition, ...]:
    known = set(others)
    return _in_order(each for each in documents if each not in known)


def _in_order(documents: Iterable[Edition]) -> tuple[Edition, ...]:
    return tuple(sorted(documents, key=lambda each: each.id))


def _is_said(text: str) -> bool:
    """Say whether a text can be read, and nothing in it hides or turns around."""
    return text.isprintable() and text == text.strip() and 0 < len(text) <= _LONGEST
