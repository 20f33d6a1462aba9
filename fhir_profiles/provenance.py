"""Provenance: who or what made which version of a resource, out of what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fhir.resources.R4B.provenance import Provenance

from domain.values import Reference
from fhir_profiles.canonical import AIAST, PASSAGE
from fhir_profiles.datatypes import Json, built, coded, instant, reference, references

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A passage of the knowledge base: its id, its source, the hash of its text."""

    id: str
    source: str
    sha256: str


def authored(
    *,
    resource_id: str,
    targets: Sequence[Reference],
    at: datetime,
    device: Reference,
    inputs: Iterable[Reference],
    passages: Iterable[Passage] = (),
    on_behalf_of: Json | None = None,
) -> Json:
    """Return the Provenance of what a Device asserted (reason AIAST).

    Inputs are entities of role `source`, passages of role `derivation`: the machine
    derived its words from them and quotes only some.
    https://hl7.org/fhir/R4/provenance.html; AI Transparency on FHIR, level 2.
    """
    agent = _agent("author", reference(device), on_behalf_of)
    agent["role"] = [{"text": "Artificial-Intelligence"}]
    return built(
        Provenance,
        id=resource_id,
        target=references(targets),
        occurredDateTime=instant(at),
        recorded=instant(at),
        reason=[{"coding": [dict(AIAST)]}],
        agent=[agent],
        entity=[*_sources(inputs), *map(_derivation, passages)],
    )


def verified(
    *,
    resource_id: str,
    targets: Sequence[Reference],
    at: datetime,
    verifier: Json,
    inputs: Iterable[Reference] = (),
    on_behalf_of: Json | None = None,
) -> Json:
    """Return the Provenance of a person's review; `verifier` is a Reference.

    The inputs are what was reviewed, as the machine's own Provenance and the Task.
    """
    return built(
        Provenance,
        id=resource_id,
        target=references(targets),
        occurredDateTime=instant(at),
        recorded=instant(at),
        agent=[_agent("verifier", verifier, on_behalf_of)],
        entity=_sources(inputs),
    )


def _agent(kind: str, who: Json | None, on_behalf_of: Json | None) -> Json:
    agent: Json = {"type": coded(_PARTICIPANT, kind), "who": who}
    if on_behalf_of:
        agent["onBehalfOf"] = on_behalf_of
    return agent


def _sources(inputs: Iterable[Reference]) -> list[Json]:
    return [{"role": "source", "what": reference(each)} for each in inputs]


def _derivation(passage: Passage) -> Json:
    what: Json = {
        "identifier": {"system": PASSAGE, "value": passage.id},
        "display": f"{passage.source} (sha256 {passage.sha256})",
    }
    return {"role": "derivation", "what": what}
