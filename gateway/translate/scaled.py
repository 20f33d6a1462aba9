"""The level in the words of other scales: mapped one to one, not assessed by them."""

from collections.abc import Iterator

from domain.floor.scales import SCALES, WORDS
from domain.values import Acuity

FOUR_WORDS = "words"


def mapped(acuity: Acuity) -> Iterator[tuple[str, str]]:
    """Give code and display of a level in each published scale and in one word."""
    for scale in SCALES:
        name = scale.level(acuity).name
        said = f"{scale.name} {int(acuity)}, {name} (mapped, not assessed by it)"
        yield f"{scale.name}-{int(acuity)}", said
    word = WORDS[acuity]
    yield f"word-{word.lower()}", f"{word} (one of four words)"


def here(scale: str, acuity: Acuity) -> str:
    """Return a level as the site's chosen scale calls it; "" where it chose none."""
    if scale == FOUR_WORDS:
        return WORDS[acuity]
    for each in SCALES:
        if each.name == scale:
            return f"{scale} {int(acuity)} {each.level(acuity).name}, mapped"
    return ""
