"""How a run with several processes (pytest -n) shares the files of tests out to them.

A file stays whole, as its tests share what its fixtures start. Files that share what
takes long to start stay together, and what takes longest begins first: left for the
end, it would run alone.
"""

from xdist.scheduler import LoadFileScheduling

STAGES = "tests/training/stages/"
SGLANG = "tests/sglang/"
TOGETHER = {"tests/end_to_end/test_failure_policy.py": SGLANG}
LONGEST = (
    SGLANG,
    "tests/end_to_end/test_kill_at_any_moment.py",
    "tests/crash/",
    STAGES,
    "tests/end_to_end/",
    "tests/cli/test_demo.py",
    "tests/docs/test_readme.py",
    "tests/inference/test_embedded_model.py",
    "tests/http/",
    "tests/store/",
)


class Sharing(LoadFileScheduling):
    """Hands out the files in the order of collection, some of them together."""

    def _split_scope(self, nodeid):
        return whole(super()._split_scope(nodeid))


def whole(file):
    """Return what a file is handed out with: a name for files that stay together."""
    for folder in (SGLANG, STAGES):
        if file.startswith(folder):
            return folder
    return TOGETHER.get(file, file)


def longest_first(item):
    """Return the place of a test's file in the order of a shared run."""
    part = whole(item.nodeid.partition("::")[0])
    places = (n for n, name in enumerate(LONGEST) if part.startswith(name))
    return next(places, len(LONGEST))
