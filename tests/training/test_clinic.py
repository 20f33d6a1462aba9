"""Reading back what the gateway exports for training: whole, or not at all."""

import hashlib
import json

import pytest

from domain.answers import Decision
from domain.floor import compose
from tests.audit.test_training import ward, written
from training.clinic import UnreadableExportError, read, split


@pytest.fixture
def folder(tmp_path):
    with ward(tmp_path) as one:
        for number in range(11):
            one.decided(number)
        one.decided(11, decision=Decision.OVERRIDDEN)
    written(tmp_path)
    return tmp_path / "out"


def test_what_the_gateway_exports_is_read_with_the_nurse_s_level(folder):
    cases = list(read(folder))

    assert len(cases) == 12
    assert {each.decision for each in cases} == {"accepted", "overridden"}
    assert all(compose.assess(each.case) == each.floor for each in cases)
    changed = [each for each in cases if each.rejected is not None]
    assert [each.decision for each in changed] == ["overridden"]
    assert changed[0].acuity != changed[0].rejected


def test_the_newest_cases_are_the_test_and_a_patient_has_one_split_before_it(folder):
    cases = list(read(folder))

    assert {split(each) for each in cases if each.tenth >= 8} == {"test"}
    assert {split(each) for each in cases if each.tenth < 8} <= {"train", "dev"}


def test_an_export_without_its_manifest_is_refused(folder):
    (folder / "manifest.json").unlink()

    with pytest.raises(UnreadableExportError, match="no manifest"):
        list(read(folder))


def test_an_edited_or_cut_file_is_refused(folder):
    file = folder / "cases.jsonl"
    file.write_bytes(file.read_bytes()[:-10])

    with pytest.raises(UnreadableExportError, match="not the file"):
        list(read(folder))


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b'"id":', b'"zq":'),
        (b'"sex":"female"', b'"sex":"zqname"'),
        (b'"kind":"accepted","acuity":', b'"kind":"accepted","acuity":9'),
    ],
)
def test_a_line_of_another_form_is_named_and_not_repeated(folder, there, instead):
    file, manifest = folder / "cases.jsonl", folder / "manifest.json"
    body = file.read_bytes()
    assert there in body
    file.write_bytes(body.replace(there, instead))
    told = json.loads(manifest.read_text())
    told["files"]["cases.jsonl"]["sha256"] = hashlib.sha256(
        file.read_bytes()
    ).hexdigest()
    manifest.write_text(json.dumps(told))

    with pytest.raises(UnreadableExportError, match=r"line \d+ is no case") as refused:
        list(read(folder))

    assert "zq" not in str(refused.value)
