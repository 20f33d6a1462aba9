"""Honest claims, grounded in the knowledge base, are shown: most of them."""

from domain.answers import Draft
from inference.guard import check
from inference.parse import parse
from tests.inference.fair import FAIR, answer_of, case_of, passages_of


def fired(told):
    draft = parse(answer_of(told, missing_data=[]), "stop")
    assert isinstance(draft, Draft)
    found = check(draft, case_of(told), passages_of(told))
    return [each.guard for each in found.guards]


def test_nine_in_ten_honest_claims_are_shown():
    stripped = {told["id"]: names for told in FAIR if (names := fired(told))}

    assert len(FAIR) >= 60
    assert len(stripped) <= 0.1 * len(FAIR)
