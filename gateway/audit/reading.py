"""One reading of the log for all whom an erasure is to take, and what came since."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from domain.retained import PatientErased
from gateway.audit.background import Background
from gateway.audit.pages import pages
from gateway.audit.survey import Opened, Survey
from gateway.store.ledger import Ledger
from gateway.store.schema import Row

Progress = Callable[[int, int], None]


def _silent(_done: int, _all: int) -> None:
    """Tell nobody."""


class Reading:
    """What the log says of patients: first what is theirs, then what names them."""

    def __init__(self, ledger: Ledger, patients: Iterable[str]) -> None:
        self._ledger = ledger
        self._background = Background(ledger.log.reader.names, self._has_key)
        self._surveys = {each: Survey(each, self._background) for each in patients}

    def whole(self, progress: Progress) -> None:
        """Read everything that the log holds now."""
        self._look(self._surveys.values(), progress)

    def further(self, patient: str) -> Survey:
        """Read what came since, for one patient; return all that was found.

        It may be asked where nobody else can write.
        """
        survey = self._surveys[patient]
        self._look([survey], _silent)
        return survey

    def _look(self, surveys: Collection[Survey], progress: Progress) -> None:
        after = min((each.head for each in surveys), default=0)
        # First, as others may write: whatever a row up to here is under is known then.
        until = self._ledger.log.recorder.max_notification_id() or 0
        if until <= after:
            return
        self._take(surveys, after, until)
        for page in pages(self._ledger, after=after, until=until):
            self._compare(page, surveys)
            if page:
                progress(page[-1].position, until)
        for each in surveys:
            each.head = until
            self._learn_rest(each)
        while again := [each for each in surveys if each.to_look_again]:
            self._look_again(again)

    def _take(self, surveys: Collection[Survey], after: int, until: int) -> None:
        whose = self._whose(surveys)
        for page in pages(self._ledger, after=after, until=until):
            for opened in self._opened(row for row in page if row.key_id in whose):
                for each in whose[opened.key]:
                    each.take(opened)

    def _whose(self, surveys: Iterable[Survey]) -> dict[bytes, list[Survey]]:
        """Give every survey the keys of its patient; return whose each of them is."""
        recorder, names = self._ledger.log.recorder, self._ledger.log.reader.names
        whose: defaultdict[bytes, list[Survey]] = defaultdict(list)
        for each in surveys:
            for key in recorder.keys_of([names.subject(each.patient)]):
                if key.wrapped is not None:
                    each.keys.add(key.key_id)
                    whose[key.key_id].append(each)
        return dict(whose)

    def _compare(self, page: Iterable[Row], surveys: Iterable[Survey]) -> None:
        for opened in self._opened(page):
            self._background.note(opened.row, opened.entry, opened.key)
            for each in surveys:
                each.compare(opened)
                if each.head and opened.row.topic == PatientErased.topic:
                    each.lose(opened.says["keys"])

    def _learn_rest(self, survey: Survey) -> None:
        for opened in self._opened_at(survey.unlearned):
            survey.learn(opened)

    def _look_again(self, surveys: Collection[Survey]) -> None:
        """Ask who reads of what goes, also of those who read before that was known."""
        for each in surveys:
            each.to_look_again = False
        for opened in self._opened_at(self._background.everything_alone()):
            for each in surveys:
                if opened.key not in each.keys:
                    each.compare(opened)
        for each in surveys:
            self._learn_rest(each)

    def _opened_at(self, positions: Iterable[int]) -> Iterator[Opened]:
        for position in positions:
            yield from self._opened(
                self._ledger.log.recorder.rows_after(position - 1, 1)
            )

    def _opened(self, rows: Iterable[Row]) -> Iterator[Opened]:
        for row in rows:
            entry = self._ledger.log.reader.entry(row)
            if entry is not None and row.key_id is not None:
                yield Opened(row, entry, row.key_id)

    def _has_key(self, tag: bytes) -> bool:
        return self._ledger.log.recorder.newest_key(tag) is not None
