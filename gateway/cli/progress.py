"""Progress bars on standard error; silent where it is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar; the function it gives takes how much of how much is done.

    It shows what is done in a second, how long it took, and how long it will take.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        number = shown.add_task(title, total=None, rate="")
        (task,) = shown.tasks

        def progress(done: int, total: int) -> None:
            rate = _rate(task, done)
            shown.update(number, completed=done, total=total, rate=rate)

        yield progress


def _rate(task: Task, done: int) -> str:
    return f"{done / task.elapsed:,.0f}/s" if task.elapsed else ""
