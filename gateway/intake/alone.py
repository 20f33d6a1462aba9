"""A single request as the transaction that asks the same."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from fhir_profiles.lexical import serialise
from gateway.intake.bundle import Step, bundle_request
from gateway.intake.change import Plan, digest_alone
from gateway.intake.reception import Currency

ELEMENTS = MappingProxyType(
    {
        "If-None-Exist": "ifNoneExist",
        "If-Match": "ifMatch",
        "If-None-Match": "ifNoneMatch",
    }
)
"""The headers of a request's conditions, and the elements of an entry that say so."""


def plan_alone(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    actor: str,
    current: Currency,
    step: Step,
) -> Plan:
    """Return the plan of one request; the bytes of its resource stay as they are.

    Raises:
        InvalidResourceError: everything that is wrong with it.
        QuarantineError: likewise, where the site would set it aside.
        ChangeError: it asks for what the gateway does not do.

    """
    found = bundle_request(
        wrapped(method, url, headers, body),
        key=headers.get("Idempotency-Key"),
        actor=actor,
        current=current,
        step=step,
    )
    (plan,) = found.plans
    (change,) = plan.changes
    alone = replace(change, full_url=None)  # so that nothing is said of a Bundle
    return replace(plan, changes=(alone,), digest=digest_alone(alone, body))


def wrapped(method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a transaction of one entry.

    A create's condition may stand in its address, where an entry cannot have it.
    """
    request = {"method": method, "url": url}
    if method == "POST" and "?" in url:
        request["url"], _, request["ifNoneExist"] = url.partition("?")
    for name, element in ELEMENTS.items():
        if name in headers:
            request[element] = _written_alike(name, headers[name])
    parts = [
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":',
        serialise(request),
    ]
    if body:
        parts += [b',"resource":', body.removeprefix(BOM_UTF8)]
    return b"".join([*parts, b"}]}"])


def _written_alike(name: str, value: str) -> str:
    """Write a header as an entry has it: a bare version becomes an ETag."""
    bare = name != "If-None-Exist" and value.isalnum()
    return f'W/"{value}"' if bare else value
