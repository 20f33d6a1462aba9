"""What a model or a nurse answers: drafts, the record of a model run, reviews."""

from dataclasses import dataclass
from enum import StrEnum

from domain.values import Acuity


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A verbatim quote from a passage that was shown to the model."""

    passage: str
    quote: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One claim of the model, tied to the case and to evidence."""

    text: str
    case_refs: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something the model wants the nurse to ask, and why."""

    text: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A model's checked answer; `acuity` None means that it could not assess."""

    acuity: Acuity | None
    reasons: tuple[Reason, ...] = ()
    red_flags: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    actions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    confidence: str = "low"


@dataclass(frozen=True, kw_only=True)
class PassageShown:
    """A knowledge passage as the model saw it."""

    id: str
    text: str
    source: str
    sha256: str
    score: float
    publisher: str = ""
    version: str = ""  # of the document it is from


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn of a chat prompt; `role` is "system" or "user"."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True)
class ModelIdentity:
    """Which model answered: served name, hash of its weights, and its server."""

    name: str
    weights: str
    server: str
    reported: str = ""  # how the server named the model in its answer

    @property
    def adapter(self) -> str:
        """Return the adapter's name, "" without one; SGLang serves `base:adapter`."""
        return self.name.partition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the answer was drawn."""

    temperature: float
    seed: int
    max_tokens: int


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What an answer cost in tokens; `cached` of the prompt's were known already."""

    prompt: int = 0
    cached: int = 0
    answer: int = 0


NO_USAGE = Usage()  # where the server does not tell


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How the program asks: version of the prompt, hashes of a fixed case's."""

    prompt: str = ""
    prompt_sha256: str = ""
    schema_sha256: str = ""


UNTOLD = Asking()  # where nobody said how


@dataclass(frozen=True, kw_only=True)
class GuardFired:
    """A check that stripped a claim or withheld the draft."""

    guard: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class InputFlag:
    """A text of the record that reads as if it were meant for software; no proof."""

    kind: str  # what it looks like: instruction, role, level, hidden, encoded, stuffing
    source: str  # literal reference to the resource that holds the text


@dataclass(frozen=True, kw_only=True)
class ModelRun:
    """All that a replay of one model call needs, beside the case itself."""

    model: ModelIdentity
    shadow: bool
    prompt_version: str
    prompt_sha256: str
    schema_sha256: str
    sampling: Sampling
    index: str
    passages: tuple[PassageShown, ...]
    answer: str
    finish: str
    milliseconds: int
    guards: tuple[GuardFired, ...] = ()
    prompt: tuple[Message, ...] = ()  # as it was sent, byte for byte
    checks: tuple[str, ...] = ()  # names of the guards that an answer had to pass
    flags: tuple[InputFlag, ...] = ()  # of the record; none of them blocks anything
    usage: Usage = NO_USAGE
    probabilities: tuple[float, ...] = ()  # of levels 1 to 5, () where not told
    calibration: float = 1.0  # temperature that scaled them; 1.0: as the model told
    adapter_sha256: str = ""  # of its files, as declared; "" without an adapter
    asking: Asking = UNTOLD
    shadow_why: str = ""  # where it is in shadow
    release: str = ""  # name@version where weights and adapter are those of one

    @property
    def certainty(self) -> float | None:
        """Return how probable the model found its own level, None where not told."""
        return max(self.probabilities, default=None)


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """The authenticated person who decides: client name, reference and display."""

    name: str
    reference: str  # literal reference to a Practitioner, or "" where none is known
    display: str


class Decision(StrEnum):
    """What a nurse may say of an assessment (vocabulary of CDS Hooks feedback)."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"
    CORRECTED = "corrected"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A nurse's decision on an assessment."""

    decision: Decision
    acuity: Acuity
    reason: str = ""
    correction: str = ""
    notes: str = ""
