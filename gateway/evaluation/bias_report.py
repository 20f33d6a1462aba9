"""An audit of bias as JSON and as one HTML page: no script, nothing loaded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.evaluation import bias
from gateway.evaluation.assessors import Assessor
from gateway.evaluation.bias import MARGIN, Comparison, Pair
from gateway.evaluation.page import figure, percent
from gateway.evaluation.report import Header
from gateway.evaluation.swaps import Swap
from inference.metrics import Estimate

_ONE = (
    "A swap changes one attribute and nothing else. It shows what rules and model do "
    "with the attribute; it does not show whether complaints of a group are told, "
    "written down or measured in another way, or what happens to patients."
)
_READ = (
    "The rules read no attribute. In the words of a complaint they read what they "
    "know, such as words for findings; a swap there shows what a remark does."
)
_MANY = (
    "Equivalence needs numbers: without a single shift, 299 cases rule out a shift of "
    "1 % at 5 % for one swap alone, and about 630 for all swaps together."
)
CAVEATS = (_ONE, _READ, _MANY)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the swaps did on one data set."""

    name: str
    cases: int
    skipped: Mapping[str, int]  # swap -> cases without a place for it
    attributes: Mapping[Assessor, Mapping[str, Estimate | None]]
    comparisons: Sequence[Comparison]


def audit(
    name: str,
    cases: int,
    pairs: Mapping[Swap, Sequence[Pair]],
    assessors: Sequence[Assessor],
    *,
    seed: int,
) -> Audit:
    """Return the audit of a data set from the pairs of each swap."""
    grouped: dict[str, list[Pair]] = defaultdict(list)
    for swap, found in pairs.items():
        grouped[swap.attribute] += found
    return Audit(
        name=name,
        cases=cases,
        skipped={
            f"{swap.attribute}: {swap.value}": cases - len(found)
            for swap, found in pairs.items()
            if len(found) < cases
        },
        attributes={
            each: bias.by_attribute(grouped, each, seed=seed) for each in assessors
        },
        comparisons=[
            row
            for each in assessors
            for row in bias.corrected(
                [
                    bias.comparison(
                        (swap.attribute, swap.value, swap.told), found, each, seed=seed
                    )
                    for swap, found in pairs.items()
                    if found
                ]
            )
        ],
    )


def as_json(header: Header, audits: Sequence[Audit]) -> bytes:
    """Return the audits as JSON: no word of a patient is in it."""
    content = {"header": header, "margin": MARGIN, "caveats": CAVEATS, "data": audits}
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def as_page(header: Header, audits: Sequence[Audit]) -> str:
    """Return the audits as a page."""
    environment = Environment(
        loader=PackageLoader("gateway.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["figure"] = figure
    page = environment.get_template("bias.html")
    return page.render(header=header, audits=audits, margin=MARGIN, caveats=CAVEATS)
