"""`triage-gateway` as a test sets it.

Its clock is wrong by the seconds that a file holds, and `rebuild` shares its work among
processes from another length of the log on.
"""

import os
from datetime import timedelta
from functools import partial
from pathlib import Path

from gateway import app
from gateway.__main__ import main
from gateway.cli import rebuild, serve

CLOCK = "CRASH_CLOCK"
LONG = "CRASH_LONG"


def skewed(error):
    """Return the time as a clock with this error tells it."""
    return app.now() + timedelta(seconds=float(error.read_text() or 0))


if __name__ == "__main__":
    told = partial(skewed, Path(os.environ[CLOCK]))
    serve.build = partial(app.build, clock=told)
    rebuild._LONG = int(os.environ.get(LONG, rebuild._LONG))
    main()
