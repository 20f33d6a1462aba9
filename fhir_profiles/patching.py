"""What JSON Patch and FHIRPath Patch share: a patch, its refusals, its bounds.

http://hl7.org/fhir/R4/http.html#patch. A patch is applied to a copy of the structure;
texts and numbers that it does not touch stay the very objects that they were, so that
72.50 does not become 72.5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Never

from fhir_profiles.problems import InvalidResourceError, Issue

Resource = dict[str, Any]
OPERATIONS: Final = 1000
"""Operations of one patch."""

NODES: Final = 200_000
"""Objects, arrays and values that one patch may copy: none grows by doubling."""


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A patch that was read, and what its outcome may betray."""

    apply: Callable[[Resource], Resource]
    """Gives the patched copy of a resource, or raises PatchError."""
    compares: bool
    """Whether it fits, or does anything, depends on a value that is there."""


class PatchError(Exception):
    """The patch cannot be applied to the resource as it is now."""


class MalformedPatchError(InvalidResourceError):
    """The patch is none; the issues say where and why."""


def malformed(sentence: str, place: str = "") -> Never:
    """Refuse what is no patch.

    Raises:
        MalformedPatchError: always, about a place in the patch.

    """
    issue = Issue(
        severity="error",
        code="invalid",
        id="patch.malformed",
        expression=place,
        diagnostics=sentence,
    )
    raise MalformedPatchError([issue])


def require_few(operations: int) -> None:
    """Refuse a patch with too many operations.

    Raises:
        MalformedPatchError: there are more than `OPERATIONS`.

    """
    if operations > OPERATIONS:
        malformed(
            f"A patch has {OPERATIONS} operations at most: send several patches, or "
            "update the whole resource by PUT."
        )


class Copier:
    """Copies objects and arrays, and keeps count."""

    def __init__(self) -> None:
        self._left = NODES

    def copy(self, content: Any) -> Any:  # noqa: ANN401 (JSON)
        """Copy the structure; texts and numbers are shared.

        Raises:
            PatchError: more was copied than a patch may.

        """
        self._left -= 1
        if self._left < 0:
            raise PatchError(
                "The patch copies too much: update the whole resource by PUT."
            )
        if isinstance(content, dict):
            return {key: self.copy(value) for key, value in content.items()}
        if isinstance(content, list):
            return [self.copy(item) for item in content]
        return content
