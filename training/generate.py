"""Synthetic cases with a reference level, for training and for trying things out.

    python -m training.generate --cases 7000 --seed 7 --out cases/

Writes `train.jsonl`, `dev.jsonl` and `test.jsonl` in the format that `triage-gateway
evaluate` reads, and `manifest.json`. The cases are invented: figures on them say how a
model does on these inventions, never how it does on patients.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from domain.floor.compose import RULES_VERSION
from training.corpus import Example, examples, summary
from training.families import FAMILIES
from training.record import write_record

SPLITS = ("train", "dev", "test")


@click.command()
@click.option(
    "--cases", type=click.IntRange(1), default=7000, show_default=True, help="How many."
)
@click.option("--seed", default=7, show_default=True, help="The same gives the same.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("cases"),
    show_default=True, help="Folder to write to; it must be empty or new.",
)  # fmt: skip
def main(cases: int, seed: int, out: Path) -> None:
    """Draw synthetic triage cases."""
    if out.exists() and any(out.iterdir()):
        raise click.UsageError(f"{out} is not empty: name another folder.")
    out.mkdir(parents=True, exist_ok=True)
    with click.progressbar(range(cases), label="Cases") as bar:
        made = examples(cases, seed=seed, progress=(None for _ in bar))
    files = {f"{split}.jsonl": write(out, split, made) for split in SPLITS}
    told = manifest(made, seed=seed, files=files)
    write_record(out / "manifest.json", told)
    for name, value in told["counts"].items():  # type: ignore[attr-defined]
        click.echo(f"{name}: {value}")


def manifest(
    made: Sequence[Example], *, seed: int, files: dict[str, str]
) -> dict[str, object]:
    """Return what the files are, of what they were made, and what they are not."""
    return {
        "what": "synthetic triage cases; no patient is in them",
        "seed": seed,
        "rules": RULES_VERSION,
        "licence": "Apache-2.0",
        "counts": summary(made),
        "sources": {family.name: family.citation for family in FAMILIES},
        "sha256": files,
    }


def write(out: Path, split: str, made: Sequence[Example]) -> str:
    """Write the cases of one split, a line each; return the file's SHA-256."""
    lines = [line(example) for example in made if example.split == split]
    body = b"".join(each + b"\n" for each in lines)
    (out / f"{split}.jsonl").write_bytes(body)
    return hashlib.sha256(body).hexdigest()


def line(example: Example) -> bytes:
    """Return a case as one line that `triage-gateway evaluate` reads."""
    drawn = example.drawn
    return msgspec.json.encode(
        {
            "id": example.id,
            "case": drawn.case,
            "label": {"level": int(drawn.acuity)},
            "cluster": drawn.family.name,
            "groups": {
                "degree": drawn.degree.name,
                "voice": drawn.voice,
                "twists": " ".join(drawn.twists) or "none",
            },
            "provenance": drawn.why,
        }
    )


if __name__ == "__main__":
    main()
