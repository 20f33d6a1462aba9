"""Who decides something, and why: said so that everybody can read it."""

from typing import Final

from domain.errors import UnnamedSwitchError

LONGEST_NAME: Final = 100
LONGEST_REASON: Final = 300


def require_said(by: str, reason: str) -> None:
    """Require the name of who switches a model, and a reason.

    Raises:
        UnnamedSwitchError: one of them is missing, too long or not to be read.

    """
    if not is_said(by, LONGEST_NAME) or not is_said(reason, LONGEST_REASON):
        raise UnnamedSwitchError(
            "Say who switches the model (--by, 100 characters at most) and why "
            "(--reason, 300 at most), each on one line."
        )


def is_said(text: str, longest: int) -> bool:
    """Say whether a text can be read, and nothing in it hides or turns around."""
    return text.isprintable() and text == text.strip() and 0 < len(text) <= longest
