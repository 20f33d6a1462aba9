"""The rules as one page that a clinician reads, prints and signs: no script at all."""

from pathlib import Path
from typing import Final

from domain.floor.scales import SCALES, WORDS
from domain.values import Acuity
from gateway import pages
from gateway.rules.booklet import Booklet

_HERE: Final = Path(__file__).parent
_NAMES: Final = {each: each.name.replace("_", "-").lower() for each in Acuity}


def page(booklet: Booklet) -> str:
    """Return the page, in HTML, the same for the same rules."""
    style = pages.style(_HERE / "page.css")
    template = pages.environment(_HERE).get_template("page.html.jinja")
    return template.render(
        booklet=booklet,
        levels=list(Acuity),
        names=_NAMES,
        scales=SCALES,
        four_words=WORDS,
        style=style,
        policy=pages.policy(style),
    )
