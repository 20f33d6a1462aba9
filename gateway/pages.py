"""What self-contained HTML pages share: escaping, and a policy that loads nothing."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def environment(
    folder: Path, *, shown: Callable[[object], object] | None = None
) -> Environment:
    """Return an environment that escapes everything; `shown` sees each value first."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )


def style(file: Path) -> Markup:
    """Return a style sheet of this program, to stand in a page as it is."""
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704 (our own file)


def policy(sheet: str) -> str:
    """Return a policy that forbids whatever would run or load, but for this style.

    https://www.w3.org/TR/CSP3/
    """
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
