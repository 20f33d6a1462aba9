"""The model card of a release: what files know, and what people told, in Markdown.

Nothing is invented: what neither a file nor a person told is "Not assessed." or "Not
stated.". What people know stands in a TOML file with the keys of `training/card.toml`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inference.evaluation import Evaluation
from training import tables
from training.attributes import GROUPS, KEYS

DEFAULTS: Final = Path(__file__).with_name("card.toml")
TEMPLATE: Final = "card.md.jinja"
NOT_ASSESSED: Final = "Not assessed."
_PREFERRED: Final = ("dpo", "kto")
_SHIFTED: Final = "demographic-shifted"

Made = Mapping[str, Any]


class CardError(Exception):
    """What was told for a card cannot be used; the sentence says why."""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    licence: str = ""
    same_source: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    attributes: dict[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What people told: licence, whose data sets are whose, attributes by key.

    `own` are the attributes of the release's own file, `general` those that hold for
    every adapter of this program.
    """

    licence: str
    same_source: tuple[str, ...]
    external: tuple[str, ...]
    own: Mapping[str, str]
    general: Mapping[str, str]


def read_told(file: Path | None) -> Told:
    """Read what people told, None where they told nothing.

    Raises:
        CardError: it is no TOML of this form, or names no attribute.

    """
    general, own = _read(DEFAULTS), _read(file) if file else _File()
    if both := sorted({*own.same_source} & {*own.external}):
        raise CardError(f"{both[0]} is both of the same source and external.")
    return Told(
        licence=own.licence or general.licence,
        same_source=own.same_source,
        external=own.external,
        own=own.attributes,
        general=general.attributes,
    )


def card(made: Made, evaluation: Evaluation, told: Told) -> str:
    """Return the card of what was made.

    Args:
        made: the content of `release.json`, without `files`.
        evaluation: how it was evaluated.
        told: what people know.

    Raises:
        CardError: a data set that people name was not evaluated.

    """
    names = [each.name for each in evaluation.data]
    if unknown := sorted({*told.same_source, *told.external} - {*names}):
        raise CardError(f"No data set {unknown[0]} was evaluated.")
    loose = [e for e in names if e not in (*told.same_source, *told.external)]
    environment = Environment(
        loader=FileSystemLoader(DEFAULTS.parent),
        autoescape=False,  # noqa: S701 (Markdown; cells of tables are escaped)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE).render(
        made=made,
        about=_about(made, told),
        evaluation=evaluation,
        evaluated=_evaluated(evaluation),
        gate=tables.gate(evaluation),
        loose=tables.validity(evaluation, loose),
        groups=GROUPS,
        texts=texts(made, evaluation, told),
    )


def texts(made: Made, evaluation: Evaluation, told: Told) -> dict[str, str]:
    """Return the text of each attribute; none is empty."""
    found = {**told.general, **_computed(made, evaluation, told), **told.own}
    return {key: found.get(key, "").strip() or NOT_ASSESSED for key in KEYS}


def _read(file: Path) -> _File:
    try:
        content = tomllib.loads(file.read_text("utf-8"))
        found = msgspec.convert(content, _File)
    except (OSError, ValueError) as error:
        raise CardError(f"{file.name} cannot be read: {error}.") from error
    if unknown := sorted(found.attributes.keys() - {*KEYS}):
        raise CardError(f"{file.name}: there is no attribute {unknown[0]}.")
    return found


def _computed(made: Made, evaluation: Evaluation, told: Told) -> dict[str, str]:
    same, external = told.same_source, told.external
    return {
        "criteria": _criteria(made),
        "representativeness": _representativeness(made),
        "relevance": _relevance(made),
        "fairness": _fairness(made),
        "validity_same": tables.validity(evaluation, same),
        "fairness_same": tables.fairness(evaluation, same),
        "validity_external": tables.validity(evaluation, external),
        "fairness_external": tables.fairness(evaluation, external),
        **_external(evaluation, external, told.general),
    }


