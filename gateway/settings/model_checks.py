"""What a model has to keep to, before it answers and while it does."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class ModelChecks(BaseModel):
    """Self-test, automatic switch and alarm budget of the model; 1 never crosses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cases: Annotated[int, Field(ge=1, le=6)] | None = None  # default 6; embedded: 1
    obedience: Share = 0.8  # of their answers have to keep the answer format
    answers: Literal["acuity", "exact", "off"] = "acuity"  # compared with those before
    changed_share: Share = 0.2  # of them may differ, although nothing else changed
    pause_seconds: Annotated[float, Field(gt=0, le=3600)] = 30  # longest, between tests
    window: Annotated[int, Field(ge=1, le=10_000)] = 50  # answers that are looked at
    least: Annotated[int, Field(ge=1, le=10_000)] = 20  # of them, before it is judged
    withheld_share: Share = 0.5  # beyond, the model is switched off
    disagreement_share: Share = 0.5  # likewise
    median_seconds: Annotated[float, Field(gt=0, le=600)] = 45  # likewise
    raised_share: Share = 0.3  # beyond, operator and nurses are warned

    @property
    def enough(self) -> int:
        """Return how many answers suffice to judge."""
        return min(self.least, self.window)
