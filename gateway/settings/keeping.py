"""The types of settings that say how data are kept: keys and times."""

from typing import Annotated

from pydantic import AfterValidator, Field

from gateway.settings.refusals import PREFIX


def _not_ours(name: str) -> str:
    if name.startswith(PREFIX):
        raise ValueError(f"variables that begin with {PREFIX} are settings: rename it.")
    return name


VariableName = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"), AfterValidator(_not_ours)
]
"""A variable of the environment that is none of the gateway's settings."""
Days = Annotated[int, Field(ge=0, le=365 * 200)]
