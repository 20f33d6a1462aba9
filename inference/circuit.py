"""A circuit breaker: do not wait for a server that has just failed again and again."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Circuit:
    """Opens after `threshold` failures in a row; lets one call through after `delay`.

    Times are seconds of any monotonic clock, passed in.
    """

    threshold: int
    delay: float
    failures: int = 0
    _retry_at: float = 0.0

    def allows(self, now: float) -> bool:
        """Say whether a call may be made; after the delay only one may try."""
        if self.failures < self.threshold:
            return True
        if now < self._retry_at:
            return False
        self._retry_at = now + self.delay
        return True

    def succeeded(self) -> None:
        """Close the circuit."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """Count a failure; the threshold's opens the circuit for the delay."""
        self.failures += 1
        self._retry_at = now + self.delay
