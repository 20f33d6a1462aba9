"""The layout that machines defend, so that readers can rely on it."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from domain.events import REGISTRY
from gateway.settings import CONFIG, PREFIX, Settings
from tests.absent import absent

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "domain", "inference", "training", "fhir_profiles")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
LONGEST_FILE = 250
LONGEST_FUNCTION = 40


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_a_screenful_of_ideas(path):
    text = path.read_text(encoding="utf-8")

    lines = text.count("\n")
    too_long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert lines <= LONGEST_FILE
    assert too_long == []


def test_the_top_level_holds_what_every_reader_expects():
    tracked = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if not tracked:
        absent("The sources are not in a git checkout.")

    top = {name.partition("/")[0] for name in tracked}

    assert top <= {
        *PACKAGES,
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "benchmarks",
        "constraints.txt",
        "deploy",
        "docs",
        "pyproject.toml",
        "tests",
    }


def test_our_package_names_are_ours_alone():
    """PyPI has packages `inference` and `domain` that would overwrite ours."""
    owners = importlib.metadata.packages_distributions()

    foreign = {
        name: owners[name]
        for name in PACKAGES
        if set(owners.get(name, [])) - {"triage-gateway"}
    }

    assert foreign == {}


def test_the_gateway_starts_without_torch_transformers_or_sglang():
    program = (
        "import sys, gateway.app, gateway.cli.serve;"
        "print([m for m in ('torch', 'transformers', 'sglang', 'xllamacpp',"
        " 'sentence_transformers') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert loaded.strip() == "[]"


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    wanted = {f"`{PREFIX}{name.upper()}`" for name in Settings.model_fields}
    assert {name for name in (*wanted, f"`{CONFIG}`") if name not in text} == set()


def test_every_wire_name_of_an_event_is_documented():
    text = (ROOT / "docs" / "log.md").read_text(encoding="utf-8")

    assert {name for name in REGISTRY if f"`{name}`" not in text} == set()
