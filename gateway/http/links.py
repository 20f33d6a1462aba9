"""The links of a searchset: what was understood, and the next page."""

from urllib.parse import urlencode

from gateway.http import paging
from gateway.http.asking import Ask
from gateway.http.paging import PAGE
from gateway.projections.asking import SearchError
from gateway.projections.search import Found, Page, Search


def links(
    ask: Ask, wanted: Search, found: Found, *, private: bool
) -> list[dict[str, str]]:
    """Return links to this page and, where there is one, to the next.

    The next page's link holds the search sealed, so that no value of it stands in a
    URL of ours. So does the link to itself of a search that was posted: that is how
    identifiers are kept out of URLs.
    """
    url = f"{ask.base}/{wanted.type}"
    if ask.page is not None:
        own = [(PAGE, ask.page)]
    elif private and wanted.understood:
        own = _posted(ask, wanted)
    else:
        own = list(wanted.understood)
    query = urlencode(own, safe="|:/,$")
    relations = [{"relation": "self", "url": f"{url}?{query}" if query else url}]
    if found.following is not None:
        token = _sealed(ask, wanted, found.following)
        relations.append({"relation": "next", "url": f"{url}?{PAGE}={token}"})
    return relations


def _posted(ask: Ask, wanted: Search) -> list[tuple[str, str]]:
    """Return what a posted search is repeated by; nothing where no link holds it.

    What is too long for a link is what searches are posted for.
    """
    try:
        return [(PAGE, _sealed(ask, wanted, None))]
    except SearchError:
        return []


def _sealed(ask: Ask, wanted: Search, page: Page | None) -> str:
    place = [0] if page is None else [page.head, *page.after]
    return paging.seal(
        ask.services.ledger.derive("paging"),
        [[list(each) for each in wanted.understood], *place],
        caller=ask.caller.name,
        route=wanted.type,
    )
