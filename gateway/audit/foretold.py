"""What an operator is told of an erasure before it is decided; it names nobody."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from gateway.audit.survey import Survey, runs

_LISTED: Final = 20


def foretold(found: Survey) -> Iterator[str]:
    """Give what goes although nobody could assign it, and what stays in doubt."""
    if found.alone:
        yield (
            "entries that nobody could assign, that name the patient, and that go: "
            f"{_counted(found.alone)}"
        )
    if found.named:
        yield (
            f"other patients whom these name, too: {found.named}. What an appointment "
            "or a group says of them goes with it"
        )
    if found.doubtful:
        yield (
            "entries that nobody could assign, that may mean the patient or somebody "
            f"alike, and that stay: {_counted(found.doubtful)}. Look at each with "
            "'audit export --decrypted --from N --to N'"
        )


def _counted(entries: Mapping[int, str]) -> str:
    topics = Counter(entries.values())
    told = ", ".join(f"{count} {topic}" for topic, count in sorted(topics.items()))
    spans = runs(entries)
    listed = ", ".join(
        str(first) if first == last else f"{first}-{last}"
        for first, last in spans[:_LISTED]
    )
    more = f" and {len(spans) - _LISTED} more places" if len(spans) > _LISTED else ""
    return f"{len(entries)} ({told}), at positions {listed}{more}"
