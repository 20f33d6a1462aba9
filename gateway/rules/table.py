"""The rules as tables for a terminal, readable in 100 columns."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from gateway.rules.booklet import Booklet, Entry, Family, Words


def tables(families: Iterable[Family]) -> Iterator[Table]:
    """Give one table for each family."""
    for family in families:
        table = Table(title=family.title, title_justify="left", show_lines=True)
        table.add_column("Level", width=6)
        table.add_column("When, and for whom", ratio=3)
        table.add_column("Why", ratio=2)
        for entry in family.entries:
            table.add_row(*_row(entry))
        yield table


def words(listed: Iterable[Words]) -> Table:
    """Return the concepts with their words and codes."""
    table = Table(title="Words and codes", title_justify="left", show_lines=True)
    table.add_column("Concept", ratio=2)
    table.add_column("Words", ratio=5)
    table.add_column("Codes", ratio=2)
    for each in listed:
        said = [*each.phrases, *(f"{phrase} (this site)" for phrase in each.here)]
        table.add_row(
            *map(Text, (each.concept, "\n".join(said), "; ".join(each.codes)))
        )
    return table


def standing(booklet: Booklet) -> str:
    """Say which rules these are, and who signed them."""
    return f"Rules {booklet.version}, catalogue {booklet.catalogue}\n{signed(booklet)}"


def signed(booklet: Booklet) -> str:
    """Say who signed them, or that nobody did."""
    signature = booklet.signature
    if signature is None:
        return "Not signed by a clinician."
    said = f"{signature.by} ({signature.role}) on {signature.at:%Y-%m-%d}"
    if booklet.signed:
        return f"Signed by {said}."
    return f"Not signed by a clinician: the rules changed since {said} signed."


def _row(entry: Entry) -> tuple[Text, Text, Text]:
    rule = entry.rule
    here = f"\nhere {int(entry.here)}" if entry.here else ""
    when = Text(rule.says)
    when.append("".join(f"\n- {each}" for each in rule.thresholds))
    when.append(f"\n{entry.ages.capitalize()}; {rule.rule}", style="dim")
    why = Text(rule.why)
    why.append(f"\n{rule.citation}", style="dim")
    return Text(f"{entry.levels}{here}"), when, why
