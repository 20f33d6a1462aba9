"""The rules of a site over time: what it added, and which clinician signed them."""

from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.commands import ConfigureRules, RulesCommand, SignRules
from domain.errors import LaxerRulesError, UnsignableRulesError
from domain.floor import digest
from domain.floor.compose import RULES_VERSION
from domain.floor.stricter import objections
from domain.ruled import (
    NO_SITE_RULES,
    RulesConfigured,
    RulesEvent,
    RulesSigned,
    Signature,
    SiteRules,
    Standing,
)

_LONGEST: Final = 100  # characters of a name, a role or a registration


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """What the site's own rules are now, and the last signature of any."""

    site: SiteRules = NO_SITE_RULES
    signature: Signature | None = None

    def standing(self) -> Standing:
        """Return what stands behind an assessment that is made now."""
        return Standing(
            catalogue=digest.of_catalogue(self.site),
            site=digest.of_site(self.site),
            signature=self.signature,
            minutes=self.site.minutes,
            scale=self.site.scale,
        )


UNSIGNED: Final = Rulebook()


def decide(command: RulesCommand, state: Rulebook) -> list[RulesEvent]:
    """Grant or refuse a step.

    Raises:
        LaxerRulesError: a rule of the site would not be stricter.
        UnsignableRulesError: other rules are in force, or somebody is not named.

    """
    match command:
        case ConfigureRules():
            return _configure(command, state)
        case SignRules():
            return _sign(command, state)
        case _:
            assert_never(command)


def evolve(state: Rulebook, event: RulesEvent) -> Rulebook:
    """Remember what was configured or signed."""
    match event:
        case RulesConfigured():
            return replace(state, site=event.site)
        case RulesSigned():
            return replace(state, signature=event.signature)
        case _:
            assert_never(event)


def _configure(command: ConfigureRules, state: Rulebook) -> list[RulesEvent]:
    if command.site == state.site:
        return []
    found = objections(command.site)
    if found:
        raise LaxerRulesError(" ".join(found))
    kept = digest.of_site(command.site)
    return [RulesConfigured(site=command.site, digest=kept, at=command.at)]


def _sign(command: SignRules, state: Rulebook) -> list[RulesEvent]:
    if not _is_said(command.by) or not _is_said(command.role):
        raise UnsignableRulesError(
            "Say who signs (--by) and as what (--role), each in 100 characters at most."
        )
    if command.registration and not _is_said(command.registration):
        raise UnsignableRulesError("A registration has 100 characters at most.")
    catalogue = digest.of_catalogue(state.site)
    if command.catalogue != catalogue:
        raise UnsignableRulesError(
            "Other rules are in force than those that were reviewed: their catalogue "
            f"has the hash {catalogue}. Make the page again (triage-gateway rules "
            "--html), review it, and sign with the hash that stands on it."
        )
    signature = Signature(
        by=command.by,
        role=command.role,
        registration=command.registration,
        rules=RULES_VERSION,
        catalogue=catalogue,
        at=command.at,
    )
    known = state.signature
    if known is not None and replace(known, at=command.at) == signature:
        return []
    return [RulesSigned(signature=signature)]


def _is_said(text: str) -> bool:
    """Say whether a text can be read, and nothing in it hides or turns around."""
    return text.isprintable() and text == text.strip() and 0 < len(text) <= _LONGEST
