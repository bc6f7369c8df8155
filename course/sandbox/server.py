"""The trusted side of the fork server: starting it within its walls, and kernels as children of it."""

import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.errors import CourseError
from course.notebooks import writable
from course.sandbox.inside import wire
from course.sandbox.limits import Limits

INSIDE = Path(__file__).parent / "inside"
CELLS = Path(__file__).parent.parent / "cells"  # the examiner's agent uses what checks are made of
MOUNTED = Path("/opt/nnx-course")  # where the walls have it
FOLDER = "/submission"  # where a submission's files are
LARGEST = 8 * 2**20  # bytes of a message: reading one takes twenty times as much memory
GRACE = 5.0  # seconds that an interrupted cell has to end

# One thread only, or the server must not fork; and JAX reads its settings when it is imported.
ENVIRONMENT = {
    "HOME": FOLDER,
    "JAX_PLATFORMS": "cpu",
    "JAX_TRACEBACK_IN_LOCATIONS_LIMIT": "0",  # notes of source lines in each program: a tenth of the time, for nobody
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "NBGRADER_EXECUTION": "autograde",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


class Stopped(Exception):
    """The kernel is gone.

    Parameters
    ----------
    reason : str
        Why, in a sentence for the student.
    outputs : list of NotebookNode, optional
        Those of the cell that it was running.
    """

    def __init__(self, reason: str, outputs: list[NotebookNode] | None = None) -> None:
        super().__init__(reason)
        self.outputs = outputs or []


class ForkServer:
    """A process that has imported jax and flax, to fork kernels from. It ends with this object, or with this process.

    Parameters
    ----------
    walls : bool
        Whether to run in walls. Without, a submission has all the rights of this process.
    cache : Path, optional
        A folder of compiled programs for JAX, read-only to submissions.
    fill : bool
        Whether programs are written into `cache`: for trusted notebooks only.

    Raises
    ------
    CourseError
        If there are to be walls and this machine has none.
    """

    def __init__(self, walls: bool = True, cache: Path | None = None, fill: bool = False) -> None:
        command = [bubblewrap()] if walls else []
        self.walls = walls
        self.fingerprint = environment_fingerprint()
        self._lock = threading.Lock()
        scratch = scratch_folder() if walls else tempfile.gettempdir()
        environment = ENVIRONMENT | variables(cache_settings(cache, fill))
        environment |= {"IPYTHONDIR": f"{scratch}/ipython", "MPLCONFIGDIR": f"{scratch}/matplotlib", "TMPDIR": scratch}
        self._control, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in close)
        folders = [str(MOUNTED)] if walls else [str(INSIDE.parent), str(CELLS.parent)]
        code = f"import sys; sys.path[:0] = {folders!r}; from inside.server import main, import_all; import_all(); "
        code += f"del sys.path[:{len(folders)}]; main({theirs.fileno()})"
        python = [sys.executable, "-I", "-c", code]
        with theirs, contextlib.ExitStack() as stack:
            descriptors = [theirs.fileno()]
            if walls:
                arguments = stack.enter_context(tempfile.TemporaryFile())
                arguments.write("\0".join(bubblewrap_arguments(environment, cache, fill)).encode())
                arguments.seek(0)
                descriptors.append(arguments.fileno())
                # By a file: a command line can be read by everybody who sees the process.
                command += ["--args", str(arguments.fileno())]
            else:
                environment = dict(os.environ) | environment | {"HOME": os.environ.get("HOME", "/")}
            self._process = subprocess.Popen(
                [*command, *python],
                pass_fds=descriptors,
                env={} if walls else environment,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
        ready = wire.receive(self._control)
        if ready is None:
            reason = self._last_words()
            self.close()
            raise CourseError(f"The sandbox does not start ({reason}). Run: nnx-course doctor")
        if ready["threads"] != 1:
            raise RuntimeError(f"the fork server has {ready['threads']} threads, and may fork with one only")

    def _last_words(self) -> str:
        self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with {self._process.returncode}"

    @property
    def pid(self) -> int:
        """The process id of the server, or of the walls around it."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it runs, and the Python environment is still the one that it imported."""
        return self._process.poll() is None and self.fingerprint == environment_fingerprint()

    def ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        """Send one request and wait for its answer.

        Raises
        ------
        Stopped
            If the server is gone.
        """
        with self._lock:
            try:
                socket.send_fds(self._control, [b"\0"], descriptors or [])
                wire.send(self._control, request)
                answer = wire.receive(self._control)
            except OSError:
                answer = None
        if answer is None:
            raise Stopped("The sandbox ended unexpectedly, so this cell did not run to its end.")
        return answer

    def close(self) -> None:
        """End the server, and every kernel with it."""
        self._control.close()  # it ends by itself then, and what it used is counted as this process's
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Kernel:
    """A child of the fork server, for one submission.

    Parameters
    ----------
    server : ForkServer
    files : dict[str, bytes]
        The submission's other files, by path.
    limits : Limits
    seed : int
        Of `random` and `numpy.random`.
    deadline : float, optional
        On `time.monotonic`, for a kernel that takes the place of another: all of a submission's share its time.

    Raises
    ------
    Stopped
        If it does not start.
    """

    def __init__(
        self,
        server: ForkServer,
        files: dict[str, bytes] | None = None,
        limits: Limits | None = None,
        seed: int = 0,
        deadline: float | None = None,
    ) -> None:
        self._server, self.limits = server, limits or Limits()
        self._deadline = deadline or time.monotonic() + self.limits.submission
        self._connection, theirs = socket.socketpair()
        self._held = bytearray()  # of a message that a time-out cut in two
        self._folder = None if server.walls else tempfile.TemporaryDirectory(prefix="submission-")
        folder = self._folder.name if self._folder else FOLDER
        request = {"do": "start", "walls": server.walls, "limits": self.limits.as_dict(), "folder": folder, "scratch": scratch_folder()}
        request["seed"] = seed
        with theirs:
            answer = server.ask(request, [theirs.fileno()])
        if "refused" in answer:
            raise _refused(answer["refused"])
        self._keeper, self._pid = answer["keeper"], answer["pid"]
        self._open = True
        try:
            for name, content in (files or {}).items():
                wire.send(self._connection, {"name": name, "content": base64.b64encode(content).decode()})
            wire.send(self._connection, {})
            ready = self._receive(time.monotonic() + 60)
        except OSError:
            ready = None
        if ready != {"type": "ready"}:
            self.close()
            if ready is not None:
                raise _refused(str(ready.get("reason")))
            raise Stopped("This notebook could not be started with the files beside it.")

    def run(self, source: str) -> list[NotebookNode]:
        """Run one cell.

        Returns
        -------
        list of NotebookNode
            Its outputs. A cell over its time ends in an error output that says so.

        Raises
        ------
        Stopped
            If the kernel is gone now.
        """
        outputs = Outputs(self.limits.output)
        try:
            late = self._exchange({"source": source}, self.limits.cell, "cell", outputs.add)[1]
        except Stopped as stopped:
            stopped.outputs = outputs.finished()
            raise
        if late:
            outputs.add_error("TimeLimit", late)
            if time.monotonic() > self._deadline:
                self.close()
                raise Stopped(late, outputs.finished())
        return outputs.finished()

    def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Ask something of the agent in the kernel (`inside/agent.py`).

        Returns
        -------
        tuple
            Its answer, whatever the kernel sent, to be looked at with distrust. And a sentence where it took too long
            and was interrupted: what it says of objects is true all the same.

        Raises
        ------
        Stopped
            If the kernel is gone now.
        """

        def ignore(message: dict[str, Any]) -> None:
            if message["type"] not in ("stream", "display_data", "execute_result", "error", "clear_output"):
                raise ValueError(f"a message of type {message['type']!r}")

        return self._exchange(request, self.limits.call, "call", ignore)

    def _exchange(
        self, request: dict[str, Any], seconds: int, what: str, take: Callable[[dict[str, Any]], None]
    ) -> tuple[dict[str, Any], str]:
        """Send one request, and take the messages that come until the one that ends it.

        Returns
        -------
        tuple
            That last message, and a sentence where the request was over its time and interrupted.
        """
        if not self._open:
            raise Stopped("The notebook was stopped earlier.")
        started = time.monotonic()
        until = min(started + seconds, self._deadline)
        too_long = f"This {what} took more than {seconds} seconds"
        if until < started + seconds:
            too_long = f"This notebook took more than {self.limits.submission} seconds"
        interrupted = False
        ticket = secrets.token_hex()
        try:
            self._connection.settimeout(max(until - started, 0.1))
            wire.send(self._connection, request | {"ticket": ticket})
            while True:
                try:
                    message = self._receive(until)
                except TimeoutError:
                    if interrupted:
                        raise Stopped(f"{too_long}, and could not be interrupted.") from None
                    interrupted = True
                    self._server.ask({"do": "signal", "pid": self._pid, "signal": signal.SIGINT})
                    until = time.monotonic() + GRACE
                    continue
                if message is None:
                    raise Stopped(self._how_it_ended())
                if message.get("type") in ("done", "answer"):
                    if message.get("ticket") != ticket or (message["type"] == "done") != ("source" in request):
                        raise ValueError("the end of something else")
                    return message, f"{too_long}, and was interrupted." if interrupted else ""
                take(message)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
            self.close()
            raise Stopped("The kernel sent what no kernel sends, and was stopped.") from error
        except Stopped:
            self.close()
            raise

    def _receive(self, until: float) -> dict[str, Any] | None:
        """Wait for one message until a time; TimeoutError afterwards, whether or not the other side keeps sending."""
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return wire.receive(self._connection, until, LARGEST, self._held)

    def _how_it_ended(self) -> str:
        status = self.close(hung_up=True)
        if status is None:
            return "Your code closed the kernel's connection, and the notebook was stopped there."
        if status == -signal.SIGKILL:
            return f"Your code used more than {self.limits.cpu} seconds of processor time, or more memory than there is, and was stopped."
        if status < 0:
            return f"Your code crashed Python itself ({signal.Signals(-status).name}), and the notebook was stopped there."
        return "Your code ended Python itself, and the notebook was stopped there."

    def close(self, hung_up: bool = False) -> int | None:
        """End the kernel.

        Parameters
        ----------
        hung_up : bool
            Whether it closed its side.

        Returns
        -------
        int or None
            Its exit code, or minus the signal that ended it. None if it had to be killed, or was closed before.
        """
        if not self._open:
            return None
        self._open = False
        self._connection.close()
        status = None
        with contextlib.suppress(Stopped):
            # One that hung up gets a moment to end by itself, so that it can say how.
            request = {"do": "end", "keeper": self._keeper, "pid": self._pid, "grace": GRACE if hung_up else 0.0}
            answer = self._server.ask(request)
            status = None if answer["killed"] else answer["status"]
        if self._folder:
            self._folder.cleanup()
        return status

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _refused(reason: str) -> CourseError:
    return CourseError(f"This machine refuses the walls around a submission ({reason}). Run: nnx-course doctor")


class Outputs:
    """The outputs of one cell, made from messages that may be anything.

    Parameters
    ----------
    room : int
        Bytes to keep; the rest is cut, with a line that says so.
    """

    MOST = 1000  # outputs

    def __init__(self, room: int) -> None:
        self._room = room
        self._cut = False
        self._outputs: list[NotebookNode] = []

    def add(self, message: dict[str, Any]) -> None:
        """Add what a kernel sent. An error of some kind if it is no output."""
        message = writable(message)
        kind = message.get("type")
        if kind == "clear_output":
            self._outputs = []
            return
        if kind == "error":
            lines = [str(line)[:10_000] for line in message["traceback"][:200]]
            self.add_error(str(message["ename"])[:200], str(message["evalue"])[:10_000], lines)
            return
        size = len(json.dumps(message))
        if size > self._room or len(self._outputs) >= self.MOST:
            self._cut = True
            if kind != "stream":
                return
            message["text"] = message["text"][: max(self._room, 0)]
        self._room -= size
        if kind == "stream" and message["name"] in ("stdout", "stderr"):
            last = self._outputs[-1] if self._outputs else None
            if last and last.output_type == "stream" and last.name == message["name"]:
                last.text += str(message["text"])
            elif message["text"]:
                self._outputs.append(new_output("stream", name=message["name"], text=str(message["text"])))
        elif kind in ("display_data", "execute_result"):
            data = {str(mime): value for mime, value in dict(message["data"]).items()}
            output = new_output(kind, data=data, metadata=dict(message["metadata"]))
            nbformat.validate(output, ref=kind, version=4)
            self._outputs.append(output)
        else:
            raise ValueError(f"a message of type {kind!r}")

    def add_error(self, name: str, text: str, traceback: list[str] | None = None) -> None:
        """Add an error output: never cut, because a check without one would pass."""
        if sum(output.output_type == "error" for output in self._outputs) < 10:
            self._outputs.append(new_output("error", ename=name, evalue=text, traceback=traceback or [f"{name}: {text}"]))

    def finished(self) -> list[NotebookNode]:
        """The outputs, as nbformat has them."""
        if self._cut:
            self._outputs.append(new_output("stream", name="stdout", text="\n[The output of this cell was too long, and was cut.]\n"))
            self._cut = False
        return self._outputs


def try_walls() -> None:
    """Run a line of Python in walls.

    Raises
    ------
    CourseError
        If this machine cannot make them; it says why.
    """
    try:
        with ForkServer() as server, Kernel(server) as kernel:
            kernel.run("1 + 1")
    except Stopped as error:
        raise CourseError(f"The walls stand, and no kernel runs in them: {error}") from None


def bubblewrap() -> str:
    """The path of bubblewrap.

    Raises
    ------
    CourseError
        If it is not installed.
    """
    found = shutil.which("bwrap")
    if found is None:
        system = "install it with: apt-get install bubblewrap" if sys.platform == "linux" else "it runs on Linux only"
        raise CourseError(
            f"Marking runs students' code in walls made by bubblewrap, which is not here ({system}). "
            "To mark without walls, with all your rights given to students' code: --ExecuteInSandbox.walls=False"
        )
    return found


def scratch_folder() -> str:
    """Where a submission may write temporary files: /tmp, unless Python itself lives there, as each has a new one."""
    return "/scratch" if any(Path(folder).is_relative_to("/tmp") for folder in (sys.prefix, sys.base_prefix)) else "/tmp"


def bubblewrap_arguments(environment: dict[str, str], cache: Path | None, fill: bool) -> list[str]:
    """The walls around the fork server: Python and the system's libraries, read-only, and nothing else."""
    arguments = [
        "--unshare-all",
        "--die-with-parent",
        "--clearenv",
        "--hostname",
        "sandbox",
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        scratch_folder(),
    ]
    arguments += ["--ro-bind", "/usr", "/usr"]
    for folder in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        path = Path(folder)
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), folder]
        elif path.is_dir():
            arguments += ["--ro-bind", folder, folder]
    for folder in dict.fromkeys((sys.base_prefix, sys.prefix, str(Path(sys.executable).resolve().parent.parent))):
        if not folder.startswith("/usr"):
            arguments += ["--ro-bind", folder, folder]
    arguments += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for part in (INSIDE, CELLS):
        arguments += ["--ro-bind", str(part), str(MOUNTED / part.name)]
    if cache:
        arguments += ["--bind" if fill else "--ro-bind", str(cache), str(cache)]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--dir", FOLDER]
    if scratch_folder() != "/tmp":
        arguments += ["--remount-ro", "/tmp"]
    arguments += ["--remount-ro", "/"]  # or a child leaves files for its siblings, and in their import path
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--chdir", FOLDER]


def cache_settings(cache: Path | None, fill: bool) -> dict[str, str | int | float]:
    """JAX's settings for a folder of compiled programs.

    A submission reads it and never writes: no compilation takes as long as it would have to. Without XLA's own caches
    the folder's path is not part of what a program is looked up by.
    """
    if cache is None:
        return {}
    return {
        "jax_compilation_cache_dir": str(cache),
        "jax_persistent_cache_min_entry_size_bytes": -1,
        "jax_persistent_cache_min_compile_time_secs": 0.0 if fill else 1e9,
        "jax_persistent_cache_enable_xla_caches": "none",
    }


def variables(settings: dict[str, str | int | float]) -> dict[str, str]:
    """Settings of JAX as environment variables."""
    return {name.upper(): str(value) for name, value in settings.items()}


def environment_fingerprint() -> tuple[float, ...]:
    """What changes when packages are installed or removed, or the code within the walls is."""
    folders = [folder for folder in map(Path, sys.path) if folder.name in ("site-packages", "dist-packages") and folder.is_dir()]
    return tuple(path.stat().st_mtime for path in (*folders, *sorted(INSIDE.glob("*.py")), CELLS / "checks.py"))
