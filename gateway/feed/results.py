"""What became of each file that was to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.feed.client import Reply

Resource = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One issue of a refusal: where, as FHIRPath where known, and what to do."""

    sentence: str
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A file that the gateway acknowledged, and its answer."""

    path: Path
    reply: Reply


@dataclass(frozen=True, kw_only=True)
class Known:
    """A file that the gateway acknowledged before."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A file that was refused, with every reason; without status it was not sent."""

    path: Path
    reasons: tuple[Reason, ...]
    status: int | None = None
    waits: bool = False  # for something that another file may bring


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """A JSON file that is no FHIR resource."""

    path: Path
    sentence: str


Result = Accepted | Known | Refused | PassedOver


@dataclass(kw_only=True)
class Summary:
    """Every result of a push."""

    results: list[Result] = field(default_factory=list)

    @property
    def accepted(self) -> list[Accepted]:
        """Return what was acknowledged now."""
        return [each for each in self.results if isinstance(each, Accepted)]

    @property
    def known(self) -> list[Known]:
        """Return what was acknowledged before."""
        return [each for each in self.results if isinstance(each, Known)]

    @property
    def refused(self) -> list[Refused]:
        """Return what was refused."""
        return [each for each in self.results if isinstance(each, Refused)]

    @property
    def passed_over(self) -> list[PassedOver]:
        """Return what is no FHIR."""
        return [each for each in self.results if isinstance(each, PassedOver)]

    @property
    def complete(self) -> bool:
        """Say whether there was something to send, and none of it was refused."""
        return bool(self.accepted or self.known) and not self.refused


def result(path: Path, reply: Reply) -> Accepted | Refused:
    """Read an answer; a batch is refused where one of its entries was."""
    if not reply.accepted:
        return Refused(
            path=path,
            status=reply.status,
            reasons=tuple(_reasons(reply.resource)) or (_unexplained(reply),),
            waits=_awaits_another(reply),
        )
    wrong = tuple(_wrong_entries(reply.resource))
    if wrong:
        return Refused(path=path, status=reply.status, reasons=wrong)
    return Accepted(path=path, reply=reply)


def _awaits_another(reply: Reply) -> bool:
    """Say whether a conditional reference matched nothing yet (HTTP 412)."""
    codes = {each.get("code") for each in _objects(reply.resource, "issue")}
    return reply.status == 412 and "not-found" in codes  # noqa: PLR2004 (named above)


def _reasons(outcome: Resource) -> Iterator[Reason]:
    for issue in _objects(outcome, "issue"):
        said = issue.get("diagnostics") or issue.get("code") or "no reason given"
        places = issue.get("expression")
        named = places if isinstance(places, list) else []
        yield Reason(sentence=str(said), place=", ".join(map(str, named)))


def _wrong_entries(bundle: Resource) -> Iterator[Reason]:
    for index, entry in enumerate(_objects(bundle, "entry")):
        response = entry.get("response", {})
        status = str(response.get("status", ""))
        if not status.startswith(("4", "5")):
            continue
        place = f"Bundle.entry[{index}]"
        reasons = list(_reasons(response.get("outcome", {}))) or [Reason(sentence="")]
        for each in reasons:
            yield Reason(
                sentence=f"{status}: {each.sentence}".rstrip(": "),
                place=each.place or place,
            )


def _unexplained(reply: Reply) -> Reason:
    return Reason(sentence=f"The server answered {reply.status} without an outcome.")


def _objects(parent: Resource, name: str) -> list[Resource]:
    children = parent.get(name)
    held = children if isinstance(children, list) else []
    return [child for child in held if isinstance(child, dict)]
