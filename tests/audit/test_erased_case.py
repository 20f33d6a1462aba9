import asyncio

import pytest
from click.testing import CliRunner

from gateway.audit.case import case_story
from gateway.audit.case_page import page
from gateway.audit.case_text import lines
from gateway.audit.story import Teller
from gateway.cli.audit import audit
from gateway.cli.erase import erase
from tests.audit.a_case import played


def silent(_done, _total):
    """Show no progress."""


@pytest.fixture(scope="module")
def erased(tmp_path_factory):
    """A case whose patient was erased since."""
    case = asyncio.run(played(tmp_path_factory.mktemp("erased") / "data"))
    arguments = ["--data", str(case.folder), "--patient", case.patient_id]
    done = CliRunner().invoke(erase, [*arguments, "--by", "the head nurse", "--yes"])
    assert "erased: " in done.output
    return case


def test_an_erased_case_is_told_by_its_tombstones(erased):
    story = case_story(erased.folder, erased.case_id, progress=silent)

    assert story.erased == len(story.entries) == 8
    assert {entry.teller for entry in story.entries} == {Teller.ERASED}
    text = "\n".join(lines(story, full=True))
    assert "Erased: an event 'assessment.proposed.v1' stands here" in text
    assert "chest pain" not in text
    assert "chest pain" not in page(story)
    assert int(dict(story.outcome.rows)["Erased access records"].split(",")[0]) > 0


def test_an_erased_prompt_cannot_be_sent_again(erased):
    result = CliRunner().invoke(
        audit, ["rerun", erased.case_id, "--data", str(erased.folder)]
    )

    assert result.exit_code == 1
    assert "The prompt was erased" in result.output


def test_of_an_erased_patient_every_moment_is_replayed_without_her(erased, tmp_path):
    output = tmp_path / "then"
    data = ["--data", str(erased.folder)]

    now = CliRunner().invoke(audit, ["replay", *data])
    then = CliRunner().invoke(
        audit, ["replay", *data, "--as-of", "20", "--output", str(output)]
    )

    assert now.exit_code == then.exit_code == 0, now.output + then.output
    for file in output.iterdir():
        assert "chest pain" not in file.read_text()
        assert erased.patient_id not in file.read_text()
