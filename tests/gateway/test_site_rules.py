"""A site's own rules are read from its settings, or refused with the reason."""

import json

import pytest

from domain.ruled import MINUTES, NO_SITE_RULES
from domain.values import Acuity, VitalName
from gateway.audit.replay import replay
from gateway.settings import CONFIG, SettingsError, load
from gateway.settings.site_rules import SiteRulesSetting
from tests.callers import FEED, NURSE
from tests.gateway_inside import gateway_inside
from tests.patients import HEART_RATE, visit
from tests.worklist import acuity, open_task

CHART = {
    "name": "Our chart",
    "version": "1",
    "citation": "Our hospital, 2026",
    "bands": [
        {
            "least_days": 0,
            "end_days": 5844,
            "scored": [
                {
                    "vital": "heart-rate",
                    "steps": [
                        {"most": 100.5, "points": 0},
                        {"most": None, "points": 4},
                    ],
                }
            ],
        }
    ],
    "escalations": [{"acuity": 2, "total": 4}],
}
TOML = """
[site_rules]
minutes = [0, 5, 20, 45, 90]
scale = "MTS"
levels = { "red-flag.fall" = 2 }
words = { "chest-pain" = ["thoraxschmerz"] }

[[site_rules.limits]]
vital = "heart-rate"
above = 110
acuity = 2
from_years = 16
to_years = 65
"""


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """Load settings from a file with these lines."""

    def read(text):
        file = tmp_path / "settings.toml"
        file.write_text(text)
        monkeypatch.setenv(CONFIG, str(file))
        return load({"data": tmp_path / "data", "dev": True})

    return read


def test_without_settings_the_site_adds_nothing(configured):
    assert configured("").site_rules.made() == NO_SITE_RULES


def test_everything_that_a_site_may_add_is_read(configured):
    made = configured(TOML).site_rules.made()

    assert made.minutes == (0, 5, 20, 45, 90)
    assert made.scale == "MTS"
    assert made.levels == (("red-flag.fall", Acuity.EMERGENT),)
    assert made.words == (("chest-pain", "thoraxschmerz"),)
    (limit,) = made.limits
    assert (limit.vital, limit.acuity) == (VitalName.HEART_RATE, Acuity.EMERGENT)
    assert (limit.above, limit.below) == (110, None)
    assert (limit.least_days, limit.end_days) == (5844, 23742)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("minutes = [0, 10, 30, 60, 121]", "not lengthen it"),
        ('levels = { "red-flag.fall" = 4 }', "would not be stricter"),
        ('levels = { "red-flag.fal" = 2 }', "There is no rule red-flag.fal"),
        ('words = { "minor-skin" = ["freckle"] }', "nobody more urgent"),
        ('scale = "XTS"', "scale"),
        ("minuets = [0, 5, 20, 45, 90]", "minuets"),
        ('chart = "no-such.json"', "is no chart"),
    ],
)
def test_what_would_be_laxer_or_misspelt_is_refused_at_the_start(
    configured, lines, why
):
    with pytest.raises(SettingsError, match=why):
        configured(f"[site_rules]\n{lines}\n")


def test_a_chart_is_read_from_a_file(tmp_path):
    file = tmp_path / "pews.json"
    file.write_text(json.dumps(CHART))

    made = SiteRulesSetting(chart=file).made()

    assert made.chart.bands[0].scored[0].steps[0].most.as_tuple().exponent == -1
    assert made.minutes == MINUTES


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"escalations": [{"acuity": 2, "totl": 4}]}, "unknown fields: totl"),
        ({"escalations": []}, "needs an escalation"),
        ({"bands": 7}, "is no chart"),
        ({"bands": [{**CHART["bands"][0], "least_days": 3}]}, "begin at birth"),
    ],
)
def test_a_chart_that_is_wrong_is_refused(tmp_path, change, why):
    file = tmp_path / "pews.json"
    file.write_text(json.dumps(CHART | change))

    with pytest.raises(ValueError, match=why):
        SiteRulesSetting(chart=file)


async def test_an_assessment_is_replayed_by_the_rules_of_its_own_time(tmp_path):
    """First without, then with, then with other rules of the site: one log."""
    folder, levels = tmp_path / "data", []
    for number, site in enumerate(
        (
            {},
            {"words": {"arrest": ["thoraxschmerz"]}},
            {"limits": [{"vital": "heart-rate", "above": 85, "acuity": 2}]},
        )
    ):
        async with gateway_inside(folder, site_rules=site) as caller:
            bundle = visit(str(number), "thoraxschmerz", (HEART_RATE, 88))
            sent = await caller.called(FEED).push(bundle)
            whose = sent.locations[0].partition("/_history")[0]
            levels.append(acuity(await open_task(caller.called(NURSE), whose)))

    found = replay(folder, progress=lambda *_: None)

    assert levels[1:] == [1, 2]
    assert levels[0] > 2
    assert found.floors == 3
    assert found.findings == ()
    assert found.same
