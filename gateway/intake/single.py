"""Create, update, patch and delete of one resource, read from a request."""

from dataclasses import dataclass
from uuid import uuid4

from fhir_profiles.problems import InvalidResourceError, Issue
from gateway.intake import admission
from gateway.intake.amendment import amendment
from gateway.intake.change import Change, Plan, Resource, digest_alone
from gateway.intake.patches import patch_of_body
from gateway.intake.reception import Currency, change_of


@dataclass(frozen=True, kw_only=True)
class Target:
    """The resource that a request is about, and what its sender believes of it.

    It is named by its id, or by a condition.
    """

    kind: str
    id: str | None = None
    condition: str | None = None
    if_match: int | None = None
    if_absent: bool = False


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
    admitted = admission.read(body, current.rules)
    resource = admitted.resource
    require_same_type(resource, kind)
    change = change_of("POST", resource, body, current, if_none_exist=if_none_exist)
    change = admission.marked(change, admitted.issues, admitted.violations)
    return _alone(change, body, key=key, actor=actor)


def update_plan(
    body: bytes, target: Target, current: Currency, *, key: str | None, actor: str
) -> Plan:
    """Read an update, also a conditional one.

    Raises:
        InvalidResourceError: the resource is wrong, or its type or id not the URL's.

    """
    admitted = admission.read(body, current.rules)
    resource = admitted.resource
    if target.condition is not None:
        require_same_type(resource, target.kind)
    else:
        require_same_id(resource, kind=target.kind, identity=target.id)
    change = change_of(
        "PUT",
        resource,
        body,
        current,
        identity=resource.get("id"),
        if_match=target.if_match,
        if_absent=target.if_absent,
        condition=target.condition,
    )
    change = admission.marked(change, admitted.issues, admitted.violations)
    return _alone(change, body, key=key, actor=actor)


def patch_plan(
    body: bytes,
    target: Target,
    current: Currency,
    *,
    media_type: str,
    key: str | None,
    actor: str,
) -> Plan:
    """Read a patch, also a conditional one.

    Raises:
        InvalidResourceError: the body is no patch.
        TooLargeError: it is larger than what can be patched.

    """
    patch = patch_of_body(body, media_type)
    change = Change(
        index=0,
        method="PATCH",
        type=target.kind,
        id=target.id,
        condition=target.condition,
        if_match=target.if_match,
        compares=patch.compares,
        amend=amendment(patch, current, if_match=target.if_match),
    )
    return _alone(change, body, key=key, actor=actor)


def delete_plan(target: Target, *, key: str | None, actor: str) -> Plan:
    """Return the plan of a delete, also of a conditional one."""
    change = Change(
        index=0,
        method="DELETE",
        type=target.kind,
        id=target.id,
        condition=target.condition,
        if_match=target.if_match,
    )
    return _alone(change, b"", key=key, actor=actor)


def _alone(change: Change, body: bytes, *, key: str | None, actor: str) -> Plan:
    """Return the plan of a change that is known by what it asks for and its key."""
    return Plan(
        changes=(change,),
        key=f"key/{actor}/{key}" if key else None,
        digest=digest_alone(change, body),
        named=True,
        seed=str(uuid4()),
    )


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


def require_same_id(resource: Resource, *, kind: str, identity: str | None) -> None:
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
