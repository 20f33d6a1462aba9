"""How the log's streams are named; a stream's name is never changed."""

from domain.values import Reference


def record_stream(reference: Reference) -> str:
    """Return the stream of one resource."""
    return f"record/{reference.type}/{reference.id}"


def identity_stream(kind: str, identifier: str) -> str:
    """Return the stream of the claims on an identifier (`system|value`)."""
    return f"identity/{kind}/{identifier}"


def receipt_stream(key: str | None) -> str:
    """Return the stream of the answers to one request."""
    return f"receipt/{key}"


def episode_stream(patient: str) -> str:
    """Return the stream of a patient's cases."""
    return f"episode/{patient}"


def case_stream(case_id: str) -> str:
    """Return the stream of a case."""
    return f"case/{case_id}"
