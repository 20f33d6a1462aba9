"""What the clients were told: the measure of every check after a crash."""

import hashlib
from dataclasses import dataclass, field


@dataclass
class Written:
    """An acknowledged version of a resource."""

    location: str  # Type/id/_history/version
    content: dict  # as sent, with the references as the gateway resolves them
    round: int
    digest: bytes = b""  # of the body that a read gave

    @property
    def address(self):
        return self.location.partition("/_history/")[0]

    @property
    def version(self):
        return int(self.location.rpartition("/")[2])

    def is_of(self, whom):
        """Say whether this is a patient's record, or about her."""
        about = self.content.get("subject", {}).get("reference")
        return whom in (self.address, about)


@dataclass
class Sent:
    """A request that changes something, and every acknowledgement that it got."""

    key: str
    answers: set = field(default_factory=set)

    def names(self, whom):
        """Say whether an answer names a patient."""
        return any(each.startswith(f"{whom}/") for one in self.answers for each in one)


@dataclass
class Journal:
    """All that one data folder has acknowledged."""

    written: dict = field(default_factory=dict)  # by location
    latest: dict = field(default_factory=dict)  # of each address
    patients: dict = field(default_factory=dict)  # who has a case: since which round
    shared: dict = field(default_factory=dict)  # the addresses told of one identifier
    erased: list = field(default_factory=list)  # locations
    gone: list = field(default_factory=list)  # the patients whose they are
    interrupted: int = 0

    def note(self, written):
        """Note an acknowledgement; the same one may come again."""
        before = self.written.setdefault(written.location, written)
        if before.content != written.content:
            raise AssertionError(f"{written.location} was given to two writes.")
        last = self.latest.get(written.address)
        if last is None or last.version < written.version:
            self.latest[written.address] = written

    def forget(self, whom):
        """Forget an erased patient; return how many versions went with her."""
        gone = [at for at, each in self.written.items() if each.is_of(whom)]
        for location in gone:
            written = self.written.pop(location)
            self.latest.pop(written.address, None)
        self.patients.pop(whom, None)
        self.erased += gone
        self.gone.append(whom)
        return len(gone)

    def by_record(self):
        """Return who has a case, in the order of the record numbers."""
        return sorted(self.patients, key=self._record)

    def _record(self, whom):
        return self.latest[whom].content["identifier"][0]["value"]

    def read(self, written, body):
        """Note the bytes that a read gave; they are for ever."""
        digest = hashlib.sha256(body).digest()
        if written.digest not in (b"", digest):
            raise AssertionError(f"{written.location} is not the bytes it was.")
        written.digest = digest


def location(answer):
    """Return where an answer says that something was put."""
    return answer.headers["Location"].partition("/fhir/")[2]
