"""A model server that says what a test wants, by an OpenAI-compatible API."""

import asyncio
import json
import re
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from inference.vocabulary import telling
from inference.wording import objection

NAME = "scripted"
SENTENCE = "The findings of this patient may concern"


def obedient(schema, acuity, text=None):
    """Return an answer that keeps the schema and says no more than what was shown."""
    reason = schema["properties"]["reasons"]["items"]["properties"]
    said = {"case_refs": [_complaint(reason)], "text": text or SENTENCE}
    if "evidence" in reason:
        cited = _quoted(reason["evidence"]["items"]["anyOf"], text or "")
        said["evidence"] = [cited]
        said["text"] = text or f"{SENTENCE} {_word_of(cited['quote'])}."
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


def _quoted(passages, text):
    """Return the quote that bears on a text the most."""
    quotes = [
        {"id": each["properties"]["id"]["enum"][0], "quote": quote}
        for each in passages
        for quote in each["properties"]["quote"]["enum"]
    ]
    wanted = _telling(text)
    return max(quotes, key=lambda each: len(wanted & _telling(each["quote"])))


def _telling(text):
    return {
        each for each in re.findall(r"[a-z]{4,}", text.lower()) if each != "patient"
    }


def _word_of(quote):
    """Return a word of a quote that says something and is no claim of its own."""
    words = (word.strip(".,;:()").lower() for word in quote.split())
    fair = (word for word in words if word.isalpha() and telling(word))
    return next(word for word in fair if not objection(f"{SENTENCE} {word}."))


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
        self.listed = NAME
        self.adapters = ()
        self.delay = 0.0
        self.prompts = []  # also of the fixed cases, by which a gateway tests a model

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
        rows = [{"id": self.listed, "root": "weights-1"}]
        rows += [{"id": each, "parent": self.listed} for each in self.adapters]
        return web.json_response({"data": rows})


@asynccontextmanager
async def model_server():
    """Run a model server; give it and its base URL."""
    model = ModelServer()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.chat)
    app.router.add_get("/v1/models", model.models)
    async with TestServer(app) as server:
        yield model, str(server.make_url("/v1"))
