"""What people say for each concept, read from `phrasings.toml`, and for each flag."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from domain.floor.flag import RedFlag
from domain.floor.red_flags import FLAGS
from domain.values import Age, Sex
from tests.domain.floor.cases import case, vitals, years


@dataclass(frozen=True, kw_only=True)
class Phrasing:
    """Ten ways to say a concept, three misspelt ones, and a noun for 'denies …'."""

    noun: str
    said: tuple[str, ...]
    misspelt: tuple[str, ...]


def _split(text):
    return tuple(part.strip() for part in text.split(";") if part.strip())


PHRASINGS = {
    concept: Phrasing(
        noun=row["noun"], said=_split(row["said"]), misspelt=_split(row["misspelt"])
    )
    for concept, row in tomllib.loads(
        Path(__file__).with_name("phrasings.toml").read_text("utf-8")
    ).items()
}

KNOWN = {
    "diabetes": "type 2 diabetes",
    "heart-disease": "coronary artery disease",
    "cancer": "metastatic breast cancer",
    "haemophilia": "haemophilia A",
    "neutropenia": "chemotherapy for lymphoma",
    "sickle-cell": "sickle cell disease",
}
SHOWN = {
    "a temperature": {"t": "38.5"},
    "pain >= 7, p": {"pain": 8},
    "pain >= 7, or": {"pain": 8},
    "heart rate": {"hr": 99},
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A flag with what is said when it is meant."""

    flag: RedFlag
    said: tuple[str, ...]
    misspelt: tuple[str, ...]
    noun: str

    @property
    def rule(self):
        return self.flag.rule

    @property
    def levels(self):
        """Return the flag's level, and the one that unstable patients get."""
        return {self.flag.acuity, self.flag.worse or self.flag.acuity}

    @property
    def age(self):
        for number in (40, 70, 30, 10, 1):
            if self.flag.ages.meets(years(number)):
                return years(number)
        return Age(least=40, most=40)

    def case(self, text, **changes):
        given = {
            "age": self.age,
            "sex": Sex.MALE if self.flag.not_for is Sex.FEMALE else Sex.FEMALE,
            "conditions": [KNOWN[name] for name in self.flag.history[:1]],
            "measured": self._shown(),
        }
        return case(text, **(given | changes))

    def _shown(self):
        said = self.flag.sign.says if self.flag.sign else ""
        return next((vitals(**v) for k, v in SHOWN.items() if said.startswith(k)), ())


def _told(flag):
    first = [PHRASINGS[group[0]] for group in flag.all_of]
    return Told(
        flag=flag,
        said=tuple(map(", ".join, zip(*(p.said for p in first), strict=True))),
        misspelt=tuple(map(", ".join, zip(*(p.misspelt for p in first), strict=True))),
        noun=" or ".join(p.noun for p in first),
    )


TABLE = tuple(_told(flag) for flag in FLAGS if flag.all_of)
