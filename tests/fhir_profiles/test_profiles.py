import re
from pathlib import Path

import pytest

from domain.values import Acuity
from fhir_profiles import canonical
from fhir_profiles.device import DeviceKind
from fhir_profiles.lexical import parse
from fhir_profiles.structure import check

PROFILES = Path(canonical.__file__).parent / "profiles"
FILES = sorted(PROFILES.glob("*.json"))


def system(name):
    return parse((PROFILES / f"CodeSystem-{name}.json").read_bytes())


def codes(name):
    return {concept["code"] for concept in system(name)["concept"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_we_publish_is_valid_r4(path):
    assert check(parse(path.read_bytes())) == []


@pytest.mark.parametrize("name", ["task", "acuity", "device", "method"])
def test_a_code_system_has_the_canonical_url_that_we_write(name):
    assert system(name)["url"] == getattr(canonical, name.upper())


def test_every_code_that_we_write_is_defined():
    written = Path(canonical.__file__).parent
    used = {
        found
        for path in written.glob("*.py")
        for found in re.findall(r'coded\(TASK, "([a-z-]+)"', path.read_text())
    }

    assert used <= codes("task")
    assert {str(int(level)) for level in Acuity} == codes("acuity")
    assert {kind.value for kind in DeviceKind} == codes("device")
