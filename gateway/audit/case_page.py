"""The story of a case as one self-contained page: no script, nothing from elsewhere.

Every text in it may be hostile: a complaint, a name, a model's answer. The template
escapes all of it (jinja2, autoescape), and the page's own policy forbids whatever would
run or load, so that even a flaw here could not make it do so
(https://www.w3.org/TR/CSP3/).
"""

from pathlib import Path
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from gateway import pages
from gateway.audit import words
from gateway.audit.story import Facts, Fold, Listing, Story, Table, pauses
from gateway.audit.visible import visible

_HERE: Final = Path(__file__).parent
_TEMPLATE: Final = "case_page.html.jinja"
_STYLE: Final = "case_page.css"


def page(story: Story) -> str:
    """Return the page, in HTML, the same for the same story."""
    style = pages.style(_HERE / _STYLE)
    return (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            story=story,
            paced=list(zip(story.entries, pauses(story.entries), strict=True)),
            style=style,
            policy=pages.policy(style),
        )
    )


def _environment() -> Environment:
    environment = pages.environment(_HERE, shown=_shown)
    environment.filters |= {"instant": words.instant, "duration": words.span}
    environment.tests |= {
        "facts": lambda block: isinstance(block, Facts),
        "listing": lambda block: isinstance(block, Listing),
        "table": lambda block: isinstance(block, Table),
        "fold": lambda block: isinstance(block, Fold),
    }
    return environment


def _shown(value: object) -> object:
    """Name what is invisible in a text; what is markup already stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
