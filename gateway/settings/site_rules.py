"""What a site adds to the rules, as settings. It can only be stricter."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)

from domain.chart import Chart
from domain.floor.ages import years
from domain.floor.stricter import objections
from domain.ruled import MINUTES, SiteLimit, SiteRules
from domain.values import Acuity, VitalName

_Years = Annotated[int, Field(ge=0, le=150)]
_FORBID = ConfigDict(extra="forbid", frozen=True)
_CHART = TypeAdapter(Chart)


class LimitSetting(BaseModel):
    """A value of a vital sign beyond which the site wants at least a level."""

    model_config = _FORBID

    vital: VitalName
    acuity: Acuity
    above: Decimal | None = None  # in the vital sign's own unit
    below: Decimal | None = None
    from_years: _Years = 0
    to_years: _Years | None = None  # the first birthday that is beyond it

    def made(self) -> SiteLimit:
        """Return it as the rules read it."""
        band = years(self.from_years, self.to_years)
        return SiteLimit(
            vital=self.vital,
            acuity=self.acuity,
            above=self.above,
            below=self.below,
            least_days=band.least,
            end_days=None if self.to_years is None else band.end,
        )


class SiteRulesSetting(BaseModel):
    """The site's own rules; what would not be stricter is refused with the reason."""

    model_config = _FORBID

    levels: dict[str, Acuity] = Field(default_factory=dict)  # rule = level
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # concept = phrases
    limits: tuple[LimitSetting, ...] = ()
    minutes: tuple[int, int, int, int, int] = MINUTES  # to a nurse, for levels 1 to 5
    chart: Path | None = None  # JSON: a paediatric early warning chart
    scale: Literal["", "ESI", "CTAS", "MTS", "ATS", "KTAS", "words"] = ""

    def made(self) -> SiteRules:
        """Return them as the rules read them; their order is nothing."""
        words = ((name, each) for name, said in self.words.items() for each in said)
        return SiteRules(
            levels=tuple(sorted(self.levels.items())),
            words=tuple(sorted(set(words))),
            limits=tuple(each.made() for each in self.limits),
            minutes=self.minutes,
            scale=self.scale,
            chart=None if self.chart is None else read_chart(self.chart),
        )

    @field_validator("chart")
    @classmethod
    def _readable(cls, file: Path | None) -> Path | None:
        if file is not None:
            read_chart(file)
        return file

    @model_validator(mode="after")
    def _stricter(self) -> "SiteRulesSetting":
        found = objections(self.made())
        if found:
            raise ValueError(" ".join(found))
        return self


def read_chart(file: Path) -> Chart:
    """Return the chart of a JSON file, which has the fields of `domain.chart.Chart`.

    Raises:
        ValueError: there is none, or it has other fields, in a sentence.

    """
    try:
        content = json.loads(file.read_bytes(), parse_float=Decimal)
        chart = _CHART.validate_python(content)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file.name} is no chart ({type(error).__name__}).") from None
    unknown = sorted(_unknown(content, asdict(chart)))
    if unknown:
        raise ValueError(f"{file.name} has unknown fields: {', '.join(unknown)}.")
    return chart


def _unknown(given: Any, known: Any) -> set[str]:  # noqa: ANN401 (JSON)
    """Return the names that a misspelt field would have; they would be left out."""
    if isinstance(given, dict) and isinstance(known, dict):
        below = (_unknown(each, known.get(name)) for name, each in given.items())
        return {*(given.keys() - known.keys()), *(n for found in below for n in found)}
    if isinstance(given, list) and isinstance(known, tuple | list):
        pairs = zip(given, known, strict=True)
        return {name for one, two in pairs for name in _unknown(one, two)}
    return set()
