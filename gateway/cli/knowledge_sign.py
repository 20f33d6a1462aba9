"""`triage-gateway knowledge sign`: a clinician answers for documents."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from domain.shelved import SignKnowledge
from gateway.cli import running
from gateway.cli.key_source import KEY
from gateway.cli.own_log import own_log
from gateway.intake.bookshelf import KnowledgeUnit
from gateway.store.keysource import KeySource
from gateway.store.records import Context

ACTOR = "triage-gateway knowledge sign"


@click.command("sign")
@click.argument("documents", nargs=-1)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a stopped gateway.",
)
@KEY
@running.URL
@running.TOKEN_ENV
@click.option("--by", required=True, help="The clinician's name.")
@click.option("--role", required=True, help="As what, such as 'ED consultant'.")
@click.option("--registration", default="", help="Number in a professional register.")
@click.option("--index", required=True, help="Index of the documents that were read.")
def sign_knowledge(
    *,
    documents: tuple[str, ...],
    data: Path | None,
    key_file: KeySource | None,
    url: str,
    token_env: str,
    by: str,
    role: str,
    registration: str,
    index: str,
) -> None:
    """Record that a clinician has read documents (default: all) and answers for them.

    A later version of a document needs a signature of its own.
    """
    if bool(data) == bool(url):
        raise click.UsageError(
            "Say which log: --data of a stopped gateway, or --url of a running one."
        )
    signed = SignKnowledge(
        index=index.strip().lower(),
        documents=documents,
        by=by.strip(),
        role=role.strip(),
        registration=registration.strip(),
        at=datetime.now(UTC),
    )
    if data is None:
        _asked(url, token_env, signed)
    else:
        _written(data, key_file, signed)
    many = f"{len(documents)} documents" if documents else "all documents"
    click.echo(f"signed: {many} of index {signed.index}")


def _written(data: Path, key_file: KeySource | None, signed: SignKnowledge) -> None:
    context = Context(at=signed.at, actor=ACTOR, request=str(uuid4()))
    with own_log(data, key_file) as ledger:
        ledger.submit_sync(KnowledgeUnit(command=signed, context=context))


def _asked(url: str, token_env: str, signed: SignKnowledge) -> None:
    names = ("index", "by", "role", "registration")
    given = [(name, getattr(signed, name)) for name in names]
    running.ask(
        f"{url.rstrip('/')}/$sign-knowledge",
        token_env,
        [*given, *(("document", each) for each in signed.documents)],
    )
