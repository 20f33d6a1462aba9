"""Synthetic cases that name the passages which answer them, for ablations.

    python -m training.gold --cases 24 --seed 7 --out gold.jsonl

With them `triage-gateway evaluate --arms floor,model-bare,model,model-gold` tells what
a model would do if retrieval never erred. The cases are invented, and so is the gold:
one passage for each family of illness, chosen by who wrote both (`gold.toml`).
"""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from training.corpus import Example, examples
from training.generate import line

_TABLE = Path(__file__).with_name("gold.toml")
_DRAWN_FOR_ONE = 30  # cases of all families, of which one may be kept


@click.command()
@click.option(
    "--cases", type=click.IntRange(1), default=24, show_default=True, help="How many."
)
@click.option("--seed", default=7, show_default=True, help="The same gives the same.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    default=Path("gold.jsonl"), show_default=True, help="File to write.",
)  # fmt: skip
def main(cases: int, seed: int, out: Path) -> None:
    """Draw synthetic cases of which the right passages are known."""
    passages = table()
    drawn = examples(_DRAWN_FOR_ONE * cases, seed=seed)
    kept = _spread([e for e in drawn if e.drawn.family.name in passages], cases)
    out.write_bytes(b"".join(_named(each, passages) + b"\n" for each in kept))
    click.echo(f"{len(kept)} cases of {len(passages)} families.")


def table() -> dict[str, list[str]]:
    """Return the ids of the passages of each family, best first."""
    found: dict[str, list[str]] = tomllib.loads(_TABLE.read_text("utf-8"))
    return found


def _spread(drawn: Sequence[Example], most: int) -> list[Example]:
    """Return cases such that no family has two more of them than another."""
    taken: Counter[str] = Counter()
    turns = []
    for each in drawn:
        taken[each.drawn.family.name] += 1
        turns.append((taken[each.drawn.family.name], each.id, each))
    return [each for *_, each in sorted(turns, key=lambda turn: turn[:2])[:most]]


def _named(example: Example, passages: dict[str, list[str]]) -> bytes:
    told = msgspec.json.decode(line(example))
    return msgspec.json.encode({**told, "gold": passages[example.drawn.family.name]})


if __name__ == "__main__":
    main()
