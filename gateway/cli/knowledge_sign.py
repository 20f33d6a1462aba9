"""`triage-gateway knowledge sign`: a clinician answers for documents."""

from datetime import UTC, datetime
from uuid import uuid4

import click

from domain.shelved import SignKnowledge
from gateway.cli.where import Where, somewhere
from gateway.intake.bookshelf import KnowledgeUnit
from gateway.store.records import Context

ACTOR = "triage-gateway knowledge sign"


@click.command("sign")
@click.argument("documents", nargs=-1)
@somewhere
@click.option("--by", required=True, help="The clinician's name.")
@click.option("--role", required=True, help="As what, such as 'ED consultant'.")
@click.option("--registration", default="", help="Number in a professional register.")
@click.option("--index", required=True, help="Index of the documents that were read.")
def sign_knowledge(
    *,
    where: Where,
    documents: tuple[str, ...],
    by: str,
    role: str,
    registration: str,
    index: str,
) -> None:
    """Record that a clinician has read documents (default: all) and answers for them.

    A later version of a document needs a signature of its own.
    """
    signed = SignKnowledge(
        index=index.strip().lower(),
        documents=documents,
        by=by.strip(),
        role=role.strip(),
        registration=registration.strip(),
        at=datetime.now(UTC),
    )
    names = ("index", "by", "role", "registration")
    given = [(name, getattr(signed, name)) for name in names]
    context = Context(at=signed.at, actor=ACTOR, request=str(uuid4()))
    where.decide(
        KnowledgeUnit(command=signed, context=context),
        operation="$sign-knowledge",
        given=[*given, *(("document", each) for each in documents)],
    )
    many = f"{len(documents)} documents" if documents else "all documents"
    click.echo(f"signed: {many} of index {signed.index}")
