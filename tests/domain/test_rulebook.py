"""A site may be stricter, never laxer; a signature is of what was reviewed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain import rulebook
from domain.commands import ConfigureRules, SignRules
from domain.errors import LaxerRulesError, UnsignableRulesError
from domain.floor.compose import RULES_VERSION
from domain.floor.digest import of_catalogue, of_site
from domain.ruled import (
    MINUTES,
    NO_SITE_RULES,
    RulesConfigured,
    RulesSigned,
    Signature,
    SiteRules,
)
from tests.domain.given import Given

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUICK = SiteRules(minutes=(0, 5, 20, 45, 90))
SLOW = SiteRules(minutes=(0, 10, 30, 60, 121))
SIGN = SignRules(
    by="Dr Jo Doe",
    role="ED consultant",
    registration="7012345",
    catalogue=of_catalogue(NO_SITE_RULES),
    at=AT,
)
FRESH = Given(rulebook.decide, rulebook.evolve, rulebook.UNSIGNED)
CONFIGURE = ConfigureRules(site=QUICK, at=AT)


def test_a_site_without_rules_of_its_own_leaves_no_event():
    assert FRESH.when(ConfigureRules(site=NO_SITE_RULES, at=AT)) == []


def test_a_change_of_the_sites_rules_is_an_event_with_its_content():
    assert FRESH.when(CONFIGURE) == [
        RulesConfigured(site=QUICK, digest=of_site(QUICK), at=AT)
    ]


def test_the_same_rules_again_are_no_event():
    assert FRESH.after(CONFIGURE).when(CONFIGURE) == []


def test_going_back_to_none_is_an_event_too():
    (event,) = FRESH.after(CONFIGURE).when(ConfigureRules(site=NO_SITE_RULES, at=AT))

    assert event.digest == ""


def test_laxer_rules_are_refused_with_the_reason():
    with pytest.raises(LaxerRulesError, match="not lengthen"):
        FRESH.when(ConfigureRules(site=SLOW, at=AT))


def test_a_signature_says_who_signed_which_rules():
    (event,) = FRESH.when(SIGN)

    assert event == RulesSigned(
        signature=Signature(
            by="Dr Jo Doe",
            role="ED consultant",
            registration="7012345",
            rules=RULES_VERSION,
            catalogue=of_catalogue(NO_SITE_RULES),
            at=AT,
        )
    )


def test_signing_the_same_again_changes_nothing():
    later = replace(SIGN, at=AT.replace(hour=13))

    assert FRESH.after(SIGN).when(later) == []


def test_another_clinician_may_sign_after_the_first():
    assert FRESH.after(SIGN).when(replace(SIGN, by="Dr Kim Roe"))


@pytest.mark.parametrize("catalogue", ["", "0" * 64, of_catalogue(QUICK)])
def test_what_was_not_reviewed_cannot_be_signed(catalogue):
    with pytest.raises(UnsignableRulesError, match=of_catalogue(NO_SITE_RULES)):
        FRESH.when(replace(SIGN, catalogue=catalogue))


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "Dr \u202e eoD"])
def test_whoever_signs_has_a_name_and_a_role_that_can_be_read(name):
    for field in ("by", "role"):
        with pytest.raises(UnsignableRulesError, match="Say who signs"):
            FRESH.when(replace(SIGN, **{field: name}))
    if name:
        with pytest.raises(UnsignableRulesError, match="registration"):
            FRESH.when(replace(SIGN, registration=name))


def test_an_assessment_stands_on_the_signature_until_the_rules_change():
    unsigned = FRESH.state.standing()
    signed = FRESH.after(SIGN).state.standing()
    changed = FRESH.after(SIGN).after(CONFIGURE).state.standing()

    assert (unsigned.signed, signed.signed, changed.signed) == (False, True, False)
    assert changed.signature == signed.signature
    assert (signed.site, changed.site) == ("", of_site(QUICK))
    assert (signed.minutes, changed.minutes) == (MINUTES, QUICK.minutes)
