"""A stand-in for Weaviate's wire: its REST and gRPC, for the real client.

It keeps a schema, tenants and objects, filters by what is indexed, ranks by BM25
and by exact cosine, and fuses ranks as Weaviate's documentation says. It can be
told to fail. It shows that the gateway speaks to the client and the client to the
wire, and what becomes of faults; it shows nothing of a Weaviate server itself.
"""

import asyncio
import math
import re
import struct
from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import grpc
from aiohttp import web
from weaviate.proto.v1 import (
    aggregate_pb2,
    base_pb2,
    base_search_pb2,
    batch_delete_pb2,
    batch_pb2,
    health_weaviate_pb2,
    search_get_pb2,
    tenants_pb2,
)

VERSION = "1.39.15"
KEY = "a key of the tests"
_WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be but by for if in into is it no not of on or such that"
        " the their then there these they this to was will with"
    )
)
_DELETED_AT_ONCE = 3  # so that the loader has to ask again
_FILTERS = base_pb2.Filters
_HNSW = {
    "cleanupIntervalSeconds": 300,
    "dynamicEfMin": 100,
    "dynamicEfMax": 500,
    "dynamicEfFactor": 8,
    "ef": -1,
    "efConstruction": 128,
    "filterStrategy": "sweeping",
    "flatSearchCutoff": 40000,
    "maxConnections": 32,
    "skip": False,
    "vectorCacheMaxObjects": 1000000000000,
}


class WireError(Exception):
    """What the server refuses, as it says it."""