def _external(
    evaluation: Evaluation, names: Sequence[str], general: Mapping[str, str]
) -> dict[str, str]:
    """Return what external data were; nothing was assessed without any."""
    if not names:
        keys = ("source", "party", "representativeness", "process")
        return {f"external_{key}": NOT_ASSESSED for key in keys}
    known = tables.sizes(evaluation, names)
    return {
        "external_source": f"Data sets: {', '.join(names)}. Their tables follow in 7.",
        "external_party": general["external_party"],
        "external_representativeness": f"{known}\n\nOther demographics: not assessed.",
        "external_process": _evaluated(evaluation),
    }


def _about(made: Made, told: Told) -> str:
    """Return what was released, on what, for what, as a table."""
    base, adapter = made["base"], made["adapter"]
    rows = [
        ("made", made["made"]),
        ("licence", told.licence),
        ("base", f"{base['name']}, sha256 {base['sha256']}"),
        (
            "adapter",
            f"LoRA, rank {adapter['rank']}, alpha {adapter['alpha']}, sha256 "
            + adapter["sha256"],
        ),
        ("prompt", f"version {made['prompt']['version']}, {made['prompt']['sha256']}"),
        ("answer format", made["schema"]["sha256"]),
        *((f"stage {each['stage']}", _stage(made, each)) for each in made["stages"]),
        ("packages", ", ".join(f"{n} {v}" for n, v in made["packages"].items())),
    ]
    return tables.table(("", ""), rows)


def _stage(made: Made, run: Made) -> str:
    counted = made["rows"].get("statistics", {}).get(run["stage"], {})
    there = counted.get("train", {}).get("rows", 0)
    most = run["settings"].get("most_rows", {}).get("value") or there
    rows = f"{min(most, there)} of {there} rows" if there else "rows not counted"
    return f"{run['steps']} steps, {rows}, on {run['device']}"


def _evaluated(evaluation: Evaluation) -> str:
    return (
        f"`triage-gateway evaluate`, triage-gateway {evaluation.gateway}, rules"
        f" {evaluation.rules}, prompt {evaluation.prompt}, {evaluation.at:%d %B %Y},"
        f" held-out cases, seed {evaluation.seed}. Models:"
        f" {'; '.join(evaluation.models)}. Intervals at 95 %; n is the number of cases."
    )


def _criteria(made: Made) -> str:
    mix = made["rows"]["mix"]
    found = ", ".join(f"{name} {count}" for name, count in mix["found"].items())
    left = ", ".join(f"{name} {count}" for name, count in mix["left_out"].items())
    sources = "; ".join(
        f"{each['name']} ({each['licence']})"
        for each in made["rows"]["sources"]
        if "licence" in each
    )
    return (
        f"Found: {found}. Left out: {left or 'nothing'}. Split by family, patient and"
        f" time; what nearly repeats another split is left out. Sources: {sources}."
    )


def _representativeness(made: Made) -> str:
    counted = made["rows"]["statistics"].get(made["stages"][-1]["stage"], {})
    levels = counted.get("train", {}).get("level", {})
    told = ", ".join(f"{name}: {count}" for name, count in levels.items())
    return (
        "Not assessed: the rows are counted by level and source, not by who the"
        f" patients are. Rows by level: {told or 'not counted'}."
    )


def _relevance(made: Made) -> str:
    shares = made["rows"]["mix"]["shares"]
    told = ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares.items())
    return (
        f"Supervised rows: {told}. Synthetic cases are invented; how far they are like"
        " the patients of any place was not assessed."
    )


def _fairness(made: Made) -> str:
    learned = [e["stage"] for e in made["stages"] if e["stage"] in _PREFERRED]
    if learned and made["rows"]["mistakes"].get(_SHIFTED):
        return (
            f"In preference learning ({', '.join(learned)}), answers whose level was"
            " shifted by who the patient is are among the rejected ones. Whether the"
            " output is fair was not tested beyond the tables in 7."
        )
    return "No stage of this training was about fairness."
