"""Makes docs/safety/soup.md from constraints.txt: `python -m tests.docs.soup`."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "safety" / "soup.md"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_NAME = re.compile(r"^[A-Za-z0-9._-]+")
_HEAD = """# Software of unknown provenance

Made by `python -m tests.docs.soup` from `constraints.txt`, the versions that are
tested; a test compares them. *Direct* is what the gateway itself asks for when it is
installed, *optional* what an extra or the development tools ask for, *indirect* what
these bring. Whoever raises a version reads first what the package publishes of its
known faults.

| package | version | asked for |
|---|---|---|
"""


def page():
    """Return the page."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = _names(project["dependencies"])
    extras = project["optional-dependencies"].values()
    optional = {name for listed in extras for name in _names(listed)}
    rows = [
        f"| {name} | {version} | {_asked(name, direct, optional)} |"
        for name, version in _PIN.findall((ROOT / "constraints.txt").read_text())
    ]
    return _HEAD + "\n".join(sorted(rows, key=str.casefold)) + "\n"


def _names(requirements):
    return {_normal(_NAME.match(each)[0]) for each in requirements}


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(name, direct, optional):
    if _normal(name) in direct:
        return "direct"
    return "optional" if _normal(name) in optional else "indirect"


if __name__ == "__main__":
    PAGE.write_text(page())
