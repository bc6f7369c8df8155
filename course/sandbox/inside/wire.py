"""Messages over a socket: four bytes of length, then JSON. Data only, and bounded."""

import json
import socket
import time
from typing import Any

LARGEST = 64 * 2**20  # bytes


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message."""
    data = json.dumps(message).encode()
    connection.sendall(len(data).to_bytes(4, "big") + data)


def receive(connection: socket.socket, until: float | None = None, largest: int = LARGEST) -> dict[str, Any] | None:
    """Wait for one message.

    Returns
    -------
    dict or None
        None where the other side is gone.

    Raises
    ------
    ValueError
        If it is too large, or no JSON object.
    TimeoutError
        If the connection has a time-out and nothing came.
    """
    header = _exactly(connection, 4, until)
    if header is None:
        return None
    size = int.from_bytes(header, "big")
    if size > largest:
        raise ValueError(f"a message of {size} bytes")
    data = _exactly(connection, size, until)
    if data is None:
        return None
    try:
        message = json.loads(data, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("a message too deep to read") from None
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _exactly(connection: socket.socket, size: int, until: float | None = None) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        if until is not None:  # for the whole message: a time-out would begin again with each byte
            connection.settimeout(max(until - time.monotonic(), 0.001))
        part = connection.recv(min(size - len(parts), 2**20))
        if not part:
            return None
        parts += part
    return bytes(parts)
