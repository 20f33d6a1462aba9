"""A text option that must say something where it is given."""

import click


class _Filled(click.ParamType[str]):
    """A text that is not empty, as that of a shell variable is which is not set.

    Else the command would do for everybody what was asked for one.
    """

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text as it was given."""
        text = str(value)
        if not text.strip():
            self.fail("It is empty. Fill it, or leave the option out.", param, ctx)
        return text


FILLED = _Filled()
