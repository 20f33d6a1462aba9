from pathlib import Path

from fhir_profiles.catalogue import ALWAYS_REJECTED, CATALOGUE, GROUPS
from fhir_profiles.issue_list import page

ROOT = Path(__file__).resolve().parents[2]


def test_every_kind_of_issue_belongs_to_a_group_and_every_group_has_one():
    assert {name.partition(".")[0] for name in CATALOGUE} == GROUPS.keys()
    assert GROUPS.keys() > ALWAYS_REJECTED


def test_the_page_of_issues_is_what_the_catalogue_says():
    assert (ROOT / "docs" / "issues.md").read_text(encoding="utf-8") == page()


def test_the_page_names_every_issue_once():
    assert [page().count(f"| `{name}` |") for name in CATALOGUE] == [1] * len(CATALOGUE)
