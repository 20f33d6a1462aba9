"""Create, update and delete of one resource, read from a request."""

from uuid import uuid4

from fhir_profiles import structure
from fhir_profiles.problems import InvalidResourceError, Issue
from gateway.intake.change import Change, Plan, Resource, digest_of
from gateway.intake.reception import Currency, change_of


def create_plan(
    body: bytes,
    *,
    kind: str,
    if_none_exist: str | None,
    key: str | None,
    actor: str,
    current: Currency,
) -> Plan:
    """Read a create.

    Raises:
        InvalidResourceError: the resource is wrong, or of another type than the URL.

    """
    resource = structure.read(body)
    require_same_type(resource, kind)
    change = change_of("POST", resource, body, current, if_none_exist=if_none_exist)
    return Plan(
        changes=(change,),
        key=f"key/{actor}/{key}" if key else None,
        digest=digest_of(body),
        named=True,
        seed=str(uuid4()),
    )


def update_plan(
    body: bytes, *, kind: str, identity: str, if_match: int | None, current: Currency
) -> Plan:
    """Read an update.

    Raises:
        InvalidResourceError: the resource is wrong, or its type or id not the URL's.

    """
    resource = structure.read(body)
    require_same_id(resource, kind=kind, identity=identity)
    change = change_of(
        "PUT", resource, body, current, identity=identity, if_match=if_match
    )
    return Plan(changes=(change,), key=None, digest=digest_of(body))


def delete_plan(*, kind: str, identity: str, if_match: int | None) -> Plan:
    """Return the plan of a delete."""
    change = Change(index=0, method="DELETE", type=kind, id=identity, if_match=if_match)
    return Plan(changes=(change,), key=None, digest=b"")


def require_same_type(resource: Resource, kind: str) -> None:
    """Refuse a resource that was sent to another type's address.

    Raises:
        InvalidResourceError: naming the element.

    """
    if resource.get("resourceType") != kind:
        raise InvalidResourceError(
            [
                _issue(
                    "resourceType", f"Send this to the address of its type, not {kind}."
                )
            ]
        )


def require_same_id(resource: Resource, *, kind: str, identity: str) -> None:
    """Refuse a resource whose id is not the one in the URL (R4, http.html#update).

    Raises:
        InvalidResourceError: naming the element.

    """
    require_same_type(resource, kind)
    if resource.get("id") != identity:
        raise InvalidResourceError(
            [_issue(f"{kind}.id", "Send the id that stands in the URL.")]
        )


def _issue(expression: str, sentence: str) -> Issue:
    return Issue(
        severity="error",
        code="invalid",
        id="request.address",
        expression=expression,
        diagnostics=sentence,
    )