class WeaviateWire:
    """One server; its content outlives `stop` and `start`."""

    def __init__(self):
        self.schema = {}  # by the name of the collection
        self.objects = {}  # (collection, tenant): {uuid: (properties, vectors)}
        self.searches = []  # what was asked, decoded
        self.seconds = 0.0  # that each answer takes
        self.unavailable = False  # gRPC alone
        self.read_only = False
        self.rest_body = None  # instead of every answer
        self.grpc_body = b"\xff\xff\xff"  # instead of a message, where garbled
        self.garbled = False
        self.key = KEY
        self.port = 0
        self.grpc_port = 0
        self.between = None  # called once, before the next answer by gRPC
        self.refused = set()  # passages that no batch takes
        self.lost = set()  # passages that are taken and not kept
        self.broken_search = None  # a sub-query that gets bytes that are no message
        self.cut_vectors = False
        self.greeted = 0  # how often somebody connected
        self._runner = None
        self._server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers([_Methods(self)])
        self.grpc_port = self._server.add_insecure_port(f"127.0.0.1:{self.grpc_port}")
        await self._server.start()

    async def stop(self):
        await self._server.stop(None)
        await self._runner.cleanup()

    # REST

    async def _rest(self, request):
        await asyncio.sleep(self.seconds)
        if self.rest_body is not None:
            return web.Response(text=self.rest_body, content_type="text/html")
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": [{"message": "no"}]}, status=401)
        body = await request.json() if request.can_read_body else None
        *_, path = request.path.partition("/v1/")
        try:
            return web.json_response(
                self._answered(request.method, path.split("/"), body)
            )
        except KeyError:
            return web.json_response({"error": [{"message": "none"}]}, status=404)
        except WireError as refusal:
            told = {"error": [{"message": str(refusal)}]}
            return web.json_response(told, status=422)

    def _answered(self, method, path, body):
        match (method, path):
            case "GET", ["meta"]:
                self.greeted += 1
                return {"version": VERSION, "hostname": "http://[::]:8080"}
            case "GET", ["schema", name]:
                return self.schema[name]
            case "GET", ["schema", name, "shards"]:
                return self._shards(name)
        return self._changed(method, path, body)

    def _changed(self, method, path, body):
        match (method, path):
            case "POST", ["schema"]:
                return self._created(body)
            case "PUT", ["schema", name]:
                self.schema[name] = body
            case "PATCH", ["objects", name, uuid]:
                properties, _ = self.kept(name, body["tenant"])[uuid]
                properties |= body["properties"]
            case "POST", ["schema", name, "tenants"]:
                self.objects |= {(name, each["name"]): {} for each in body}
        return body

    def _shards(self, name):
        status = "READONLY" if self.read_only else "READY"
        return [
            {"name": tenant, "status": status, "vectorQueueSize": 0}
            for kept, tenant in self.objects
            if kept == name
        ]

    def _created(self, body):
        if body["class"] in self.schema:
            raise WireError("the collection exists")
        if not body.get("multiTenancyConfig", {}).get("enabled"):
            raise WireError("these tests know collections with tenants only")
        for vector in body["vectorConfig"].values():
            vector.setdefault("vectorIndexType", "hnsw")
            vector["vectorIndexConfig"] = _HNSW | vector["vectorIndexConfig"]
        for each in body["properties"]:
            text = each["dataType"][0] in ("text", "text[]")
            each.setdefault("indexFilterable", True)
            each.setdefault("indexSearchable", text)
            each.setdefault("indexRangeFilters", False)
            if text:
                each.setdefault("tokenization", "word")
        self.schema[body["class"]] = body
        return body

    # gRPC

    def kept(self, collection, tenant):
        if collection not in self.schema:
            raise WireError(f"could not find class {collection} in schema")
        if (collection, tenant) not in self.objects:
            raise WireError(f'tenant not found: "{tenant}"')
        return self.objects[collection, tenant]

    def garbles(self, asked):
        if self.broken_search is None:
            return self.garbled
        hybrid = getattr(asked, "hybrid_search", None)
        return hybrid is not None and hybrid.query == self.broken_search

    def search(self, asked):
        self.searches.append(asked)
        kept = self.kept(asked.collection, asked.tenant)
        among = self._among(asked.collection, kept, asked)
        if asked.HasField("hybrid_search"):
            ranked = self._fused(asked.collection, kept, among, asked.hybrid_search)
        elif asked.HasField("near_vector"):
            near = asked.near_vector
            (packed,) = near.vectors
            ranked = _by_meaning(
                kept, among, _unpacked(packed.vector_bytes), near.targets
            )
        else:
            ranked = list(among)
        return search_get_pb2.SearchReply(
            results=[
                self._result(asked, uuid, *kept[uuid])
                for uuid in ranked[: asked.limit or 10]
            ]
        )

    def _among(self, collection, kept, asked):
        if not asked.HasField("filters"):
            return list(kept)
        types = self._types(collection)
        return [
            uuid
            for uuid, (properties, _) in kept.items()
            if _holds(asked.filters, uuid, properties, types)
        ]

    def _types(self, collection):
        return {each["name"]: each for each in self.schema[collection]["properties"]}

    def _fused(self, collection, kept, among, asked):
        if not asked.use_alpha_param or asked.HasField("vector_distance"):
            raise WireError("this server reads alpha_param, and no distance")
        if asked.fusion_type != base_search_pb2.Hybrid.FUSION_TYPE_RANKED:
            raise WireError("these tests know ranked fusion only")
        vector = _unpacked(asked.vector_bytes)
        scores = Counter()
        meant = _by_meaning(kept, among, vector, asked.targets)
        for rank, uuid in enumerate(meant[:100]):
            scores[uuid] += asked.alpha_param / (60 + rank)
        for rank, uuid in enumerate(self._by_words(collection, kept, among, asked)):
            scores[uuid] += (1 - asked.alpha_param) / (60 + rank)
        return [uuid for uuid, _ in scores.most_common()]

    def _by_words(self, collection, kept, among, asked):
        """Rank by BM25 (k1 1.2, b 0.75) over properties that are searchable."""
        weights = self._weights(collection, asked.properties)
        terms = set(_words(asked.query)) - STOP_WORDS
        texts = {uuid: _counted(kept[uuid][0], weights) for uuid in among}
        mean = sum(map(Counter.total, texts.values())) / (len(texts) or 1)
        scores = {
            uuid: sum(_bm25(term, counts, texts, mean) for term in terms)
            for uuid, counts in texts.items()
        }
        ranked = sorted(scores, key=lambda uuid: (-scores[uuid], uuid))
        return [uuid for uuid in ranked if scores[uuid] > 0]

    def _weights(self, collection, searched):
        types = self._types(collection)
        weights = {}
        for each in searched:
            name, _, boost = each.partition("^")
            if not types[name]["indexSearchable"]:
                raise WireError(f"{name} is not searchable")
            weights[name] = float(boost or 1)
        return weights

    def _result(self, asked, uuid, properties, vectors):
        types = self._types(asked.collection)
        result = search_get_pb2.SearchResult()
        result.metadata.id = uuid
        result.metadata.id_as_bytes = UUID(uuid).bytes
        for name in asked.metadata.vectors:
            packed = vectors.get(name, b"")[: 8 if self.cut_vectors else None]
            result.metadata.vectors.add(name=name, vector_bytes=packed, type=1)
        fields = result.properties.non_ref_props.fields
        for name, value in properties.items():
            match types[name]["dataType"][0]:
                case "text[]":
                    fields[name].list_value.text_values.values.extend(value)
                case "date":
                    fields[name].date_value = value
                case "int":
                    fields[name].int_value = int(value)
                case _:
                    fields[name].text_value = value
        return result

    def batch(self, asked):
        reply = batch_pb2.BatchObjectsReply()
        for index, each in enumerate(asked.objects):
            try:
                self._insert(each)
            except WireError as refusal:
                reply.errors.add(index=index, error=str(refusal))
        return reply

    def _insert(self, each):
        kept = self.kept(each.collection, each.tenant)
        vectors = {one.name: bytes(one.vector_bytes) for one in each.vectors}
        properties = dict(each.properties.non_ref_properties)
        for array in each.properties.text_array_properties:
            properties[array.prop_name] = list(array.values)
        self._require_insertable(each.collection, properties, vectors)
        if properties.get("passage") not in self.lost:
            kept[str(UUID(each.uuid))] = (properties, vectors)

    def _require_insertable(self, collection, properties, vectors):
        if self.read_only:
            raise WireError("store is read-only due to: disk usage too high")
        if set(vectors) - set(self.schema[collection]["vectorConfig"]):
            raise WireError("the vector is not configured")
        if set(properties) - set(self._types(collection)):
            raise WireError("no such property, and auto-schema is off")
        if properties.get("passage") in self.refused:
            raise WireError("no")

    def delete(self, asked):
        kept = self.kept(asked.collection, asked.tenant)
        matching = self._among(asked.collection, kept, asked)[:_DELETED_AT_ONCE]
        for uuid in matching:
            del kept[uuid]
        return batch_delete_pb2.BatchDeleteReply(
            matches=len(matching), successful=len(matching)
        )

    def aggregate(self, asked):
        kept = self.kept(asked.collection, asked.tenant)
        reply = aggregate_pb2.AggregateReply()
        counted = len(self._among(asked.collection, kept, asked))
        reply.single_result.objects_count = counted
        return reply

    def tenants(self, asked):
        wanted = set(asked.names.values)
        return tenants_pb2.TenantsGetReply(
            tenants=[
                tenants_pb2.Tenant(name=tenant, activity_status=7)
                for name, tenant in self.objects
                if name == asked.collection and tenant in wanted
            ]
        )


