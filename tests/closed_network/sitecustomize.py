"""Closes the network, all but loopback, for every Python process that has this folder on its path.

Python runs a module of this name at its start. Each attempt to look up or reach another machine is
refused, as on a machine without a network, and noted in the file that DATAG_TEST_CALLS names.
"""

import os
import sys
from pathlib import Path
from typing import Any

_EVENTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_LOOPBACK = ("127.", "::1", "localhost")


def _target(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The host that an event is about; None where it is none (a socket in the file system)."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
        return host.decode() if isinstance(host, bytes) else host
    address = arguments[1]
    return str(address[0]) if isinstance(address, tuple) else None


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS:
        return
    host = _target(event, arguments)
    if host is None or host == "" or host.startswith(_LOOPBACK):
        return
    with Path(os.environ["DATAG_TEST_CALLS"]).open("a", encoding="utf-8") as log:
        log.write(f"{' '.join(sys.argv)}: {event} {host}\n")
    raise OSError(101, "Network is unreachable")


if "DATAG_TEST_CALLS" in os.environ:
    sys.addaudithook(_refuse)
