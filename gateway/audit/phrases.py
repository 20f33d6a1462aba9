"""Phrases that are looked for in texts, whole words only."""

from collections.abc import Collection, Iterator

from gateway.audit.human_names import Words


class Phrases:
    """What is looked for; `add` makes it more."""

    def __init__(self) -> None:
        self._phrases: set[Words] = set()
        self._lengths: dict[str, set[int]] = {}  # first word -> how many there are

    def add(self, phrase: Words) -> None:
        """Look for one more, of a word at least."""
        self._phrases.add(phrase)
        self._lengths.setdefault(phrase[0], set()).add(len(phrase))

    def within(self, texts: Collection[Words]) -> Iterator[Words]:
        """Give what is looked for and stands in a text."""
        for text in texts:
            for place, word in enumerate(text):
                for length in self._lengths.get(word, ()):
                    phrase = text[place : place + length]
                    if phrase in self._phrases:
                        yield phrase
