"""A model server that says what a test wants, by an OpenAI-compatible API."""

import asyncio
import json
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

NAME = "scripted"
SENTENCE = "The patient reports chest pain and may be in danger."


def obedient(schema, acuity, text=SENTENCE):
    """Return an answer that keeps the schema and cites what was shown."""
    reason = schema["properties"]["reasons"]["items"]["properties"]
    said = {"case_refs": [_complaint(reason)], "text": text}
    if "evidence" in reason:
        passage = reason["evidence"]["items"]["anyOf"][0]["properties"]
        said["evidence"] = [
            {"id": passage["id"]["enum"][0], "quote": passage["quote"]["enum"][0]}
        ]
    return json.dumps(
        {
            "reasons": [said],
            "red_flags": [],
            "questions": [],
            "suggested_actions": [],
            "missing_data": [],
            "confidence": "high",
            "acuity": acuity,
        }
    )


def _complaint(reason):
    labels = reason["case_refs"]["items"]["enum"]
    return next(each for each in labels if each.startswith("C"))


class ModelServer:
    """Answers with `acuity` unless `body`, `status` or `delay` say otherwise."""

    def __init__(self):
        self.acuity = 3
        self.content = None  # instead of an obedient answer
        self.write = None  # instead of both: makes the answer from the schema
        self.body = None  # instead of a chat completion
        self.status = 200
        self.delay = 0.0
        self.prompts = []

    async def chat(self, request):
        asked = await request.json()
        self.prompts.append(asked)
        await asyncio.sleep(self.delay)
        if self.body is not None or self.status != 200:
            return web.Response(text=self.body or "{}", status=self.status)
        schema = asked["response_format"]["json_schema"]["schema"]
        content = self.content
        if self.write is not None:
            content = self.write(schema)
        if content is None:
            content = obedient(schema, self.acuity)
        choice = {"message": {"content": content}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice]})

    async def models(self, _request):
        return web.json_response({"data": [{"id": NAME, "root": "weights-1"}]})


@asynccontextmanager
async def model_server():
    """Run a model server; give it and its base URL."""
    model = ModelServer()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_get("/v1/models", model.models)
    async with TestServer(app) as server:
        yield model, str(server.make_url("/v1"))
