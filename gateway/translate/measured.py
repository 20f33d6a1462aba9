"""The vital signs of a case, the newest first, with all that came before them."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from domain.values import Reference, Vital, VitalName
from fhir_profiles import coma
from fhir_profiles.elements import string
from fhir_profiles.observed import effective
from fhir_profiles.vital_signs import NOT_MEASURED, in_order, scale, vitals

Sourced = tuple[Reference, dict[str, Any]]

_UNTIMED = datetime.max.replace(tzinfo=UTC)


def measured(observed: list[Sourced]) -> tuple[Vital, ...]:
    """Return every value of the current Observations, each once.

    Earlier values stay, with their times: they are the trend. What has no time may be
    the newest, so it comes first.
    """
    found = {each for source, content in observed for each in vitals(content, source)}
    found |= _scales(observed, found)
    return tuple(sorted(in_order(found), key=_newest_first))


def _newest_first(vital: Vital) -> float:
    return -(vital.effective or _UNTIMED).timestamp()


def _scales(observed: list[Sourced], found: set[Vital]) -> set[Vital]:
    """Return coma scales of parts sent as Observations of their own, by their time."""
    sums = {each.effective for each in found if _is_sum(each)}
    moments: dict[datetime | None, list[Sourced]] = defaultdict(list)
    for source, content in observed:
        void = string(content, "status") in NOT_MEASURED
        if coma.part_of(content) and not void and effective(content) not in sums:
            moments[effective(content)].append((source, content))
    return {each for parts in moments.values() for each in scale(parts)}


def _is_sum(vital: Vital) -> bool:
    return vital.name is VitalName.GLASGOW_COMA_SCALE
