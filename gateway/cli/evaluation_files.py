"""What `triage-gateway evaluate` leaves behind: its figures as JSON, and as a page."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from domain.floor.compose import RULES_VERSION
from gateway.cli.evaluation_table import show
from gateway.cli.progress import bar
from gateway.evaluation import gate, report
from gateway.evaluation.assessors import ARM, Assessor, Prediction
from gateway.evaluation.cases import DataSet
from gateway.evaluation.gate import Gate
from gateway.evaluation.page import render, told_of
from gateway.evaluation.report import Header, Report, Section

JSON_NAME, PAGE_NAME = "evaluation.json", "evaluation.html"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line; `limit` None takes all cases."""

    arms: tuple[Assessor, ...]
    held_out: bool
    seed: int
    out: Path
    bias: bool
    limit: int | None

    @property
    def by(self) -> tuple[Assessor, ...]:
        """Return who is measured: the arms, and floor and model together."""
        both = {Assessor.FLOOR, Assessor.MODEL} <= set(self.arms)
        return (*self.arms, Assessor.COMBINED) if both else self.arms

    @property
    def models(self) -> tuple[Assessor, ...]:
        """Return the arms that need a model."""
        return tuple(each for each in self.arms if each in ARM)


def finished(
    sets: Sequence[DataSet],
    judged: Sequence[Sequence[Prediction]],
    wanted: Wanted,
    required: Gate | None,
) -> bool:
    """Write and show what was found; say whether the gate holds."""
    sections = _sections(sets, judged, wanted)
    found = Report(header=header(judged, wanted), sections=sections)
    verdicts = gate.verdicts(required, found) if required else []
    told = {
        each.name: told_of(predictions, _missed(each))
        for each, predictions in zip(sections, judged, strict=True)
    }
    wanted.out.mkdir(parents=True, exist_ok=True)
    page = render(found, verdicts, told)
    (wanted.out / PAGE_NAME).write_text(page, encoding="utf-8")
    draft = wanted.out / f"{JSON_NAME}.part"
    draft.write_bytes(report.as_json(found, verdicts))
    draft.replace(wanted.out / JSON_NAME)  # the last: where it is, all is there
    show(found, verdicts)
    click.echo(f"{wanted.out / JSON_NAME} and {PAGE_NAME} are written.", err=True)
    return all(each.holds for each in verdicts)


def header(judged: Sequence[Sequence[Prediction]], wanted: Wanted) -> Header:
    """Return what a reader must know to trust, and to repeat, an evaluation."""
    answers = [
        said
        for predictions in judged
        for each in predictions
        for said in (each.answered, *each.ablated.values())
        if said
    ]
    named = {f"{each.model} {each.weights}".strip() for each in answers}
    return Header(
        at=datetime.now(UTC),
        command=shlex.join(["triage-gateway", *sys.argv[1:]]),
        seed=wanted.seed,
        held_out=wanted.held_out,
        gateway=version("triage-gateway"),
        rules=RULES_VERSION,
        prompt=", ".join(sorted({each.prompt for each in answers} - {""})),
        models=tuple(sorted(named - {""})),
    )


def _sections(
    sets: Sequence[DataSet],
    judged: Sequence[Sequence[Prediction]],
    wanted: Wanted,
) -> list[Section]:
    found = []
    with bar("Figures") as progress:
        for done, (data, predictions) in enumerate(zip(sets, judged, strict=True), 1):
            found.append(
                report.section(
                    data,
                    predictions,
                    wanted.by,
                    seed=wanted.seed,
                    listed=not wanted.held_out,
                )
            )
            progress(done, len(sets))
    return found


def _missed(section: Section) -> set[str]:
    return {each.id for found in section.assessments for each in found.missed}
