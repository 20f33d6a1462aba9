"""What may be quoted: $load-knowledge and $sign-knowledge, by an operator.

Operations of this gateway, not of the FHIR specification. The Parameters of the first
name what `triage-gateway knowledge load` has put into the data folder (`index`,
`content`, `embedder`) and who did (`by`); those of the second who signs (`by`, `role`,
`registration`) which documents (`document`, repeated) of which `index`.
"""

from typing import Any

from aiohttp import web

from domain.bookshelf import Bookshelf
from domain.errors import UnloadableKnowledgeError
from domain.shelved import KnowledgeCommand, LoadKnowledge, SignKnowledge
from gateway.access import Interaction
from gateway.http import parameters, replies
from gateway.http.services import PRINCIPAL, SERVICES, Services, context
from gateway.intake.bookshelf import KnowledgeUnit, loading, told
from gateway.projections.threads import in_thread
from gateway.settings.scopes import LOAD_KNOWLEDGE, SIGN_KNOWLEDGE
from gateway.store.records import Context

Given = dict[str, list[str]]


async def load_knowledge(request: web.Request) -> web.Response:
    """Quote from what was put into the data folder, from the next assessment on."""
    request[PRINCIPAL].require(Interaction.CREATE, LOAD_KNOWLEDGE)
    given, services = _given(await request.read()), request.app[SERVICES]
    command = await in_thread(_loading, services, given, context(request))
    book = await _done(services, command, context(request))
    await in_thread(_put_in_place, services, book)
    return _standing(book)


async def sign_knowledge(request: web.Request) -> web.Response:
    """Record that a clinician answers for documents; say of which index."""
    request[PRINCIPAL].require(Interaction.CREATE, SIGN_KNOWLEDGE)
    given, made = _given(await request.read()), context(request)
    command = SignKnowledge(
        index=_one(given, "index"),
        documents=tuple(given.get("document", ())),
        by=_one(given, "by"),
        role=_one(given, "role"),
        registration=_one(given, "registration"),
        at=made.at,
    )
    return _standing(await _done(request.app[SERVICES], command, made))


async def _done(
    services: Services, command: KnowledgeCommand, made: Context
) -> Bookshelf:
    return await services.ledger.submit(KnowledgeUnit(command=command, context=made))


def _loading(services: Services, given: Given, made: Context) -> LoadKnowledge:
    """Read what was kept, and make sure that it is what the operator names.

    Raises:
        UnloadableKnowledgeError: it is not, or for another embedding model.

    """
    # It brings numpy and the tokenizer, which a gateway without a model never needs.
    from inference.shelf import ShelfError, is_ready, kept  # noqa: PLC0415

    book, data = told(services.ledger.stream), services.settings.data
    embedder, content = _one(given, "embedder"), _one(given, "content")
    if book.embedder not in ("", embedder):
        raise UnloadableKnowledgeError(
            f"This gateway embeds with {book.embedder}: stop it, change its settings,"
            " and load with --data alone."
        )
    try:
        documents = kept(data, content)
    except ShelfError as error:
        raise UnloadableKnowledgeError(str(error)) from None
    command = loading(
        documents,
        content=content,
        embedder=embedder,
        instead_of=_one(given, "instead-of"),
        by=_one(given, "by"),
        at=made.at,
    )
    if command.index != _one(given, "index") or not is_ready(data, command.index):
        raise UnloadableKnowledgeError(
            "The index in the data folder is not that of these documents: load again."
        )
    return command


def _put_in_place(services: Services, book: Bookshelf) -> None:
    from inference.shelf import put_in_place  # noqa: PLC0415 - as above

    put_in_place(services.settings.data, book.index)


def _given(body: bytes) -> Given:
    """Read the Parameters.

    Raises:
        InvalidResourceError: they are none.

    """
    given: Given = {}
    for name, value in parameters.strings(body):
        given.setdefault(name, []).append(value)
    return given


def _one(given: Given, name: str) -> str:
    return given.get(name, [""])[0]


def _standing(book: Bookshelf) -> web.Response:
    signed = sum(book.signature(each) is not None for each in book.documents)
    told_of: dict[str, Any] = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "index", "valueString": book.index},
            {"name": "documents", "valueInteger": len(book.documents)},
            {"name": "signed", "valueInteger": signed},
            {"name": "passages", "valueInteger": book.passages},
        ],
    }
    return replies.body(told_of)
