"""`triage-gateway audit recall`: which assessments used it, and a look at them."""

import json
import os
from datetime import UTC
from pathlib import Path

import click

from gateway.audit.recall import Affected, Used
from gateway.audit.recall import recall as recalled
from gateway.cli.audit_options import DATA
from gateway.cli.filled import FILLED
from gateway.cli.key_source import KEY
from gateway.cli.progress import bar
from gateway.cli.re_review import ask_again
from gateway.store.errors import StoreError
from gateway.store.keysource import KeySource
from gateway.translate.recalling import KINDS, UnreadableCriterionError, criteria

_HELP = {
    "model": "Name (an adapter's base too), weights, release or Device/id of a model.",
    "adapter": "Name, SHA-256 of its files, release or Device/id of an adapter.",
    "prompt": "Version or SHA-256 of a prompt.",
    "passage": "Id of a knowledge passage.",
    "index": "Version of the knowledge index.",
    "input": "Observation/ID, or Observation/ID/_history/N for one version.",
    "rules": "Version or Device/id of the rules.",
    "schema": "SHA-256 of an answer's schema.",
}


@click.command("recall")
@DATA
@KEY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--re-review", is_flag=True, help="Let nurses look again (--url).")
@click.option("--reason", default="", help="Why it was recalled; nurses read it.")
@click.option("--yes", is_flag=True, help="Do not ask before a re-review.")
@click.option("--url", default="", help="FHIR base of the gateway, for a re-review.")
@click.option(
    "--token-env",
    default="TRIAGE_GATEWAY_TOKEN",
    show_default=True,
    help="Environment variable that holds the bearer token, for a re-review.",
)
def recall(
    data: Path,
    key_file: KeySource | None,
    reason: str,
    url: str,
    token_env: str,
    *,
    as_json: bool,
    re_review: bool,
    yes: bool,
    **given: str | None,
) -> None:
    """List the assessments that used a model, prompt, passage, input or other part.

    Where several are named, those are listed in which one maker (the rules, a model's
    run) used all of them.
    """
    if re_review:
        _require_addressed(url, reason)
    try:
        named = criteria((kind, value) for kind, value in given.items() if value)
        with bar("Reading") as progress:
            found = recalled(data, named, kek_file=key_file, progress=progress)
    except (UnreadableCriterionError, StoreError) as error:
        raise click.ClickException(str(error)) from None
    _show(found, as_json=as_json)
    if not re_review:
        return
    if not found:
        click.echo("No re-review is asked for.", err=True)
        return
    if not yes:
        click.confirm(f"Ask for {len(found)} re-reviews?", abort=True, err=True)
    asked = ask_again(url, os.environ.get(token_env), named, reason)
    click.echo(f"asked: {asked.news}, known: {len(asked.tasks) - asked.news}", err=True)
    _require_all(found, asked.tasks)


for _kind in reversed(KINDS):
    recall = click.option(f"--{_kind}", type=FILLED, help=_HELP[_kind])(recall)


def _show(found: list[Affected], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"cases": [each.facts() for each in found]}, indent=2))
        return
    if not found:
        click.echo(
            "Nothing used it. Values are compared exactly, capitals included: "
            "`audit case` shows how they are written.",
            err=True,
        )
    for case in found:
        for used in case.used:
            click.echo(_line(case, used))
    versions = sum(len(each.used) for each in found)
    click.echo(f"cases: {len(found)}, versions of assessments: {versions}", err=True)


def _line(case: Affected, used: Used) -> str:
    standing = case.stands and used is case.used[-1]
    parts = (
        f"ClinicalImpression/{used.case_id}/_history/{used.version}",
        f"revision {used.revision}",
        f"{used.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z",
        f"acuity {used.acuity}",
        "+".join(used.makers),
        _reviewed(case) if standing else "superseded",
    )
    return "  ".join((*parts, *(["re-review asked"] if case.noted else [])))


def _reviewed(case: Affected) -> str:
    if not case.reviews:
        return "not reviewed"
    return ", ".join(
        f"{each.review.decision.value} (acuity {int(each.review.acuity)})"
        for each in case.reviews
    )


def _require_addressed(url: str, reason: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise click.UsageError(
            "A re-review needs --url, the FHIR base of the running gateway."
        )
    if not reason.strip():
        raise click.UsageError("A re-review needs --reason: a nurse will read it.")


def _require_all(found: list[Affected], tasks: dict[str, str]) -> None:
    """Fail where the gateway's search missed what its log tells of."""
    missing = [each.case_id for each in found if each.case_id not in tasks]
    if missing:
        raise click.ClickException(
            f"{len(missing)} cases of the log were not found by the gateway: is "
            "--url the gateway of --data? Stop it, run 'triage-gateway rebuild', "
            "and say this again."
        )
