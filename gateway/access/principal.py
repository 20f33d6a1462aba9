"""An authenticated caller, and the questions that every handler asks of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.answers import Reviewer
from gateway.access.errors import ForbiddenError
from gateway.access.interaction import Interaction
from gateway.access.restriction import meets
from gateway.settings.scopes import AUDIT_EVENT, Scope

Pointed = Callable[[str, Mapping[str, Any]], bool]
_WRITING = frozenset("cud")
_BY_ADDRESS = (Interaction.READ, Interaction.VREAD, Interaction.HISTORY)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who calls, and the scopes that hold for this request.

    `pointed` says of a person's token that lets her read Tasks whether a Task points
    to a resource; None where only the scopes count.
    """

    reviewer: Reviewer
    scopes: tuple[Scope, ...]
    pointed: Pointed | None = None

    @property
    def name(self) -> str:
        """Return the client's name, as the log records it."""
        return self.reviewer.name

    def require(self, interaction: Interaction, kind: str | None = None) -> None:
        """Let the caller through; no kind means the whole system.

        Where a scope is narrowed, or a Task's pointing counts, this lets pass what
        `may_see` decides by the resource.

        Raises:
            ForbiddenError: no scope grants the interaction.

        """
        if not self.holds(interaction, kind):
            raise ForbiddenError(
                f"Client '{self.name}' may not {interaction.value} here: ask for a "
                f"token with a scope that grants '{interaction.letter}' of "
                f"{kind or 'every type'}, or let the operator register one."
            )

    def holds(self, interaction: Interaction, kind: str | None = None) -> bool:
        """Say whether `require` lets the caller through."""
        if self._granting(interaction, kind):
            return True
        return interaction in _BY_ADDRESS and self._follows_tasks and kind is not None

    def restrictions(
        self, kind: str, interaction: Interaction = Interaction.SEARCH
    ) -> tuple[tuple[str, str], ...]:
        """Return the search parameters that narrow a search; all of them hold.

        Raises:
            ForbiddenError: several scopes narrow it in ways that no one search can say.

        """
        scopes = self._granting(interaction, kind)
        if not scopes or any(each.whole for each in scopes):
            return ()
        if len(scopes) == 1:
            return scopes[0].restrictions
        pairs = [pair for each in scopes for pair in each.restrictions]
        if len(pairs) > len(scopes) or len({name for name, _ in pairs}) > 1:
            raise ForbiddenError(
                f"Several scopes narrow {kind} by different parameters, which no one "
                "search can say: ask for a token with one of them."
            )
        return ((pairs[0][0], ",".join(value for _, value in pairs)),)

    def exports(self, kind: str) -> bool:
        """Say whether a system may have resources of a type in bulk."""
        return all(
            any(each.context == "system" for each in self._granting(interaction, kind))
            for interaction in (Interaction.READ, Interaction.SEARCH)
        )

    def searches_whole(self, kind: str) -> bool:
        """Say whether every resource of a type may be searched: chains and _has ask."""
        return any(each.whole for each in self._granting(Interaction.SEARCH, kind))

    def sees_every(self, kind: str) -> bool:
        """Say whether every resource of a type may be shown, whatever is in it."""
        return any(each.whole for each in self._showing(kind))

    def may_see(self, kind: str, resource: Mapping[str, Any] | None) -> bool:
        """Say whether a resource may be shown; None is one that was deleted.

        It may touch the disk where a Task's pointing counts: ask in a thread.
        """
        if self.sees_every(kind):
            return True
        if resource is None:
            return False
        narrowed = any(meets(each, resource) for each in self._showing(kind))
        return narrowed or self._is_pointed_to(kind, resource)

    def _showing(self, kind: str) -> tuple[Scope, ...]:
        return (
            *self._granting(Interaction.READ, kind),
            *self._granting(Interaction.SEARCH, kind),
        )

    def _granting(
        self, interaction: Interaction, kind: str | None
    ) -> tuple[Scope, ...]:
        letter = interaction.letter
        return tuple(
            each
            for each in self.scopes
            if letter in each.letters
            and each.covers(kind)
            and (each.context == _context(interaction) or letter not in _WRITING)
        )

    @property
    def _follows_tasks(self) -> bool:
        return self.pointed is not None and any(
            "r" in each.letters and each.covers("Task") and each.context == "user"
            for each in self.scopes
        )

    def _is_pointed_to(self, kind: str, resource: Mapping[str, Any]) -> bool:
        if self.pointed is None or not self._follows_tasks or kind == AUDIT_EVENT:
            return False
        return self.pointed(kind, resource)


def _context(interaction: Interaction) -> str:
    """Return who does it: systems write, and people review."""
    return "user" if interaction is Interaction.REVIEW else "system"
