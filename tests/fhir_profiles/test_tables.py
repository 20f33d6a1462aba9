from pathlib import Path

import pytest

from fhir_profiles import tables
from fhir_profiles.tables import generate, load

DEFINITIONS = (
    Path(__file__).resolve().parents[2].parent / "shared/data/fhir/r4-definitions"
)
FOLDER = Path(tables.__file__).parent


def test_the_tables_know_what_r4_says_of_an_observation():
    observation = load().elements["Observation"]

    assert observation["status"] == ["1..1", "code:observation-status"]
    assert observation["subject"] == ["0..1", "Reference:Device,Group,Location,Patient"]
    assert observation["component"] == ["0..*", "@Observation.component"]
    assert load().elements["Observation.component"]["referenceRange"] == [
        "0..*",
        "^Observation.referenceRange",
    ]


def test_the_tables_list_the_codes_of_required_bindings():
    assert load().codings["administrative-gender"] == {
        "http://hl7.org/fhir/administrative-gender": [
            "female",
            "male",
            "other",
            "unknown",
        ]
    }


def test_every_type_that_an_element_names_is_there():
    known = load().elements.keys() | {"xhtml"}
    named = {
        kind.partition(":")[0].lstrip("@^")
        for elements in load().elements.values()
        for _, *kinds in elements.values()
        for kind in kinds
    }

    assert {name for name in named - known if name[0].isupper()} == set()


def test_the_tables_stay_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.json")) < 1_000_000


@pytest.mark.skipif(
    not DEFINITIONS.is_dir(),
    reason="The R4 definitions are not beside this checkout (shared/data/fhir).",
)
def test_the_committed_tables_are_what_the_definitions_give(tmp_path):
    generate.main(DEFINITIONS, tmp_path)

    for path in tmp_path.iterdir():
        assert (FOLDER / path.name).read_bytes() == path.read_bytes()
