"""How many refusals of unknown callers are recorded one by one; the rest are counted.

Anybody on the network can be refused as often as he likes. If each refusal took its
place in the log and among the AuditEvents, strangers could fill the disk.
"""

from collections import Counter
from datetime import datetime
from typing import Final

MOST_OF_ADDRESS: Final = 30  # a minute
MOST: Final = 120  # a minute, of all addresses: about 1 GB a day, come what may


class Strangers:
    """Counts the refusals of the present minute, by network address."""

    def __init__(self) -> None:
        self._minute = 0
        self._of: Counter[str] = Counter()

    def tells(self, address: str, at: datetime) -> bool:
        """Say whether a refusal has a record of its own, and count it if so."""
        minute = int(at.timestamp()) // 60
        if minute != self._minute:
            self._minute = minute
            self._of.clear()
        full = self._of.total() >= MOST or self._of[address] >= MOST_OF_ADDRESS
        if not full:
            self._of[address] += 1
        return not full
