"""The fork server: it has imported what notebooks import, once, and forks a child for each submission.

It talks over one inherited socket, so nobody else can reach it, and ends when the other end closes.
"""

import base64
import contextlib
import importlib
import io
import os
import random
import signal
import socket
import sys
import time
import warnings
from typing import Any

from . import agent, shell, walls, wire


def main(descriptor: int) -> None:
    """Say that the server is ready, and serve. `import_all` came before, with the course's folders in the path.

    Requests are `{"do": "start", ...}` with a socket for the child to talk over, `{"do": "signal", "pid", "signal"}`
    and `{"do": "end", "keeper", "pid", "grace"}`. Each is answered by one message.
    """
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other side to handle
    prepared = shell.prepare()
    threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
    wire.send(control, {"threads": threads})
    while True:
        header, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not header:
            return
        request = wire.receive(control)
        if request is None:
            return
        wire.send(control, answer(request, descriptors, control, prepared))


IMPORTED = (
    *("numpy", "jax", "jax.numpy", "flax", "flax.nnx", "optax", "matplotlib.pyplot"),
    # What the first picture loads.
    *("matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline", "PIL.PngImagePlugin"),
    # What the first program loads.
    "jaxlib.mlir.dialects.mhlo",
    # What a call of the examiner loads.
    *("cloudpickle", "cells.checks"),
    # It finds its library with a subprocess, which a child may not start.
    *(("pyseccomp",) if sys.platform == "linux" else ()),
)


def import_all() -> None:
    """Import what notebooks import, and draw a picture: fonts are found once.

    No array is made: forking a process in which an XLA backend runs hangs the child.
    """
    with warnings.catch_warnings(action="ignore"):
        for name in IMPORTED:
            importlib.import_module(name)
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.plot([0, 1], label="a line", marker="o")
    axes.set(title="Text", xlabel="in all", ylabel="the usual fonts")
    axes.text(0, 0, "bold", weight="bold", bbox={"boxstyle": "round"})
    axes.text(0, 1, "fixed width", family="monospace")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png")


def answer(request: dict[str, Any], descriptors: list[int], control: socket.socket, prepared: shell.Shell) -> dict[str, Any]:
    """Do what was asked. In the child of a start this never returns."""
    if request["do"] == "signal":
        with contextlib.suppress(ProcessLookupError):
            os.kill(request["pid"], request["signal"])
        return {}
    if request["do"] == "end":
        status, killed = end(request["keeper"], request["pid"], request["grace"])
        return {"status": status, "killed": killed}
    server = os.getpid()
    try:
        if request["walls"]:
            keeper, pid = walls.fork_into_namespaces()
        else:
            keeper = pid = os.fork()
    except OSError as error:
        return {"refused": str(error)}
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return {"keeper": keeper, "pid": pid}
    try:
        control.close()
        request["server"] = server
        child(request, socket.socket(fileno=descriptors[0]), prepared)
    finally:
        os._exit(0)


def end(keeper: int, pid: int, grace: float) -> tuple[int, bool]:
    """Give a child some seconds to end by itself, then kill it.

    Returns
    -------
    tuple
        Its exit code, or minus the signal that ended it; and whether it had to be killed.
    """
    until = time.monotonic() + grace
    while time.monotonic() < until:
        found, status = os.waitpid(keeper, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), False
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(keeper, 0)
    return os.waitstatus_to_exitcode(status), True


def child(request: dict[str, Any], connection: socket.socket, prepared: shell.Shell) -> None:
    """Be the kernel of one submission."""
    connection.set_inheritable(False)
    os.setsid()  # or a signal to its process group reaches the server
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = request["folder"]
    if request["walls"]:
        try:
            walls.enter([folder, request["scratch"]], request["limits"]["tmpfs"])
        except OSError as error:
            wire.send(connection, {"type": "refused", "reason": str(error)})
            return
    else:
        walls.die_with_parent(request["server"])
    while file := wire.receive(connection):
        path = os.path.join(folder, file["name"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as opened:
            opened.write(base64.b64decode(file["content"]))
    os.chdir(folder)
    # At the end: a `numpy.py` beside the notebook shadows nothing.
    sys.path.append(folder)
    random.seed(request["seed"])
    import numpy

    numpy.random.seed(request["seed"])
    walls.bound(request["limits"])
    captured = shell.connect(connection)
    if request["walls"]:
        walls.renounce()
    wire.send(connection, {"type": "ready"})
    examiners = agent.Agent(prepared.user_ns, request["limits"]["answer"], request["limits"]["call_memory"])
    shell.serve(prepared, connection, captured, request["limits"]["output"], examiners)
