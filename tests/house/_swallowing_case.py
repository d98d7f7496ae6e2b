"""Not collected with the others: `test_protections.py` runs it to see it fail."""

import contextlib
import socket


def test_that_swallows_a_refused_connection():
    with contextlib.suppress(OSError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)
