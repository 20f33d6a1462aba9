"""Where model servers are, and what is asked of them beside the answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Addresses = Annotated[
    str, Field(pattern=r"^https?://[^\s,]+([\s,]+https?://[^\s,]+)*$")
]
"""One base of an API, or several with spaces or commas between them."""


class ModelRequests(BaseModel):
    """What a request asks of a model server, apart from the answer itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    probabilities: bool = True  # how probable each token was: `logprobs`
    calibration: Annotated[float, Field(gt=0, le=100)] = 1.0  # temperature for them
    short: bool = False  # prompts with at most one short passage
    priorities: bool = False  # for SGLang's --enable-priority-scheduling
