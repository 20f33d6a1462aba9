"""FHIR's interactions, and the letter of a SMART scope that each needs."""

from enum import StrEnum


class Interaction(StrEnum):
    """What is done (FHIR R4 ValueSet type- and system-restful-interaction)."""

    CREATE = "create"
    READ = "read"
    VREAD = "vread"
    HISTORY = "history-instance"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    SEARCH = "search-type"
    HISTORY_TYPE = "history-type"
    SEARCH_SYSTEM = "search-system"
    HISTORY_SYSTEM = "history-system"
    REVIEW = "review"  # a person's step on the Task of a case; ours, not FHIR's

    @property
    def letter(self) -> str:
        """Return the letter (SMART App Launch 2.2, "Scopes for requesting FHIR…")."""
        return _LETTERS[self]


_LETTERS = {
    Interaction.CREATE: "c",
    Interaction.READ: "r",
    Interaction.VREAD: "r",
    Interaction.HISTORY: "r",
    Interaction.UPDATE: "u",
    Interaction.PATCH: "u",
    Interaction.DELETE: "d",
    Interaction.SEARCH: "s",
    Interaction.HISTORY_TYPE: "s",
    Interaction.SEARCH_SYSTEM: "s",
    Interaction.HISTORY_SYSTEM: "s",
    Interaction.REVIEW: "u",
}

_METHODS = {
    "GET": Interaction.READ,
    "HEAD": Interaction.READ,
    "POST": Interaction.CREATE,
    "PUT": Interaction.UPDATE,
    "PATCH": Interaction.PATCH,
    "DELETE": Interaction.DELETE,
}


def of_entry(method: str) -> Interaction:
    """Return what the method of a Bundle's entry asks for."""
    return _METHODS[method]