class _Methods(grpc.GenericRpcHandler):
    """The methods of Weaviate's service, and of the health service."""

    def __init__(self, wire):
        self._wire = wire
        self._known = {
            "Search": (wire.search, search_get_pb2.SearchRequest),
            "BatchObjects": (wire.batch, batch_pb2.BatchObjectsRequest),
            "BatchDelete": (wire.delete, batch_delete_pb2.BatchDeleteRequest),
            "Aggregate": (wire.aggregate, aggregate_pb2.AggregateRequest),
            "TenantsGet": (wire.tenants, tenants_pb2.TenantsGetRequest),
            "Check": (_serving, health_weaviate_pb2.WeaviateHealthCheckRequest),
        }

    def service(self, details):
        answer, message = self._known[details.method.rpartition("/")[2]]

        async def respond(request, context):
            await self._troubled(context)
            if self._wire.garbles(request):
                return self._wire.grpc_body
            try:
                return answer(request).SerializeToString()
            except WireError as refusal:
                await context.abort(grpc.StatusCode.UNKNOWN, str(refusal))

        return grpc.unary_unary_rpc_method_handler(
            respond, request_deserializer=message.FromString
        )

    async def _troubled(self, context):
        wire = self._wire
        await asyncio.sleep(wire.seconds)
        if wire.unavailable:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "going away")
        key = dict(context.invocation_metadata()).get("authorization")
        if key != f"Bearer {wire.key}":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
        between, wire.between = wire.between, None
        if between is not None:
            await between()


