"""How settings are refused: one sentence a fault, and never a value."""

import os
from collections.abc import Iterable

from pydantic import ValidationError

PREFIX = "TRIAGE_GATEWAY_"
CONFIG = PREFIX + "CONFIG"
TOKEN = PREFIX + "TOKEN"
"""Read by `push`; whoever feeds from the gateway's own machine may export it."""

_TOLD = {
    "missing": "this setting is needed: docs/settings.md says where it is given.",
    "extra_forbidden": "unknown setting; docs/settings.md lists those that are read.",
}


class SettingsError(Exception):
    """The settings are unknown, incomplete or contradictory; the message says which."""


def refuse_unknown_variables(names: Iterable[str]) -> None:
    """Refuse variables of ours in the environment that name no setting.

    Raises:
        SettingsError: which they are.

    """
    known = {PREFIX + name.upper() for name in names} | {CONFIG, TOKEN}
    unknown = sorted(
        name for name in os.environ if name.startswith(PREFIX) and name not in known
    )
    if unknown:
        raise SettingsError(
            f"Unknown setting: {', '.join(unknown)}. "
            "docs/settings.md lists the names that are read."
        )


def sentences(error: ValidationError) -> list[str]:
    """Return what is wrong, a sentence each; values may be secrets."""
    return [
        f"{'.'.join(map(str, fault['loc'])) or 'settings'}: "
        f"{_TOLD.get(fault['type'], fault['msg'].removeprefix('Value error, '))}"
        for fault in error.errors(include_input=False, include_url=False)
    ]
