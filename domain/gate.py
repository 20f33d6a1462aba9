"""Whether a release was measured well enough: every figure of a gate has to hold."""

from collections.abc import Iterable

from domain.errors import UnfitReleaseError
from domain.registered import MODEL, Held, Measured, Release, Required


def passed(required: tuple[Required, ...], release: Release) -> tuple[Held, ...]:
    """Return what a gate demands beside what was measured.

    Raises:
        UnfitReleaseError: a figure is short of its bound or was not measured, or the
            gate demands none of the model.

    """
    if not any(each.assessor in MODEL for each in required):
        raise UnfitReleaseError(
            "The gate demands no figure of the model, alone or with the rules: ask for "
            'one with assessor = "model" or "combined".'
        )
    found = [(each, worst(each, release.figures)) for each in required]
    short = [
        f"{each.sentence}: {'not measured' if value is None else f'{value:g}'}"
        for each, value in found
        if value is None or not each.admits(value)
    ]
    if short:
        listed = "\n".join(f"  {each}" for each in short)
        raise UnfitReleaseError(
            f"{release.title} stays in shadow; of {len(found)} figures these do not "
            f"hold:\n{listed}"
        )
    return tuple(
        Held(required=each, measured=value)
        for each, value in found
        if value is not None
    )


def worst(required: Required, figures: Iterable[Measured]) -> float | None:
    """Return the figure that is demanded, None where it was not measured.

    Of several with one name one that does not hold is meant.
    """
    ends = [e.at(required.end) for e in figures if e.key == required.key]
    known = [each for each in ends if each is not None]
    if not known or len(known) < len(ends):
        return None
    return next((each for each in known if not required.admits(each)), known[0])
