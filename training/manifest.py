"""The manifest of a data set: what is in it, from where, and under which licence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from domain.floor.compose import RULES_VERSION
from inference.contract import output_schema, schema_sha256
from inference.prompt import PROMPT_VERSION
from training.account import statistics, unique
from training.evidence import Library
from training.generate import SPLITS
from training.lessons import Row
from training.mistakes import WEIGHTS
from training.mixing import SHARES
from training.reward import VERSION as REWARD_VERSION
from training.rows import sha256

_PUBLIC: Final = {
    "medqa": ("MedQA", "as its authors state (Jin D et al., 2020)"),
    "pubmedqa": ("PubMedQA", "as its authors state (Jin Q et al., 2019)"),
    "medmcqa": ("MedMCQA", "as its authors state (Pal A et al., 2022)"),
}


def manifest(
    made: Mapping[str, Mapping[str, list[Row]]],
    *,
    mix: Row,
    files: Mapping[str, str],
    library: Library,
    seed: int,
    short: bool,
    asked: Mapping[str, Any],
) -> Row:
    """Return the manifest, as JSON will hold it."""
    supervised = [row for split in SPLITS for row in made["sft"][split]]
    return {
        "what": "rows for training; the synthetic cases are invented",
        "seed": seed,
        "short_prompts": short,
        "versions": {
            "prompt": PROMPT_VERSION,
            # Of the contract without passages: what no prompt changes.
            "schema_sha256": schema_sha256(output_schema((), ("P1",))),
            "rules": RULES_VERSION,
            "reward": REWARD_VERSION,
            "knowledge_index": library.version,
        },
        "mix": {"wanted": dict(SHARES), **mix, "shares": _shares(supervised)},
        "mistakes": {kind.value: weight for kind, weight in WEIGHTS.items()},
        "unique": unique(supervised),
        "sources": _sources(library, asked),
        "statistics": statistics(made),
        "sha256": dict(files),
    }


def _shares(supervised: list[Row]) -> dict[str, float]:
    """Return what was really there: the share of each source in supervision."""
    sources = [row["about"]["source"] for row in supervised]
    total = max(1, len(sources))
    return {name: round(sources.count(name) / total, 4) for name in SHARES}


def _sources(library: Library, asked: Mapping[str, Any]) -> list[Row]:
    return [
        {"name": "synthetic cases of this program", "licence": "Apache-2.0"},
        {"name": "starter knowledge", "licence": ", ".join(library.licences)},
        *_clinic(asked.get("clinic")),
        *(
            {"name": name, "licence": terms, "file": file.name, "sha256": sha256(file)}
            for option, (name, terms) in _PUBLIC.items()
            for file in asked.get(option, ())
        ),
        *(
            {"name": "kept apart from", "file": path.name}
            for path in asked.get("against", ())
        ),
    ]


def _clinic(folder: Path | None) -> list[Row]:
    if folder is None:
        return []
    licence = "the clinic's own; de-identified, not to be passed on without its leave"
    manifest_ = folder / "manifest.json"
    return [{"name": "clinic", "licence": licence, "sha256": sha256(manifest_)}]
