"""An option that a shell variable left empty is refused: it would mean everybody."""

import pytest
from click.testing import CliRunner

from gateway.__main__ import main


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "export", "--patient", ""),
        ("audit", "export", "--disclose-keys", "--case", " "),
        ("audit", "replay", "--as-of", ""),
        ("audit", "recall", "--rules", "3", "--model", ""),
        ("audit", "witness", "--url", "https://witness.example", "--key", ""),
        ("erase", "--by", "Ann Field", "--due", "--patient", ""),
    ],
)
def test_an_empty_option_is_refused(tmp_path, words):
    done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])

    assert done.exit_code == 2, done.output
    assert "It is empty. Fill it, or leave the option out." in done.output


def test_an_empty_address_does_not_restore_somewhere_else(tmp_path):
    words = ("restore", "--from", str(tmp_path), "--data", str(tmp_path / "data"))

    done = CliRunner().invoke(main, [*words, "--database-url", ""])

    assert done.exit_code == 2, done.output
    assert "It is empty. Fill it, or leave the option out." in done.output
