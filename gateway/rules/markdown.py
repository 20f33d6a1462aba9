"""The rules as a page of the documentation, which a test holds to the program."""

from collections.abc import Iterator

from domain.values import Acuity
from gateway.rules.booklet import Booklet, Entry, Words

_MADE = "triage-gateway rules --markdown docs/safety/rules.md"


def markdown(booklet: Booklet) -> str:
    """Return the page, the same for the same rules."""
    return "\n".join(_lines(booklet)) + "\n"


def _lines(booklet: Booklet) -> Iterator[str]:
    yield "# The rules"
    yield ""
    yield f"Made by `{_MADE}`; a test compares it with the program."
    yield f"Version {booklet.version}, catalogue `{booklet.catalogue}`:"
    yield f"{booklet.rules} rules, {len(booklet.words)} concepts. The most urgent rule"
    yield "that applies decides; unknown is never normal. `--html` gives a page to"
    yield "review and sign."
    for family in booklet.families:
        yield from ("", f"## {family.title}", "")
        yield "| Level | When | Thresholds and ages | Why | Source | Rule |"
        yield "|---|---|---|---|---|---|"
        yield from map(_row, family.entries)
    yield from ("", "## Waiting times", "", "| Level | Minutes |", "|---|---|")
    for each, minutes in zip(Acuity, booklet.minutes, strict=True):
        yield f"| {int(each)} | {minutes} |"
    yield from ("", "## Words and codes", "")
    yield "`+` joins words that stand near each other, `/` words of which one is"
    yield "enough, `…` is any ending, quotes ask for just these words."
    yield from ("", "| Concept | Words | Codes |", "|---|---|---|")
    yield from map(_words, booklet.words)


def _row(entry: Entry) -> str:
    rule = entry.rule
    limits = "<br>".join((*rule.thresholds, entry.ages))
    cells = (
        entry.levels,
        rule.says,
        limits,
        rule.why,
        rule.citation,
        f"`{rule.rule}`",
    )
    return f"| {' | '.join(map(_cell, cells))} |"


def _words(words: Words) -> str:
    cells = (words.concept, "; ".join(words.phrases), "; ".join(words.codes))
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