def _serving(_asked):
    return health_weaviate_pb2.WeaviateHealthCheckResponse(status=1)


def _holds(condition, uuid, properties, types):
    nested = (_holds(each, uuid, properties, types) for each in condition.filters)
    if condition.operator == _FILTERS.OPERATOR_AND:
        return all(nested)
    if condition.operator == _FILTERS.OPERATOR_OR:
        return any(nested)
    name = condition.target.property
    if name == "_id":
        return uuid in _wanted(condition)
    if not types[name]["indexFilterable"]:
        raise WireError(f"{name} is not indexed for filters")
    value = properties.get(name)
    if types[name]["dataType"][0] == "date":
        return _compares(
            condition.operator,
            datetime.fromisoformat(value),
            datetime.fromisoformat(condition.value_text),
        )
    values = value if isinstance(value, list) else [value]
    found = bool({*values} & _wanted(condition))
    return found != (condition.operator == _FILTERS.OPERATOR_NOT_EQUAL)


def _wanted(condition):
    match condition.operator:
        case _FILTERS.OPERATOR_CONTAINS_ANY:
            return set(condition.value_text_array.values)
        case _FILTERS.OPERATOR_EQUAL | _FILTERS.OPERATOR_NOT_EQUAL:
            return {condition.value_text}
    raise WireError("these tests do not know the operator")


def _compares(operator, one, other):
    match operator:
        case _FILTERS.OPERATOR_LESS_THAN_EQUAL:
            return one <= other
        case _FILTERS.OPERATOR_GREATER_THAN_EQUAL:
            return one >= other
    raise WireError("these tests do not know the operator")


def _by_meaning(kept, among, vector, targets):
    (name,) = targets.target_vectors
    cosines = {
        uuid: _cosine(vector, _unpacked(kept[uuid][1][name]))
        for uuid in among
        if name in kept[uuid][1]
    }
    return sorted(cosines, key=lambda uuid: (-cosines[uuid], uuid))


def _cosine(one, other):
    lengths = math.hypot(*one) * math.hypot(*other)
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / lengths if lengths else 0.0


def _unpacked(packed):
    return struct.unpack(f"<{len(packed) // 4}f", packed)


def _words(text):
    return _WORD.findall(text.lower())


def _counted(properties, weights):
    counts = Counter()
    for name, weight in weights.items():
        for word in _words(properties.get(name, "")):
            counts[word] += weight
    return counts


def _bm25(term, counts, texts, mean):
    frequency = counts[term]
    holding = sum(term in each for each in texts.values())
    rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
    length = 0.25 + 0.75 * counts.total() / (mean or 1)
    return rarity * frequency * 2.2 / (frequency + 1.2 * length)


@asynccontextmanager
async def weaviate_wire():
    """Run a wire; give it."""
    wire = WeaviateWire()
    await wire.start()
    try:
        yield wire
    finally:
        await wire.stop()


@asynccontextmanager
async def half_closed():
    """Accept connections that never answer; give the port."""
    writers = []

    async def accept(_reader, writer):
        writers.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()
