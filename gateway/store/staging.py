"""What is known of the log, in layers that can be kept or dropped as one."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RecentlyUsed(Generic[K, V]):
    """The last `size` values used, for several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return the value, or None if it was never kept or has been let go."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Keep the value and let go of the one that was used longest ago."""
        self.put_all([(key, value)])

    def put_all(self, values: Iterable[tuple[K, V]]) -> None:
        """Keep many values, the last of them as the one used last."""
        with self._lock:
            for key, value in values:
                self._values[key] = value
                self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Let go of one value."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._values.clear()


class Staged(Generic[K, V]):
    """Committed values, over them those of the group, over them those of the unit.

    A unit that fails drops its own layer and a group that fails drops all three,
    so nothing that did not reach the disk is ever believed.
    """

    def __init__(self, size: int, *, settle: Callable[[V], V]) -> None:
        self._settle = settle
        self._committed: RecentlyUsed[K, V] = RecentlyUsed(size)
        self._group: dict[K, V] = {}
        self._unit: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return the newest value."""
        known = self._unit.get(key)
        if known is None:
            known = self._group.get(key)
        return self._committed.get(key) if known is None else known

    def put(self, key: K, value: V) -> None:
        """Set a value on behalf of the unit in progress."""
        self._unit[key] = value

    def keep_unit(self) -> None:
        """Make the unit's values the group's."""
        if self._unit:
            self._group.update(self._unit)
            self._unit.clear()

    def drop_unit(self) -> None:
        """Forget what the unit in progress set."""
        self._unit.clear()

    def keep_group(self) -> None:
        """Make the group's values the committed ones, each settled first."""
        settle = self._settle
        self._committed.put_all((k, settle(v)) for k, v in self._group.items())
        self._group.clear()

    def drop(self, key: K) -> None:
        """Forget what was committed, before a unit of the next group asks."""
        self._committed.drop(key)

    def drop_all(self) -> None:
        """Forget everything; the log itself will be asked again."""
        self._unit.clear()
        self._group.clear()
        self._committed.clear()
