"""Loading knowledge into Weaviate, and whether what is there is whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from weaviate import WeaviateAsyncClient
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter

from inference.minilm import Floats
from inference.retrieve.weaviate.connection import Connection
from inference.retrieve.weaviate.generations import (
    Standing,
    begun,
    ensure_collections,
    passages_of,
    put_in_force,
    standing_of,
    vector_name,
)
from inference.retrieve.weaviate.objects import object_id, written
from inference.schema import Passage, RetrievalUnavailableError

_TOGETHER = 100  # objects a request: a few hundred kilobytes
_READ_ONLY = "READONLY"


@dataclass(frozen=True, kw_only=True)
class StoreHealth:
    """What a whole store says of itself."""

    server: str  # the version of Weaviate
    index: str
    passages: int


class WeaviateStore:
    """A tenant's knowledge in Weaviate, for who loads and who watches it."""

    def __init__(
        self, connection: Connection, *, tenant: str, embedder: str, replicas: int = 1
    ) -> None:
        self._connection = connection
        self._tenant = tenant
        self._embedder = embedder
        self._replicas = replicas

    async def load(
        self, passages: Sequence[Passage], vectors: Floats, *, version: str
    ) -> None:
        """Put these passages in force, in place of all others, as one step.

        They are written beside what is in force, counted, put in force, and then the
        others are deleted. A load that was broken off can be repeated, and the same
        load again changes nothing. Vectors are those of the embedder that the store
        was made with, a row a passage. One load at a time.

        Raises:
            RetrievalUnavailableError: Weaviate is out of reach or read-only, or
                did not take every passage; what was in force still is.

        """
        if await self.holds(version):
            return
        async with self._connection.lent(self._seconds) as client:
            await ensure_collections(
                client, self._tenant, embedder=self._embedder, replicas=self._replicas
            )
        for start in range(0, len(passages), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            await self._write(passages[part], vectors[part], version)
        await self._require(version, len(passages))
        await self._put_in_force(version, passages)
        await self._delete_others(version)
        await self._require(version, len(passages))

    async def standing(self) -> Standing | None:
        """Return which generation is in force, if any was ever loaded.

        Raises:
            RetrievalUnavailableError: Weaviate is out of reach.

        """
        async with self._connection.lent(self._seconds) as client:
            if not await begun(client, self._tenant):
                return None
            return await standing_of(client, self._tenant)

    async def holds(self, version: str) -> bool:
        """Say whether an index version is in force, with every passage.

        Raises:
            RetrievalUnavailableError: Weaviate is out of reach.

        """
        standing = await self.standing()
        if standing is None or standing.version != version:
            return False
        async with self._connection.lent(self._seconds) as client:
            return await self._counted(client, version) == standing.passages

    async def health(self) -> StoreHealth:
        """Ask by REST and by gRPC, count, and search for a passage that must be found.

        Raises:
            RetrievalUnavailableError: which of it fails.

        """
        async with self._connection.lent(self._connection.server.seconds) as client:
            meta = await client.get_meta()
            standing = await standing_of(client, self._tenant)
            if standing is None:
                raise RetrievalUnavailableError("Weaviate holds no knowledge. Load it.")
            counted = await self._counted(client, standing.version)
            found = await self._finds(client, standing)
            writable = await self._writable(client)
        _require_whole(standing, counted=counted, found=found, writable=writable)
        return StoreHealth(
            server=str(meta["version"]), index=standing.version, passages=counted
        )

    @property
    def _seconds(self) -> float:
        return self._connection.server.load_seconds

    async def _write(
        self, passages: Sequence[Passage], vectors: Floats, version: str
    ) -> None:
        name = vector_name(self._embedder)
        objects = [
            DataObject(
                uuid=object_id(self._tenant, version, passage.id),
                properties=written(passage, version),
                vector={name: vector.tolist()},
            )
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        async with self._connection.lent(self._seconds) as client:
            reply = await passages_of(client, self._tenant).data.insert_many(objects)
            if reply.has_errors:  # which the connection tells of, as of all others
                raise ValueError(next(iter(reply.errors.values())).message)

    async def _put_in_force(self, version: str, passages: Sequence[Passage]) -> None:
        standing = Standing(
            version=version,
            embedder=self._embedder,
            passages=len(passages),
            canary=passages[0].id if passages else "",
        )
        async with self._connection.lent(self._seconds) as client:
            await put_in_force(client, self._tenant, standing)

    async def _delete_others(self, version: str) -> None:
        """Delete what is not in force; the server deletes so many at a time."""
        others = Filter.by_property("generation").not_equal(version)
        matches = 1
        while matches:
            async with self._connection.lent(self._seconds) as client:
                standing = await standing_of(client, self._tenant)
                if standing is None or standing.version != version:
                    return
                objects = passages_of(client, self._tenant)
                matches = (await objects.data.delete_many(where=others)).matches

    async def _require(self, version: str, passages: int) -> None:
        async with self._connection.lent(self._seconds) as client:
            counted = await self._counted(client, version)
        if counted != passages:
            raise RetrievalUnavailableError(
                f"Weaviate holds {counted} of {passages} passages. Load them again, one"
                " load at a time."
            )

    async def _counted(self, client: WeaviateAsyncClient, version: str) -> int:
        reply = await passages_of(client, self._tenant).aggregate.over_all(
            filters=Filter.by_property("generation").equal(version), total_count=True
        )
        return reply.total_count or 0

    async def _finds(self, client: WeaviateAsyncClient, standing: Standing) -> bool:
        """Search for the canary by its own vector, which nothing is nearer to."""
        if not standing.canary:
            return True
        name = vector_name(standing.embedder)
        objects = passages_of(client, self._tenant)
        canary = object_id(self._tenant, standing.version, standing.canary)
        kept = await objects.query.fetch_objects_by_ids([canary], include_vector=[name])
        vector = next((each.vector.get(name) for each in kept.objects), None)
        if not vector:
            return False
        reply = await objects.query.near_vector(
            vector,
            target_vector=name,
            filters=Filter.by_property("generation").equal(standing.version),
            limit=_TOGETHER,
        )
        return canary in {each.uuid for each in reply.objects}

    async def _writable(self, client: WeaviateAsyncClient) -> bool:
        shards = await passages_of(client, self._tenant).config.get_shards()
        return all(shard.status != _READ_ONLY for shard in shards)


def _require_whole(
    standing: Standing, *, counted: int, found: bool, writable: bool
) -> None:
    if counted != standing.passages:
        raise RetrievalUnavailableError(
            f"Weaviate holds {counted} of {standing.passages} passages. Load the"
            " knowledge again."
        )
    if not found:
        raise RetrievalUnavailableError(
            "Weaviate does not find a passage that it holds. Delete the tenant there:"
            " it is filled again."
        )
    if not writable:
        raise RetrievalUnavailableError(
            "Weaviate is read-only, as it is when its disk or memory is full. Make"
            " room, then set its shards to READY."
        )
