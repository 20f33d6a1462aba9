"""The two collections: passages by generation, and which generation is in force.

Each has one Weaviate tenant for each tenant of the gateway. A passage belongs to
the generation that its index version names. The standing says which generation is
searched: one object, so that a load takes effect at once and as a whole.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from weaviate import WeaviateAsyncClient
from weaviate.classes.config import (
    Configure,
    ConsistencyLevel,
    DataType,
    Property,
    VectorDistances,
)
from weaviate.classes.data import DataObject
from weaviate.collections import CollectionAsync

from inference.retrieve.weaviate.objects import object_id, properties
from inference.schema import RetrievalUnavailableError

PASSAGES = "TriagePassage"
STANDING = "TriageStanding"
_UNVECTORED = "none"
_FACTS = ("version", "embedder", "canary")

Objects = CollectionAsync[Any, None]


class OtherEmbedderError(RetrievalUnavailableError):
    """The knowledge was embedded by another model: its vectors mean nothing here."""

    def __init__(self) -> None:
        super().__init__(
            "The knowledge in Weaviate was embedded by another model than the one that"
            " is configured. Configure that one, or load the knowledge again."
        )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The generation in force; `canary` is one of its passages' ids."""

    version: str
    embedder: str
    passages: int
    canary: str

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """Read it from an object's properties.

        Raises:
            LookupError: a property is missing.
            ValueError: the number of passages is none.

        """
        texts = {name: str(kept[name]) for name in _FACTS}
        return cls(passages=int(kept["passages"]), **texts)


def vector_name(embedder: str) -> str:
    """Return the name of the vectors that an embedder made.

    Vectors of several embedders can so be in one collection and never meet.
    """
    slug = re.sub(r"\W+", "_", embedder.split("@", maxsplit=1)[0], flags=re.ASCII)
    return f"v_{slug[:60]}_{hashlib.sha256(embedder.encode()).hexdigest()[:16]}"


def passages_of(client: WeaviateAsyncClient, tenant: str) -> Objects:
    """Return a tenant's passages, of every generation."""
    return _of(client, PASSAGES, tenant)


async def standing_of(client: WeaviateAsyncClient, tenant: str) -> Standing | None:
    """Return which generation of a tenant's passages is in force, if any is."""
    reply = await _of(client, STANDING, tenant).query.fetch_objects_by_ids(
        [_standing_id(tenant)]
    )
    return next((Standing.read(dict(each.properties)) for each in reply.objects), None)


async def begun(client: WeaviateAsyncClient, tenant: str) -> bool:
    """Say whether anything was ever made for a tenant: else it cannot be asked."""
    for name in (PASSAGES, STANDING):
        if not await client.collections.exists(name):
            return False
        if not await client.collections.use(name).tenants.get_by_names([tenant]):
            return False
    return True


async def put_in_force(
    client: WeaviateAsyncClient, tenant: str, standing: Standing
) -> None:
    """Make a generation the one that is searched."""
    kept = DataObject(
        uuid=_standing_id(tenant),
        properties={
            "version": standing.version,
            "embedder": standing.embedder,
            "passages": standing.passages,
            "canary": standing.canary,
        },
    )
    # A batch of one replaces what has the same id; a single insert would refuse.
    await _of(client, STANDING, tenant).data.insert_many([kept])


async def ensure_collections(
    client: WeaviateAsyncClient, tenant: str, *, embedder: str, replicas: int
) -> None:
    """Make what is missing of the collections, the vectors' index and the tenant."""
    await _ensure(client, PASSAGES, properties(), vector_name(embedder), replicas)
    facts = [
        *(_fact(name, DataType.TEXT) for name in _FACTS),
        _fact("passages", DataType.INT),
    ]
    await _ensure(client, STANDING, facts, _UNVECTORED, replicas)
    await _ensure_vectors(client, vector_name(embedder))
    for name in (PASSAGES, STANDING):
        tenants = client.collections.use(name).tenants
        if not await tenants.get_by_names([tenant]):
            await tenants.create(tenant)


async def _ensure(
    client: WeaviateAsyncClient,
    name: str,
    wanted: list[Property],
    vectors: str,
    replicas: int,
) -> None:
    if await client.collections.exists(name):
        return
    await client.collections.create(
        name,
        properties=wanted,
        vector_config=[_vectors(vectors)],
        replication_config=Configure.replication(factor=replicas),
        multi_tenancy_config=Configure.multi_tenancy(
            enabled=True, auto_tenant_creation=False
        ),
    )


async def _ensure_vectors(client: WeaviateAsyncClient, name: str) -> None:
    """Add the index of another embedder's vectors to a collection that is there."""
    config = client.collections.use(PASSAGES).config
    known = (await config.get(simple=True)).vector_config or {}
    if name not in known:
        await config.add_vector(vector_config=_vectors(name))


def _vectors(name: str) -> Any:  # noqa: ANN401 (the client's class is private)
    return Configure.Vectors.self_provided(
        name=name,
        vector_index_config=Configure.VectorIndex.hnsw(
            distance_metric=VectorDistances.COSINE
        ),
    )


def _of(client: WeaviateAsyncClient, name: str, tenant: str) -> Objects:
    objects = client.collections.use(name).with_tenant(tenant)
    return objects.with_consistency_level(ConsistencyLevel.QUORUM)


def _standing_id(tenant: str) -> UUID:
    return object_id(tenant, "", "standing")


def _fact(name: str, data_type: DataType) -> Property:
    searchable = False if data_type is DataType.TEXT else None
    return Property(
        name=name,
        data_type=data_type,
        index_filterable=False,
        index_searchable=searchable,
    )
