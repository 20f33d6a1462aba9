"""Ports for servers that are killed and started again at the same address.

The kernel gives away a free port between the two, to another test's server or client;
it takes none below the range of its own, so that a port from there stays one's own.
"""

import random
import socket
from contextlib import suppress
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _USUAL = 12_000, 32_768


def lasting_port():
    """Return a port on which nobody listens and that the kernel gives to nobody."""
    chance = random.SystemRandom()  # Hypothesis seeds the one that all share
    while True:
        port = chance.randrange(_LOWEST, _kernels())
        with suppress(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            return port


def _kernels():
    """Return the lowest port that the kernel gives away."""
    lowest = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else _USUAL
    return lowest if lowest > _LOWEST else _USUAL
