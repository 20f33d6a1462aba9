"""`triage-gateway` with a clock that a test sets: a file holds its error in seconds."""

import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from gateway import app
from gateway.__main__ import main
from gateway.cli import serve

CLOCK = "CRASH_CLOCK"


def skewed(error):
    """Return the time as a clock with this error tells it."""
    return app.now() + timedelta(seconds=float(error.read_text() or 0))


if __name__ == "__main__":
    told = partial(skewed, Path(os.environ[CLOCK]))
    serve.build = partial(app.build, clock=told)
    main()
