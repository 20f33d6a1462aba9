"""Whatever a site adds, no patient becomes less urgent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.floor import compose, site
from domain.floor.catalogue import CONCEPTS
from domain.floor.compose import CATALOGUE
from domain.floor.digest import catalogue, of_catalogue, of_site
from domain.floor.stricter import RAISING, objections
from domain.ruled import MINUTES, NO_SITE_RULES, SiteLimit, SiteRules
from domain.values import Acuity, Age, VitalName
from tests.domain.floor.cases import case, vital
from tests.domain.floor.charts import CHART
from tests.domain.floor.test_properties import ANY_CASE, EXAMPLES

ADULT = Age(least=40 * 366, most=40 * 366)
CHILD = Age(least=700, most=700)
LIMITS = st.builds(
    lambda vital, acuity, value, above, ages: SiteLimit(
        vital=vital,
        acuity=acuity,
        above=value if above else None,
        below=None if above else value,
        least_days=min(ages),
        end_days=max(ages) + 1,
    ),
    st.sampled_from(VitalName),
    st.sampled_from(Acuity),
    st.integers(0, 300).map(Decimal),
    st.booleans(),
    st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)),
)
SITES = st.builds(
    SiteRules,
    levels=st.dictionaries(
        st.sampled_from([each.rule for each in CATALOGUE]),
        st.sampled_from(Acuity),
        max_size=8,
    ).map(lambda found: tuple(found.items())),
    words=st.lists(
        st.tuples(
            st.sampled_from([each.name for each in CONCEPTS]),
            st.sampled_from(["sore toe", "pain*", "and", "insulin", "=had a fit"]),
        ),
        max_size=5,
    ).map(tuple),
    limits=st.lists(LIMITS, max_size=3).map(tuple),
    chart=st.none() | st.just(CHART),
)


@EXAMPLES
@given(ANY_CASE, SITES)
def test_no_settings_ever_make_a_patient_less_urgent(one, rules):
    """Also those that would be refused at the start."""
    alone, here = compose.assess(one), site.assess(one, rules)

    assert here.acuity <= alone.acuity
    assert {each.rule for each in alone.fired} <= {each.rule for each in here.fired}
    assert (here.missing, here.doubts) == (alone.missing, alone.doubts)
    least = {each.rule: each.acuity for each in reversed(here.fired)}
    assert all(least[each.rule] <= each.acuity for each in alone.fired)


@EXAMPLES
@given(ANY_CASE)
def test_without_settings_the_floor_is_the_programs(one):
    assert site.assess(one, NO_SITE_RULES) == compose.assess(one)


def test_a_rule_may_be_given_a_more_urgent_level():
    rules = SiteRules(levels=(("red-flag.fall", Acuity.RESUSCITATION),))
    one = case("fall", age=Age(least=30_000, most=30_000))

    fired = {each.rule: each for each in site.assess(one, rules).fired}

    assert objections(rules) == []
    assert fired["red-flag.fall"].acuity is Acuity.RESUSCITATION
    assert fired["red-flag.fall"].sentence.endswith("At this site: level 1.")


def test_a_sites_own_word_is_heard_and_a_denied_one_is_not():
    rules = SiteRules(words=(("chest-pain", "thoraxschmerz"),))

    def level(text):
        one = case(text, age=ADULT)
        return site.assess(one, rules).acuity, compose.assess(one).acuity

    assert objections(rules) == []
    assert level("thoraxschmerz") == (Acuity.EMERGENT, Acuity.URGENT)
    assert level("no thoraxschmerz")[0] > Acuity.EMERGENT


def test_a_limit_of_the_site_fires_beyond_it_and_not_at_it():
    limit = SiteLimit(
        vital=VitalName.HEART_RATE, acuity=Acuity.EMERGENT, above=Decimal(110)
    )
    rules = SiteRules(limits=(limit,))

    def fired(rate):
        one = case(age=ADULT, measured=[vital(VitalName.HEART_RATE, rate)])
        return {each.rule for each in site.assess(one, rules).fired}

    assert objections(rules) == []
    assert "site.heart-rate-above-110" in fired(111)
    assert "site.heart-rate-above-110" not in fired(110)


def test_a_limit_below_is_read_the_other_way():
    limit = SiteLimit(
        vital=VitalName.TEMPERATURE, acuity=Acuity.EMERGENT, below=Decimal("35.5")
    )
    one = case(age=ADULT, measured=[vital(VitalName.TEMPERATURE, "35.2")])

    found = site.assess(one, SiteRules(limits=(limit,)))

    assert "site.temperature-below-35-5" in {each.rule for each in found.fired}


def test_a_chart_of_the_site_raises_a_child():
    one = case(age=CHILD, measured=[vital(VitalName.HEART_RATE, 120)])

    found = site.assess(one, SiteRules(chart=CHART))

    assert found.acuity is Acuity.EMERGENT
    assert objections(SiteRules(chart=CHART)) == []


def limit_of(**changes):
    known = {"vital": VitalName.HEART_RATE, "acuity": Acuity.EMERGENT}
    return SiteRules(limits=(SiteLimit(**known | changes),))


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (SiteRules(levels=(("no-such", Acuity.EMERGENT),)), "There is no rule"),
        (
            SiteRules(levels=(("extreme.hyperpyrexia", Acuity.EMERGENT),)),
            "would not be stricter",
        ),
        (
            SiteRules(levels=(("red-flag.fall", Acuity.NON_URGENT),)),
            "would not be stricter",
        ),
        (
            SiteRules(
                levels=(
                    ("red-flag.fall", Acuity.EMERGENT),
                    ("red-flag.fall", Acuity.RESUSCITATION),
                )
            ),
            "two levels",
        ),
        (SiteRules(words=(("minor-skin", "freckle"),)), "No red flag asks"),
        (SiteRules(words=(("chest-pain", "Ouch!"),)), "never be heard"),
        (SiteRules(words=(("chest-pain", ""),)), "never be heard"),
        (SiteRules(words=(("chest-pain", "pain |"),)), "never be heard"),
        (limit_of(), "either above or below"),
        (limit_of(above=Decimal(1), below=Decimal(1)), "either above or below"),
        (limit_of(above=Decimal(110), least_days=9, end_days=9), "before it begins"),
        (limit_of(above=Decimal(900)), "would be believed"),
        (limit_of(vital=VitalName.CONSCIOUSNESS, above=Decimal(1)), "be believed"),
        (limit_of(above=Decimal(110), acuity=Acuity.NON_URGENT), "already"),
        (limit_of(below=Decimal(35)), "already"),
        (SiteRules(minutes=(1, 10, 30, 60, 120)), "not lengthen"),
        (SiteRules(minutes=(0, -1, 30, 60, 120)), "not lengthen"),
        (SiteRules(chart=replace(CHART, escalations=())), "needs an escalation"),
    ],
    ids=str,
)
def test_what_would_not_be_stricter_is_refused_with_the_reason(rules, why):
    (said,) = objections(rules)

    assert why in said


def test_only_concepts_of_red_flags_get_more_words():
    assert "chest-pain" in RAISING
    assert set(RAISING) <= {each.name for each in CONCEPTS}


def test_the_hash_changes_with_every_rule_word_and_setting():
    quick = SiteRules(minutes=(0, 5, 20, 45, 90))
    first, *others = CATALOGUE
    reworded = (replace(first, says="Something else."), *others)

    hashes = {
        of_catalogue(NO_SITE_RULES),
        of_catalogue(quick),
        catalogue("2", CATALOGUE, CONCEPTS, NO_SITE_RULES),
        catalogue("3", CATALOGUE, CONCEPTS, NO_SITE_RULES),
        catalogue("2", reworded, CONCEPTS, NO_SITE_RULES),
        catalogue("2", CATALOGUE, CONCEPTS[1:], NO_SITE_RULES),
    }

    assert len(hashes) in {5, 6}  # the program's version may be "2" itself
    assert of_site(NO_SITE_RULES) == ""
    assert of_site(quick) != of_site(SiteRules(scale="MTS"))


def test_the_order_of_the_catalogue_is_nothing():
    turned = catalogue("1", reversed(CATALOGUE), reversed(CONCEPTS), NO_SITE_RULES)

    assert turned == catalogue("1", CATALOGUE, CONCEPTS, NO_SITE_RULES)


def test_a_catalogue_holds_nothing_that_cannot_be_hashed():
    odd = replace(CATALOGUE[0], says=object())

    with pytest.raises(TypeError, match="no place in a catalogue"):
        catalogue("1", [odd], CONCEPTS, NO_SITE_RULES)


def test_the_programs_waiting_times_are_those_of_the_levels():
    assert MINUTES == (0, 10, 30, 60, 120)


def test_a_limit_that_is_neither_above_nor_below_is_none():
    with pytest.raises(ValueError, match="above or below"):
        site.limit_of(SiteLimit(vital=VitalName.HEART_RATE, acuity=Acuity.URGENT))
