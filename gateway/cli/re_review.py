"""Asks a running gateway to let nurses look again at what used something recalled."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import click

_JSON = "application/fhir+json"
_TIMEOUT = aiohttp.ClientTimeout(total=120)
Resource = dict[str, Any]


@dataclass(kw_only=True)
class Asked:
    """What the gateway answered: Tasks by case, and how many of them are news."""

    tasks: dict[str, str] = field(default_factory=dict)
    news: int = 0


def ask_again(
    base: str, token: str | None, named: Iterable[tuple[str, str]], reason: str
) -> Asked:
    """Ask page by page; asking once more changes nothing.

    Raises:
        ClickException: the gateway refuses, or cannot be reached.

    """
    given = [*named, ("reason", reason)]
    try:
        return asyncio.run(_asked(base.rstrip("/"), token, given))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"{base} does not answer ({type(error).__name__}): look whether the "
            "gateway runs and --url is its FHIR base, then say it again: what was "
            "asked for already is not asked for twice."
        ) from None


async def _asked(base: str, token: str | None, given: list[tuple[str, str]]) -> Asked:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    headers = {"Content-Type": _JSON, "Accept": _JSON, **bearer}
    found = Asked()
    async with aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as web:
        async for parameter in _pages(web, f"{base}/$recall", given):
            parts = {each["name"]: each for each in parameter["part"]}
            case_id = parts["case"]["valueString"]
            found.tasks[case_id] = parts["task"]["valueReference"]["reference"]
            found.news += parameter["name"] == "asked"
    return found


async def _pages(
    web: aiohttp.ClientSession, where: str, given: list[tuple[str, str]]
) -> AsyncIterator[Resource]:
    page: str | None = ""
    while page is not None:
        named = [*given, ("page", page)] if page else given
        async with web.post(where, data=_parameters(named)) as answer:
            content = await answer.read()
        if not answer.ok:
            raise click.ClickException(f"HTTP {answer.status}: {said(content)}")
        page = None
        for each in json.loads(content).get("parameter", []):
            if each["name"] == "next":
                page = each["valueString"]
            else:
                yield each


def _parameters(named: Iterable[tuple[str, str]]) -> bytes:
    listed = [{"name": name, "valueString": value} for name, value in named]
    return json.dumps({"resourceType": "Parameters", "parameter": listed}).encode()


def said(content: bytes) -> str:
    """Return the sentences of an OperationOutcome."""
    try:
        issues = json.loads(content)["issue"]
        return " ".join(each.get("diagnostics", "") for each in issues)
    except (ValueError, KeyError, TypeError):
        return "the answer is no OperationOutcome; is --url a FHIR base?"
