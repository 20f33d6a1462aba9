"""Read models with resources in them, without a log or a gateway around them."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from domain.values import Reference
from gateway.projections import resources
from gateway.projections import search as searching
from gateway.projections.database import Database
from gateway.projections.rows import Rows

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """Resources by their ids, written as the projector writes them."""

    def __init__(self, database):
        self.database = database
        self._rows = Rows()
        self._versions = {}
        self._position = 0

    def put(self, *contents):
        """Store resources in one batch; an id that is known gets its next version."""
        for content in contents:
            self._change(content["resourceType"], content["id"], content)
        self._rows.write(self.database.writer)

    def drop(self, kind, identity):
        """Store that a resource is gone."""
        self._change(kind, identity, None)
        self._rows.write(self.database.writer)

    def search(self, kind, query="", page=None, **named):
        """Return what is found by a query such as `status=final&_count=2`."""
        given = [tuple(each.split("=", 1)) for each in query.split("&") if each]
        named.setdefault("lenient", False)
        wanted = searching.understand(self.database, kind, given, **named)
        with self.database.reader() as connection:
            return searching.run(self.database, connection, wanted, page)

    def ids(self, kind, query="", **named):
        """Return the ids of the first page, in their order."""
        return [each.reference.id for each in self.search(kind, query, **named).page]

    def pages(self, kind, query, between=lambda: None):
        """Return the ids of every page; something may happen between two pages."""
        found, page = [], None
        while True:
            answer = self.search(kind, query, page)
            found.append([each.reference.id for each in answer.page])
            page = answer.following
            if page is None:
                return found
            between()

    def _change(self, kind, identity, content):
        self._position += 1
        number = self._versions.get((kind, identity), 0) + 1
        self._versions[kind, identity] = number
        circumstances = {
            "reference": Reference(type=kind, id=identity, version=number),
            "at": BEGIN + timedelta(seconds=self._position),
            "position": self._position,
        }
        if content is None:
            resources.withdraw(self.database, self._rows, **circumstances)
        else:
            resources.store(self.database, self._rows, **circumstances, content=content)


@contextmanager
def shelf(folder):
    """Open read models in a folder."""
    database = Database(folder / "shelf.sqlite", b"k" * 32)
    try:
        yield Shelf(database)
    finally:
        database.close()
