"""How the log's streams are named; a stream's name is never changed."""

from typing import Final
from zlib import crc32

from domain.values import Reference

_KINSHIPS: Final = 256
SITE: Final = "site"
ERASURES: Final = "erasures"
"""The stream of all erasures, which names nobody."""
RULES: Final = "rules"
"""The stream of what a site adds to the rules, and of who signed them."""
SERVING: Final = "serving"
"""The stream of which model answers, and of whether it may."""
REGISTRY: Final = "registry"
"""The stream of releases of models, and of which of them counts."""
KNOWLEDGE: Final = "knowledge"
"""The stream of what a site may quote, and of who signed it."""


def record_stream(reference: Reference) -> str:
    """Return the stream of one resource."""
    return f"record/{reference.type}/{reference.id}"


def identity_stream(kind: str, identifier: str) -> str:
    """Return the stream of the claims on an identifier (`system|value`)."""
    return f"identity/{kind}/{identifier}"


def receipt_stream(key: str | None) -> str:
    """Return the stream of the answers to one request."""
    return f"receipt/{key}"


def quarantine_stream(identity: str) -> str:
    """Return the stream of what was set aside under one id."""
    return f"quarantine/{identity}"


def episode_stream(patient: str) -> str:
    """Return the stream of a patient's cases."""
    return f"episode/{patient}"


def kinship_stream(patient: str) -> str:
    """Return the stream of the links between a patient's record and others.

    Many patients share one, so that all of them stay in memory: nearly no patient has
    a link, and every request asks for them.
    """
    return f"kinship/{crc32(patient.encode()) % _KINSHIPS}"


def retention_stream(patient: str) -> str:
    """Return the stream of what was decided about keeping a patient's data.

    The site's own rules are in that of `SITE`.
    """
    return f"retention/{patient}"


def case_stream(case_id: str) -> str:
    """Return the stream of a case."""
    return f"case/{case_id}"
