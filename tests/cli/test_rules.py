"""A clinician reads the rules at a terminal or in a browser, and signs them."""

import json

import pytest
from click.testing import CliRunner

from domain.floor.compose import CATALOGUE
from domain.floor.digest import of_catalogue
from domain.ruled import NO_SITE_RULES
from gateway.cli.rules import rules
from tests.gateway_inside import gateway_inside

CATALOGUE_HASH = of_catalogue(NO_SITE_RULES)
WHO = ["--by", "Dr Jo Doe", "--role", "ED consultant"]


def run(*arguments):
    return CliRunner().invoke(rules, [str(each) for each in arguments])


@pytest.fixture
async def folder(tmp_path):
    """The data folder of a gateway that was started once and stopped."""
    async with gateway_inside(tmp_path / "data"):
        pass
    return tmp_path / "data"


def test_the_table_fits_in_a_hundred_columns_and_has_every_rule():
    said = run()
    words = run("--words")

    assert said.exit_code == words.exit_code == 0, said.output
    assert max(map(len, said.output.splitlines())) <= 100
    assert max(map(len, words.output.splitlines())) <= 100
    assert f"catalogue {CATALOGUE_HASH}" in said.output
    assert "chest-pain" in words.output


def test_one_family_can_be_listed_and_a_wrong_name_lists_them():
    assert "NEWS2" in run("--family", "news2").output
    assert "ESI danger zone" not in run("--family", "news2").output
    assert "There are: " in run("--family", "no such family").output


def test_the_document_is_json():
    told = json.loads(run("--json").output)

    assert len(told["rules"]) == len(CATALOGUE)


def test_pages_are_written(tmp_path):
    html, text = tmp_path / "rules.html", tmp_path / "rules.md"

    assert run("--html", html).exit_code == 0
    assert run("--markdown", text).exit_code == 0
    assert CATALOGUE_HASH in html.read_text()
    assert CATALOGUE_HASH in text.read_text()


def test_a_signature_is_kept_and_shown(folder):
    assert "Not signed by a clinician." in run("--data", folder).output

    done = run("sign", "--data", folder, *WHO, "--hash", CATALOGUE_HASH)

    assert done.output == f"signed: catalogue {CATALOGUE_HASH}\n"
    assert "Signed by Dr Jo Doe (ED consultant)" in run("--data", folder).output


def test_another_hash_is_not_signed_and_the_right_one_is_named(folder):
    refused = run("sign", "--data", folder, *WHO, "--hash", "0" * 64)

    assert refused.exit_code == 1
    assert CATALOGUE_HASH in refused.output
    assert "Not signed by a clinician." in run("--data", folder).output


def test_one_log_is_named_the_stopped_one_or_the_running_one(folder):
    for where in ([], ["--data", folder, "--url", "http://127.0.0.1:1/fhir"]):
        said = run("sign", *where, *WHO, "--hash", CATALOGUE_HASH)

        assert said.exit_code == 2
        assert "Say which log" in said.output


def test_a_folder_without_a_log_is_named(tmp_path):
    assert run("--data", tmp_path).exit_code == 1


def test_a_gateway_that_does_not_run_is_named():
    said = run(
        "sign", "--url", "http://127.0.0.1:1/fhir", *WHO, "--hash", CATALOGUE_HASH
    )

    assert said.exit_code == 1
    assert "does not answer" in said.output
