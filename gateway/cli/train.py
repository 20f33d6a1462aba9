"""`triage-gateway train`: start the training of an adapter, in its own environment.

The gateway neither imports torch nor the training code. This command only starts the
Python that has them, and ends as it ends. It tells it its own Python, which evaluates
where a recipe asks for that.
"""

import os
import subprocess
import sys
from pathlib import Path

import click

ENVIRONMENT = ".training-venv/bin/python"


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--recipe", required=True, help="Name in training/recipes, or a file.")
@click.option(
    "--python",
    default=ENVIRONMENT,
    envvar="TRAINING_PYTHON",
    show_default=True,
    help="Python of the training environment.",
)
@click.argument("more", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]")
def train(recipe: str, python: str, more: tuple[str, ...]) -> None:
    """Train an adapter by a recipe: every stage in order; again to go on.

    OPTIONS are those of `python -m training`: --data, --out, --models, --base,
    --processes, --url, --gateway.
    """
    if not Path(python).is_file():
        raise click.ClickException(
            f"There is no {python}: make it with `make training`, or name the Python of"
            " an environment that has the extra `training` (--python)."
        )
    command = [python, "-m", "training", "--recipe", recipe, *more]
    try:
        done = subprocess.run(  # noqa: S603 (the user's own Python)
            command, check=False, env={"GATEWAY_PYTHON": sys.executable, **os.environ}
        )
    except OSError as error:
        raise click.ClickException(
            f"{python} does not start ({type(error).__name__}): name a Python."
        ) from None
    raise SystemExit(done.returncode)
