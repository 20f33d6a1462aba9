"""Whether a caller may make a change: as far as it is known, and once it is.

Whether a PUT creates or updates is decided in the log's writer. Before, it is enough
that the caller may do either; then the very one is asked for.
"""

from functools import partial

from gateway.access import ForbiddenError, Interaction, Principal
from gateway.access.interaction import of_entry
from gateway.intake.change import Change
from gateway.intake.permission import Act, NotPermittedError, Permit


def require_write(caller: Principal, method: str, kind: str | None) -> None:
    """Let a caller through who may do what a method can turn out to be.

    Raises:
        ForbiddenError: no scope grants it.

    """
    asked = of_entry(method)
    if asked is Interaction.UPDATE and caller.holds(Interaction.CREATE, kind):
        return
    caller.require(asked, kind)


def require_change(caller: Principal, change: Change) -> None:
    """Let a caller through who may make a change, as far as it is known.

    A patch that compares tells by its outcome what a value is, so that it needs the
    right to read every resource of the type.

    Raises:
        ForbiddenError: no scope grants it.

    """
    require_write(caller, change.method, change.type)
    if change.compares and not caller.sees_every(change.type):
        raise ForbiddenError(
            f"Client '{caller.name}' may not compare what it may not read: leave "
            "'test' and 'where' out of the patch and name the version by If-Match, or "
            f"ask for a token with a scope that grants 'r' of {change.type}."
        )


def permit(caller: Principal) -> Permit:
    """Return the question that a unit asks of its caller."""
    return partial(_required, caller)


def _required(caller: Principal, act: Act, kind: str) -> None:
    try:
        caller.require(Interaction(act), kind)
    except ForbiddenError as error:
        raise NotPermittedError(str(error)) from None
