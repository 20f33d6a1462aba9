"""Many cases: balanced over levels, none nearly twice, split by family."""

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.values import Acuity
from training.drawing import Drawn, draw
from training.families import FAMILIES
from training.scenario import Degree, Family

SHARES: Mapping[Acuity, float] = {
    Acuity.RESUSCITATION: 0.15,
    Acuity.EMERGENT: 0.27,
    Acuity.URGENT: 0.26,
    Acuity.LESS_URGENT: 0.18,
    Acuity.NON_URGENT: 0.14,
}
"""How many cases of each reference level: the rare ends get more than they have in
life, to be learned; figures of such a set are not those of a waiting room."""
ALIKE = 0.8
"""Jaccard index of word triples from which two texts are the same text (Broder AZ, On
the resemblance and containment of documents, 1997)."""
_SPLITS = (("test", 0.1), ("dev", 0.1))
_DRAWS = 60  # attempts for each case that is wanted, before a level is given up


@dataclass(frozen=True, kw_only=True)
class Example:
    """A drawn case with its name and the split that it belongs to."""

    id: str
    drawn: Drawn
    split: str  # train, dev or test


def examples(count: int, *, seed: int, progress: Iterable[None] = ()) -> list[Example]:
    """Draw distinct cases of every level.

    Families of `dev` and `test` do not appear in `train`: what is measured on them is
    how well a model does on illnesses of which it saw no case.

    Args:
        count: how many.
        seed: the same gives the same cases.
        progress: is advanced once for each case.

    """
    chance = random.Random(seed)  # noqa: S311 (synthetic cases hide nothing)
    split_of = splits(FAMILIES, seed=seed)
    ticks = iter(progress)
    made, texts = [], Texts()
    for number, drawn in enumerate(_drawn(chance, count, texts), 1):
        split = split_of[drawn.family.name]
        made.append(Example(id=f"s{seed}-{number:05}", drawn=drawn, split=split))
        next(ticks, None)
    return made


def splits(families: Sequence[Family], *, seed: int) -> dict[str, str]:
    """Return the split of each family; dev and test hold cases of every level."""
    order = sorted(families, key=lambda each: _mixed(f"{seed} {each.name}"))
    found = {family.name: "train" for family in families}
    for split, share in _SPLITS:
        lacking = set(Acuity)
        for family in order:
            taken = Counter(found.values())[split]
            levels = {degree.acuity for degree in family.degrees}
            free = found[family.name] == "train"
            if free and (levels & lacking or taken < share * len(families)):
                found[family.name] = split
                lacking -= levels
            if not lacking and taken + 1 >= share * len(families):
                break
    return found


class Texts:
    """Texts that were seen, to find those that nearly repeat one."""

    def __init__(self) -> None:
        self._holding: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._sizes: list[int] = []

    def is_new(self, text: str) -> bool:
        """Say whether no text was as good as this one, and remember it if so."""
        triples = shingles(text)
        shared = Counter(
            number for triple in triples for number in self._holding.get(triple, ())
        )
        for number, common in shared.items():
            if common / (len(triples) + self._sizes[number] - common) >= ALIKE:
                return False
        for triple in triples:
            self._holding[triple].append(len(self._sizes))
        self._sizes.append(len(triples))
        return True


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Return the word triples of a text; of a short one, what it has."""
    words = re.findall(r"\w+", text.casefold())
    triples = {
        (first, *second)
        for first, second in zip(words, pairwise(words[1:]), strict=False)
    }
    return frozenset(triples or {tuple(words)})


def summary(made: Sequence[Example]) -> dict[str, object]:
    """Return what a reader of the corpus must know of it, as counts."""
    drawn = [example.drawn for example in made]
    return {
        "cases": len(made),
        "families": len({each.family.name for each in drawn}),
        "levels": _counted(str(int(each.acuity)) for each in drawn),
        "raised by the rules": sum(each.acuity < each.degree.acuity for each in drawn),
        "voices": _counted(each.voice for each in drawn),
        "twists": _counted(twist for each in drawn for twist in each.twists),
        "splits": _counted(example.split for example in made),
        "distinct texts": len({_text(each) for each in drawn}),
    }


def _drawn(chance: random.Random, count: int, texts: Texts) -> Iterator[Drawn]:
    """Draw until every level has its share, whoever set it: family or rules.

    Raises:
        RuntimeError: the families of a level have nothing new to say.

    """
    wanted = {level: round(count * share) for level, share in SHARES.items()}
    wanted[Acuity.EMERGENT] += count - sum(wanted.values())
    pairs = _by_level()
    tries = _DRAWS * count
    while sum(wanted.values()) and tries:
        tries -= 1
        level = chance.choices(list(wanted), weights=list(wanted.values()))[0]
        drawn = draw(chance, *chance.choice(pairs[level]))
        if wanted[drawn.acuity] and texts.is_new(_whole(drawn)):
            wanted[drawn.acuity] -= 1
            yield drawn
    if sum(wanted.values()):
        raise RuntimeError("The families have nothing new to say: ask for fewer cases.")


def _by_level() -> dict[Acuity, list[tuple[Family, Degree]]]:
    pairs: dict[Acuity, list[tuple[Family, Degree]]] = defaultdict(list)
    for family in FAMILIES:
        for degree in family.degrees:
            pairs[degree.acuity].append((family, degree))
    return pairs


def _whole(drawn: Drawn) -> str:
    """Return the words of a case with its numbers: what makes it this case."""
    numbers = " ".join(f"{v.name.value} {v.value}" for v in drawn.case.vitals)
    return f"{_text(drawn)} {numbers}"


def _text(drawn: Drawn) -> str:
    return " ".join(complaint.text for complaint in drawn.case.complaints)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _mixed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
