"""What is told beside a complaint: a carer's worry, a vaccine that was not given.

These words are no concepts of the catalogue: a complaint of which nothing else is known
must stay one that was not understood.
"""

from functools import cache

from domain.floor.concepts import ICD_10
from domain.floor.phrases import Lexicon, Phrase
from domain.floor.readings import Readings, distinct
from domain.floor.text import listen
from domain.particulars import Author
from domain.values import Complaint, Finding, Reference

_WORRY = "worry"
_LACKING = "unvaccinated"
_PHRASES = {
    _WORRY: "worried|concerned|frightened|scared|alarmed|afraid",
    _LACKING: (
        "unvaccinated|unimmunised|unimmunized|undervaccinated;"
        "=not vaccinated|immunised|immunized; =not up to date; =never vaccinated;"
        "behind|delayed|missed|incomplete|overdue|no|without|refused|declined "
        "vaccin*|immunis*|immuniz*|jabs"
    ),
}
_Z28 = "Z28"  # ICD-10: immunisation not carried out; underimmunised


@cache
def _lexicon() -> Lexicon:
    return Lexicon(
        Phrase.parse(name, text.strip())
        for name, texts in _PHRASES.items()
        for text in texts.split(";")
    )


def carer_concern(readings: Readings) -> tuple[Reference, ...]:
    """Return where a carer says that the child is different, or tells of worry.

    Words of worry count where a RelatedPerson is the author of the complaint.
    """
    told = readings.told.now("carer-concern")
    worried = (
        said.source
        for said in readings.case.complaints
        if said.author is Author.CARER and _says(said, _WORRY, readings)
    )
    return distinct((*told, *worried))


def unvaccinated(readings: Readings) -> tuple[Reference, ...]:
    """Return what says that vaccines are missing: words, ICD-10 Z28, an Immunization.

    That nothing is recorded of a vaccine is no sign that it was not given.
    """
    stated: list[Complaint | Finding] = [*readings.case.complaints]
    stated += readings.case.conditions
    return distinct(
        said.source
        for said in stated
        if said.source.type == "Immunization"
        or any(c.system.startswith(ICD_10) and c.code[:3] == _Z28 for c in said.codes)
        or _says(said, _LACKING, readings)
    )


def _says(said: Complaint | Finding, name: str, readings: Readings) -> bool:
    heard = listen([said], year=readings.case.at.year, lexicon=_lexicon())
    return name in heard.present
