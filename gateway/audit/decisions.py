"""Every machine decision made again from what its event recorded."""

from collections.abc import Iterator

from domain.answers import ModelRun
from domain.assessment import Assessment, evolve
from domain.assessment.machine import compose
from domain.events import (
    AssessmentEvent,
    FloorAssessed,
    ImpressionProposed,
    ImpressionWithheld,
)
from domain.floor.compose import RULES_VERSION
from domain.floor.site import assess
from domain.registered import RegistryEvent
from domain.registry import Registry
from domain.ruled import NO_SITE_RULES, RulesConfigured, SiteRules
from gateway.audit.findings import Finding
from gateway.audit.releases import Releases
from gateway.store.records import Erased, Recorded
from gateway.translate.followed import Followed, History
from inference.pipeline import Proposal, replay
from inference.prompt import PROMPT_VERSION


class Decisions:
    """Follows the cases of a log and decides again beside them."""

    def __init__(self, history: History) -> None:
        self._cases = Followed(history)
        self._history = history
        self._sites: dict[str, SiteRules] = {"": NO_SITE_RULES}  # by their hashes
        self._releases = Releases()
        self.floors = 0
        self.answers = 0

    def note(self, event: RulesConfigured) -> None:
        """Remember what the site added to the rules: cases say by its hash."""
        self._sites[event.digest] = event.site

    def count(self, position: int, event: RegistryEvent) -> Iterator[Finding]:
        """Give what differs when a release is registered, activated or undone again."""
        return self._releases.check(position, event)

    def check(self, recorded: Recorded, event: AssessmentEvent) -> Iterator[Finding]:
        """Give what differs when the event's decision is made again."""
        state = self._cases.before(recorded)
        match event:
            case FloorAssessed():
                self.floors += 1
                site = self._sites.get(event.standing.site)
                yield from _floor(recorded.position, event, site)
            case ImpressionProposed() | ImpressionWithheld() if self._is_bare(
                recorded, event, state
            ):
                yield Finding(
                    recorded.position,
                    "answers to a floor that was erased; not decided again",
                    note=True,
                )
            case ImpressionProposed():
                self.answers += 1
                yield from _proposed(recorded.position, event, state)
                yield from _counted(recorded.position, event.run, self._releases.known)
            case ImpressionWithheld():
                self.answers += 1
                yield from _withheld(recorded.position, event, state)
                yield from _counted(recorded.position, event.run, self._releases.known)
            case _:
                pass
        after = evolve(state, event)
        if after.reviewed:  # a closed case has no decision of a machine to come
            self._cases.drop(recorded.stream)
        else:
            self._cases.note(recorded, after)

    def _is_bare(
        self,
        recorded: Recorded,
        event: ImpressionProposed | ImpressionWithheld,
        state: Assessment,
    ) -> bool:
        """Say whether nobody can read any more what an answer was given to."""
        return event.revision != state.floored and any(
            isinstance(each, Erased) and each.topic == FloorAssessed.topic
            for each in self._history(recorded.stream)
            if each.version < recorded.version
        )


def _floor(
    position: int, event: FloorAssessed, site: SiteRules | None
) -> Iterator[Finding]:
    if event.floor.rules != RULES_VERSION:
        yield Finding(
            position,
            f"decided by rules {event.floor.rules}; this program holds {RULES_VERSION}",
            note=True,
        )
    elif any(fired.rule == "floor.failed" for fired in event.floor.fired):
        yield Finding(position, "the rules failed on this case then", note=True)
    elif site is None:
        yield Finding(position, "the log does not have the site's rules of then")
    elif assess(event.case, site) != event.floor:
        yield Finding(position, "the rules give another floor for the recorded case")


def _proposed(
    position: int, event: ImpressionProposed, state: Assessment
) -> Iterator[Finding]:
    if state.case is None or state.floor is None:
        yield Finding(position, "a model's answer without a floor before it")
        return
    if event.run.prompt_version != PROMPT_VERSION:
        yield _other_prompt(position, event.run.prompt_version)
        return
    again = replay(state.case, state.floor, event.run)
    if again != Proposal(draft=event.draft, run=event.run):
        yield Finding(position, "prompt, guards or draft differ from the recorded run")
    acuity = compose(state.floor.acuity, event.draft, shadow=event.run.shadow)
    if acuity != event.acuity:
        yield Finding(position, "floor and model compose to another acuity")


def _counted(position: int, run: ModelRun | None, known: Registry) -> Iterator[Finding]:
    if run is None:
        return
    again = known.settled(run)
    if again.shadow != run.shadow:
        says = "in shadow" if again.shadow else "counting"
        yield Finding(position, f"the log had this model {says}, the answer says not")
    elif again.release != run.release:
        yield Finding(position, "the log knows the model by another release")


def _withheld(
    position: int, event: ImpressionWithheld, state: Assessment
) -> Iterator[Finding]:
    if event.run is None or state.case is None or state.floor is None:
        return
    if event.run.prompt_version != PROMPT_VERSION:
        yield _other_prompt(position, event.run.prompt_version)
        return
    again = replay(state.case, state.floor, event.run)
    if isinstance(again, Proposal) or again.run != event.run:
        yield Finding(position, "the recorded answer would not be withheld alike")


def _other_prompt(position: int, version: str) -> Finding:
    return Finding(
        position,
        f"asked with prompt {version}; this program holds {PROMPT_VERSION}",
        note=True,
    )
