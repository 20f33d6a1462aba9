"""What a site adds to the rules, who signed them, and what stood behind an assessment.

A site may only be stricter: see `domain.floor.site`, which refuses the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from domain.chart import Chart
from domain.values import Acuity, VitalName

Minutes = tuple[int, int, int, int, int]
MINUTES: Minutes = tuple(  # type: ignore[assignment] # one for each level
    int(each.time_limit.total_seconds() // 60) for each in Acuity
)
"""The longest wait before a nurse has looked, for the levels 1 to 5."""


@dataclass(frozen=True, kw_only=True)
class SiteLimit:
    """A value of a vital sign, beyond which this site wants at least a level.

    One of `above` and `below` is given, in the vital sign's own unit; neither value
    itself is beyond. Ages are completed days, `[least_days, end_days)`.
    """

    vital: VitalName
    acuity: Acuity
    above: Decimal | None = None
    below: Decimal | None = None
    least_days: int = 0
    end_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class SiteRules:
    """What one site adds to the rules of the program; nothing here takes away."""

    levels: tuple[tuple[str, Acuity], ...] = ()  # rule -> at least this urgent
    words: tuple[tuple[str, str], ...] = ()  # concept -> a phrase that means it here
    limits: tuple[SiteLimit, ...] = ()
    minutes: Minutes = MINUTES
    scale: str = ""  # by whose words a level is also named, such as MTS
    chart: Chart | None = None  # for children, which may raise like any rule


NO_SITE_RULES = SiteRules()


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who read the catalogue of which hash and answers for it, as they said."""

    by: str
    role: str
    registration: str  # with a professional register; "" where none was given
    rules: str  # version
    catalogue: str  # hash of all that the page showed, site rules included
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stood behind an assessment by rules, when it was made."""

    catalogue: str = ""
    site: str = ""  # hash of the site's rules; "" where it has none
    signature: Signature | None = None  # the last, also where it is of another hash
    minutes: Minutes = MINUTES
    scale: str = ""

    @property
    def signed(self) -> bool:
        """Say whether the last signature is of this very catalogue."""
        signature = self.signature
        return signature is not None and signature.catalogue == self.catalogue

    def limit(self, acuity: Acuity) -> timedelta:
        """Return the longest wait at a level before a nurse has looked."""
        return timedelta(minutes=self.minutes[acuity - 1])


UNKNOWN = Standing()
"""Of an assessment that does not say what stood behind it."""


@dataclass(frozen=True, kw_only=True)
class RulesConfigured:
    """From here on the site's own rules are these; they are kept to be replayed."""

    topic: ClassVar[str] = "rules.configured.v1"
    site: SiteRules
    digest: str  # of the site's rules
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RulesSigned:
    """A clinician answers for the catalogue of rules of one hash."""

    topic: ClassVar[str] = "rules.signed.v1"
    signature: Signature


RulesEvent = RulesConfigured | RulesSigned
