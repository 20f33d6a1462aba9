"""Provenance: who or what made which version of a resource, out of what."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from fhir.resources.R4B.provenance import Provenance

from domain.values import Reference
from fhir_profiles.canonical import (
    AIAST,
    INDEX,
    PASSAGE,
    PROMPT,
    PROMPT_SHA256,
    SCHEMA_SHA256,
)
from fhir_profiles.datatypes import Json, built, coded, instant, reference, references

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A passage of the knowledge base: its id, its source, the hash of its text."""

    id: str
    source: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a model was asked: what a recall may name beside the model and the data."""

    prompt: str  # version
    prompt_sha256: str
    schema_sha256: str
    index: str  # version of the knowledge index
    passages: Sequence[Passage] = ()


def authored(
    *,
    resource_id: str,
    targets: Sequence[Reference],
    at: datetime,
    devices: Sequence[Reference],
    informants: Sequence[Reference] = (),
    inputs: Iterable[Reference],
    asked: Asked | None = None,
    on_behalf_of: Json | None = None,
) -> Json:
    """Return the Provenance of what Devices asserted together (reason AIAST).

    An author is a model, its adapter, or the rules; an informant told the author what
    it knew. Inputs are entities of role `source`; prompt, answer's schema, knowledge
    index and passages are of role `derivation`: the machine derived its words from
    them. They are no resources here, so they are referred to by identifier.
    https://hl7.org/fhir/R4/provenance.html; AI Transparency on FHIR, level 2.
    """
    authors = [_agent("author", reference(each), on_behalf_of) for each in devices]
    for agent in authors:
        agent["role"] = [{"text": "Artificial-Intelligence"}]
    told = [_agent("informant", reference(each), None) for each in informants]
    return built(
        Provenance,
        id=resource_id,
        target=references(targets),
        occurredDateTime=instant(at),
        recorded=instant(at),
        reason=[{"coding": [dict(AIAST)]}],
        agent=[*authors, *told],
        entity=[*_sources(inputs), *_derivations(asked)],
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


def _derivations(asked: Asked | None) -> Iterator[Json]:
    if asked is None:
        return
    yield _derivation(PROMPT, asked.prompt, "Version of the prompt")
    yield _derivation(PROMPT_SHA256, asked.prompt_sha256, "The prompt as it was sent")
    yield _derivation(SCHEMA_SHA256, asked.schema_sha256, "Schema of the answer")
    yield _derivation(INDEX, asked.index, "Version of the knowledge index")
    for each in asked.passages:
        yield _derivation(PASSAGE, each.id, f"{each.source} (sha256 {each.sha256})")


def _derivation(system: str, value: str, display: str) -> Json:
    what: Json = {
        "identifier": {"system": system, "value": value},
        "display": display,
    }
    return {"role": "derivation", "what": what}
