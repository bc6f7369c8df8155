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


def receive(
    connection: socket.socket, until: float | None = None, largest: int = LARGEST, held: bytearray | None = None
) -> dict[str, Any] | None:
    """Wait for one message.

    Parameters
    ----------
    connection : socket.socket
    until : float, optional
        On `time.monotonic`, for the whole message: a time-out of the connection would begin again with each byte.
    largest : int
        Bytes.
    held : bytearray, optional
        What came of a message before a time-out cut it in two, from one call to the next: the rest is still to come.

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
    held = bytearray() if held is None else held
    if not _fill(held, 4, connection, until):
        return None
    size = int.from_bytes(held[:4], "big")
    if size > largest:
        raise ValueError(f"a message of {size} bytes")
    if not _fill(held, 4 + size, connection, until):
        return None
    data = bytes(held[4:])
    held.clear()
    try:
        message = json.loads(data, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("a message too deep to read") from None
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _fill(held: bytearray, size: int, connection: socket.socket, until: float | None) -> bool:
    """Wait until as many bytes are held; False where the other side is gone."""
    while len(held) < size:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        part = connection.recv(min(size - len(held), 2**20))
        if not part:
            return False
        held += part
    return True
