"""The safety case says what is so: its tests exist, and its lists are the program's."""

import ast
import re
from pathlib import Path

import pytest

from domain.rulebook import UNSIGNED
from gateway.rules.booklet import booklet
from gateway.rules.markdown import markdown
from tests.docs import soup

ROOT = Path(__file__).resolve().parents[2]
SAFETY = ROOT / "docs" / "safety"
PAGES = sorted(SAFETY.glob("*.md"))
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\]\(([^)#]+\.(?:md|toml))(?:#[^)]*)?\)")
NAMED = sorted({found for page in PAGES for found in NODE.findall(page.read_text())})


def rows(page):
    """Return the cells of each row of a page's tables, headings left out."""
    lines = (SAFETY / page).read_text().splitlines()
    cells = [
        [each.strip() for each in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|") and not set(line) <= set("|- ")
    ]
    return cells[1:]


@pytest.mark.parametrize(("file", "name"), NAMED, ids="::".join)
def test_a_test_that_verifies_a_control_exists(file, name):
    tree = ast.parse((ROOT / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)

    assert name in {each.name for each in tree.body if isinstance(each, kinds)}


def test_every_hazard_and_every_failure_is_verified_or_says_that_it_is_not():
    hazards, failures = rows("hazard-log.md"), rows("failure-policy.md")

    assert len(hazards) > 20
    assert len({each[0] for each in hazards}) == len(hazards)
    for verified in (*(each[6] for each in hazards), *(each[2] for each in failures)):
        assert NODE.search(verified) or verified.startswith("none yet")


def test_every_hazard_has_all_its_columns():
    for each in rows("hazard-log.md"):
        assert len(each) == 8
        assert all(each[:7])
        assert 1 <= int(each[4]) <= 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_page(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_page_is_in_the_table_of_contents():
    listed = set(LINK.findall((SAFETY / "README.md").read_text()))

    assert {page.name for page in PAGES} - {"README.md"} <= listed


def test_the_rules_on_the_page_are_those_of_the_program():
    """Else: triage-gateway rules --markdown docs/safety/rules.md."""
    assert (SAFETY / "rules.md").read_text() == markdown(booklet(UNSIGNED))


def test_the_software_on_the_page_is_that_of_the_constraints():
    """Else: python -m tests.docs.soup."""
    assert soup.PAGE.read_text() == soup.page()
