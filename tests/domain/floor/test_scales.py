from datetime import timedelta

import pytest

from domain.floor.scales import ATS, CTAS, ESI, KTAS, MTS, SCALES, WORDS
from domain.values import Acuity


@pytest.mark.parametrize(
    ("scale", "minutes"),
    [
        (CTAS, (0, 15, 30, 60, 120)),
        (MTS, (0, 10, 60, 120, 240)),
        (ATS, (0, 10, 30, 60, 120)),
        (KTAS, (0, 15, 30, 60, 120)),
    ],
)
def test_each_scale_has_its_published_waiting_times(scale, minutes):
    found = tuple(scale.time_limit(acuity) for acuity in Acuity)

    assert found == tuple(timedelta(minutes=each) for each in minutes)


def test_the_emergency_severity_index_prescribes_no_waiting_time():
    assert [ESI.time_limit(acuity) for acuity in Acuity] == [None] * 5


def test_the_internal_limit_is_never_longer_than_that_of_any_scale():
    for scale in SCALES:
        for acuity in Acuity:
            allowed = scale.time_limit(acuity)
            assert allowed is None or acuity.time_limit <= allowed


def test_every_scale_names_all_five_levels_and_its_source():
    assert [scale.name for scale in SCALES] == ["ESI", "CTAS", "MTS", "ATS", "KTAS"]
    for scale in SCALES:
        assert len({scale.level(acuity).name for acuity in Acuity}) == 5
        assert scale.citation
        assert scale.title


def test_four_words_never_make_a_level_sound_calmer():
    assert [WORDS[acuity] for acuity in Acuity] == [
        *("Critical", "High", "Medium", "Low", "Low")
    ]
