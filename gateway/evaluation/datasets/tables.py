"""Tables of a data set, with errors that say which file and what is missing."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.evaluation.cases import CasesError, LabelledCase

Row = dict[str, str]


def rows(path: Path, columns: Iterable[str]) -> list[Row]:
    """Return the rows of a CSV file, every value without spaces around it.

    Raises:
        CasesError: the file is missing, is no UTF-8 text, or lacks a column.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = set(reader.fieldnames or ())
            found = [{k: (v or "").strip() for k, v in row.items()} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CasesError(f"{path.name} cannot be read: {error}.") from None
    lacking = sorted(set(columns) - names)
    if lacking:
        raise CasesError(f"{path.name} lacks the columns {', '.join(lacking)}.")
    return found


def cases(
    table: Iterable[Row], name: str, make: Callable[[Row], LabelledCase]
) -> tuple[LabelledCase, ...]:
    """Return the case that each row makes; `name` is of the column of its id.

    Raises:
        CasesError: a value is not what its column holds; the row's id is named.

    """
    found = []
    for row in table:
        try:
            found.append(make(row))
        except ValueError:
            raise CasesError(
                f"The row {row[name]} has a value that is not what its column holds "
                "(a level, an age or a time)."
            ) from None
    return tuple(found)
