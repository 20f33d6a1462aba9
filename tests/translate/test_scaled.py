"""A level in the words of other scales, which is mapped and says so."""

import json
from pathlib import Path

import pytest

from domain.values import Acuity
from fhir_profiles import canonical
from gateway.translate.scaled import here, mapped

FILE = Path(canonical.__file__).parent / "profiles" / "CodeSystem-mapped-level.json"


def test_every_code_that_we_write_is_published_with_its_display():
    system = json.loads(FILE.read_text())
    published = {each["code"]: each["display"] for each in system["concept"]}

    written = {code: display for level in Acuity for code, display in mapped(level)}

    assert system["url"] == canonical.MAPPED_LEVEL
    assert written == published


def test_a_level_is_named_in_five_scales_and_in_one_word():
    codes = dict(mapped(Acuity.EMERGENT))

    assert set(codes) == {
        *("ESI-2", "CTAS-2", "MTS-2", "ATS-2", "KTAS-2"),
        "word-high",
    }
    assert all("not assessed by it" in said for said in list(codes.values())[:5])


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ("MTS", "MTS 2 Orange, mapped"),
        ("words", "High"),
        ("", ""),
    ],
)
def test_the_sites_own_scale_names_the_level(scale, said):
    assert here(scale, Acuity.EMERGENT) == said
