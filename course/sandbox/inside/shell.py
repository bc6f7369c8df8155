"""Running cells as an IPython kernel does, with the outputs sent over a socket as nbformat has them."""

import gc
import io
import os
import socket
import sys
from base64 import b64encode
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot
from traitlets import Type
from traitlets.config import Config

from . import wire
from .agent import Agent


class Outlet:
    """Where a child's outputs go. The streams gather text, so that a cell of many prints is few messages."""

    def __init__(self) -> None:
        self.connection: socket.socket | None = None
        self.room = 0  # bytes that the cell may still write

    def send(self, message: dict[str, Any]) -> None:
        """Send an output after what was printed before it."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream):
                stream.flush()
        self.send_now(message)

    def send_now(self, message: dict[str, Any]) -> None:
        """Send an output at once. What is over the cell's room is dropped: the other side cuts it anyway."""
        size = len(str(message))
        if self.connection is not None and (self.room >= 0 or message["type"] == "error"):
            self.room -= size
            wire.send(self.connection, message)


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a child."""

    encoding = "utf-8"

    def __init__(self, outlet: Outlet, name: str, descriptor: int) -> None:
        self._outlet, self.name, self._descriptor = outlet, name, descriptor
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._parts.append(text)
        self._size += len(text)
        if self._size > 2**16:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._parts, self._size = "".join(self._parts), [], 0
        if text:
            self._outlet.send_now({"type": "stream", "name": self.name, "text": text})

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        OUTLET.send({"type": "display_data", "data": _text_only(data), "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:
        OUTLET.send({"type": "clear_output"})


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        OUTLET.send({"type": "execute_result", "data": _text_only(format_dict), "metadata": md_dict or {}})

    def finish_displayhook(self) -> None:
        pass


def _text_only(data: dict[str, Any]) -> dict[str, Any]:
    """Mime data as nbformat keeps it: bytes, such as a PNG, in base64."""
    return {mime: b64encode(value).decode() if isinstance(value, bytes) else value for mime, value in data.items()}


class Shell(InteractiveShell):
    """IPython without a terminal or a ZMQ socket: what a notebook's kernel runs cells with."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        OUTLET.send({"type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": stb})

    def ask_exit(self) -> None:
        """`exit` in a cell ends nothing: the cells after it run."""

    def enable_gui(self, gui: str | None = None) -> None:
        """No windows here."""


OUTLET = Outlet()


def prepare() -> Shell:
    """Make the shell, once, when all is imported: a child begins with it as it is."""
    config = Config()
    config.HistoryManager.enabled = False  # it would keep a database, and a thread to write it
    config.HistoryManager.hist_file = ":memory:"
    # The usual tight box, which IPython means where none is named, draws each figure twice. So margins have room for labels.
    config.InlineBackend.print_figure_kwargs = {"bbox_inches": None, "pil_kwargs": {"compress_level": 1}}
    config.InlineBackend.rc = {"figure.subplot.bottom": 0.2, "figure.subplot.top": 0.85}
    shell: Shell = Shell.instance(config=config)
    shell.enable_matplotlib("inline")
    pyplot.uninstall_repl_displayhook()  # it would draw each figure once more than is shown
    gc.collect()
    gc.freeze()  # a child's garbage collection would touch, and so copy, every page
    return shell


def connect(connection: socket.socket) -> dict[str, int]:
    """Send outputs over this connection from now on.

    Returns
    -------
    dict[str, int]
        A file for each stream, that takes what C code writes to descriptors 1 and 2: that has no other way out.
    """
    OUTLET.connection = connection
    captured = {}
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        captured[name] = os.memfd_create(name) if hasattr(os, "memfd_create") else os.open(os.devnull, os.O_RDWR)
        os.dup2(captured[name], descriptor)
        setattr(sys, name, Stream(OUTLET, name, descriptor))
    return captured


def serve(shell: Shell, connection: socket.socket, captured: dict[str, int], room: int, agent: Agent) -> None:
    """Run cells as they come, and answer the examiner, until the other side closes.

    Parameters
    ----------
    shell : Shell
    connection : socket.socket
        Gets `{"source": str}`, and sends the cell's outputs and then `{"type": "done"}`. What else it gets is for the agent,
        and answered by one message.
    captured : dict[str, int]
        As `connect` returned it.
    room : int
        Bytes of output for each cell.
    agent : Agent
    """
    while (message := wire.receive(connection)) is not None:
        if "source" not in message:
            OUTLET.room = -1
            wire.send(connection, {"type": "answer", "ticket": message["ticket"], **agent.answer(message)})
            continue
        OUTLET.room = room
        shell.run_cell(message["source"], store_history=True)
        sys.stdout.flush()
        sys.stderr.flush()
        for name, file in captured.items():
            size = os.fstat(file).st_size
            if size:
                text = os.pread(file, min(size, room), 0).decode(errors="replace")
                OUTLET.send_now({"type": "stream", "name": name, "text": text})
                os.ftruncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)
        wire.send(connection, {"type": "done", "ticket": message["ticket"]})
