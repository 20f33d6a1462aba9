"""docs/settings.md lists what can be set, and says its defaults as they are."""

import re
from pathlib import Path

import pytest

from gateway.settings import CONFIG, PREFIX, TOKEN, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
ROW = re.compile(
    r"^\| `(TRIAGE_GATEWAY_[A-Z0-9_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE
)
ROWS = {name: (default, said) for name, default, said in ROW.findall(PAGE.read_text())}
SCALARS = (bool, int, float, str)
PLAIN = {
    PREFIX + name.upper(): field.default
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, SCALARS)
}


def test_every_setting_is_on_the_page_and_no_other():
    known = {PREFIX + name.upper() for name in Settings.model_fields}

    assert set(ROWS) == known | {CONFIG, TOKEN}


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_a_default_is_what_the_page_says(name):
    default = PLAIN[name]
    written = str(default).lower() if isinstance(default, bool) else str(default)

    assert ROWS[name][0] == f"`{written}`"
