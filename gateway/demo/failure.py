"""The demonstration's one kind of failure."""


class DemoError(Exception):
    """A step that did not hold; the message says which and what to look at."""
