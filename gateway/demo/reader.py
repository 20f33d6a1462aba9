"""What the demonstration reads from the gateway, as any FHIR client would."""

from collections.abc import Iterator
from typing import Any

import aiohttp

from gateway.demo.failure import DemoError

Resource = dict[str, Any]
_PAGE = 200


class Reader:
    """Reads and searches one FHIR base."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.base = base
        self._session = session

    async def tasks(self) -> list[Resource]:
        """Return every Task, the most urgent first."""
        return await self._search("Task", {"_sort": "priority,authored-on"})

    async def impressions(self, patient: str) -> list[Resource]:
        """Return the ClinicalImpressions of a patient (`Patient/id`)."""
        return await self._search("ClinicalImpression", {"patient": patient})

    async def read(self, address: str) -> Resource:
        """Return a resource, in the version that the address may name."""
        content, _ = await self.tagged(address)
        return content

    async def tagged(self, address: str) -> tuple[Resource, str]:
        """Return a resource with its ETag."""
        return await self._get(f"{self.base}/{address}", {})

    async def put(self, content: Resource, etag: str) -> tuple[Resource, str]:
        """Update a resource that still has this ETag; return it as it stands now."""
        url = f"{self.base}/{content['resourceType']}/{content['id']}"
        try:
            async with self._session.put(
                url,
                json=content,
                headers={"If-Match": etag, "Content-Type": "application/fhir+json"},
            ) as response:
                return await _answer(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoError(_silent(error)) from None

    async def _search(self, kind: str, wanted: dict[str, str]) -> list[Resource]:
        found: list[Resource] = []
        page, asked = f"{self.base}/{kind}", wanted | {"_count": str(_PAGE)}
        while page:
            bundle, _ = await self._get(page, asked)
            found += [each["resource"] for each in bundle.get("entry", [])]
            page, asked = _next(bundle), {}  # a link holds all that was asked for
        return found

    async def _get(self, url: str, wanted: dict[str, str]) -> tuple[Resource, str]:
        try:
            async with self._session.get(url, params=wanted) as response:
                return await _answer(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoError(_silent(error)) from None


async def _answer(response: aiohttp.ClientResponse) -> tuple[Resource, str]:
    content: Resource = await response.json(content_type=None)
    if response.ok:
        return content, response.headers.get("ETag", "")
    said = "; ".join(_sentences(content))
    raise DemoError(f"The gateway answered {response.status}: {said}")


def _next(bundle: Resource) -> str:
    """Return the link to the next page, or nothing on the last."""
    links = {each["relation"]: each["url"] for each in bundle.get("link", [])}
    return str(links.get("next", ""))


def _sentences(outcome: Resource) -> Iterator[str]:
    for issue in outcome.get("issue", []):
        yield str(issue.get("diagnostics", issue.get("code", "")))


def _silent(error: Exception) -> str:
    return f"The gateway does not answer ({type(error).__name__}): see its log."
