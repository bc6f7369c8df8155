"""The fork server and its kernels, and what becomes of marking where there are no walls."""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from course.check import known_answers
from course.demo import new_course, submit
from course.errors import CourseError
from course.notebooks import read_notebook
from course.sandbox import server as sandbox
from course.sandbox.inside import wire
from course.sandbox.inside.server import IMPORTED
from course.sandbox.limits import Limits
from course.sandbox.server import ForkServer, Kernel, Stopped
from tests.conftest import COURSE

NAME = COURSE.assignments[0]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are of Linux")


@pytest.fixture(scope="module", params=[True, False], ids=["walls", "no walls"])
def server(request):
    with ForkServer(walls=request.param) as running:
        yield running


def text(kernel, source):
    """What a cell prints or shows, as text."""
    return "".join(output.get("text", "") or output.data["text/plain"] for output in kernel.run(source))


def test_a_kernel_begins_with_everything_imported(server):
    with Kernel(server) as kernel:
        assert text(kernel, f"import sys; sorted(set({IMPORTED!r}) - set(sys.modules))") == "['cells.checks']"  # taken out again
        assert text(kernel, "import jax._src.xla_bridge as bridge; dict(bridge._backends)") == "{}"


def test_outputs_are_those_of_a_notebook(server):
    with Kernel(server) as kernel:
        kinds = [output.output_type for output in kernel.run("import sys\nprint(1)\nprint(2, file=sys.stderr)\n3")]
        assert kinds == ["stream", "stream", "execute_result"]
        [picture] = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        assert picture.output_type == "display_data"
        assert picture.data["image/png"].startswith("iVBOR")
        [error] = kernel.run("1 / 0")
        assert (error.output_type, error.ename) == ("error", "ZeroDivisionError")
        assert text(kernel, "import os\nos.write(1, b'from C');") == "from C"
        assert text(kernel, "await __import__('asyncio').sleep(0, 'awaited')") == "'awaited'"


def test_a_picture_is_drawn_once_and_whole(server):
    draw = "import matplotlib.pyplot as plt\ndrawn = []\nfigure, axes = plt.subplots(figsize=(7, 2.5))\naxes.set(title='T', xlabel='x')\n"
    with Kernel(server) as kernel:
        [picture] = kernel.run(draw + "figure.canvas.mpl_connect('draw_event', drawn.append);")
        assert picture.output_type == "display_data"
        assert text(kernel, "len(drawn)") == "1"
        inside = "[bool(0 <= box.y0 and box.y1 <= figure.bbox.y1) for box in (axes.get_tightbbox(),)]"
        assert text(kernel, inside) == "[True]"


def test_kernels_share_nothing_and_begin_with_seeds_of_their_own(server):
    with Kernel(server, seed=1) as one, Kernel(server, seed=2) as other, Kernel(server, seed=1) as again:
        one.run("import jax\nseen = 1\njax.numpy.patched = True")
        assert text(other, "import jax\n'seen' in dir(), hasattr(jax.numpy, 'patched')") == "(False, False)"
        draws = [text(kernel, "import random, numpy\nrandom.random(), float(numpy.random.rand())") for kernel in (one, other, again)]
        assert draws[0] != draws[1]
        assert draws[0] == draws[2]


def test_a_long_cell_is_interrupted_and_the_next_one_runs(server):
    with Kernel(server, limits=Limits(cell=2)) as kernel:
        outputs = kernel.run("while True:\n    pass")
        assert [output.ename for output in outputs] == ["KeyboardInterrupt", "TimeLimit"]
        assert text(kernel, "1 + 1") == "2"


def test_a_message_that_a_time_out_cuts_in_two_is_read_on():
    message = {"type": "stream", "text": "late"}
    data = json.dumps(message).encode()
    frame, held = len(data).to_bytes(4, "big") + data, bytearray()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for part in (frame[:2], frame[2:9]):
            theirs.sendall(part)
            with pytest.raises(TimeoutError):
                wire.receive(ours, until=time.monotonic(), held=held)
        theirs.sendall(frame[9:] + frame)
        assert [wire.receive(ours, held=held), wire.receive(ours, held=held)] == [message, message]


def test_a_kernel_in_the_place_of_another_has_the_time_that_is_left(server):
    with Kernel(server, deadline=time.monotonic() + 1) as kernel, pytest.raises(Stopped, match="This notebook took more than"):
        kernel.run("while True:\n    pass")


def test_a_kernel_that_ends_says_how(server):
    for source, words in (("import os; os._exit(3)", "ended Python itself"), ("import ctypes; ctypes.string_at(0)", "SIGSEGV")):
        with Kernel(server) as kernel, pytest.raises(Stopped, match=words):
            kernel.run(source)


def test_output_is_cut(server):
    with Kernel(server, limits=Limits(output=1000)) as kernel:
        printed = text(kernel, "for number in range(100_000):\n    print(number)")
        assert len(printed) < 2000
        assert "was too long, and was cut" in printed


def test_companion_files_are_copies(server, tmp_path):
    with Kernel(server, {"data/numbers.txt": b"1 2 3"}) as kernel:
        assert text(kernel, "open('data/numbers.txt').read()") == "'1 2 3'"


def test_a_server_that_was_killed_is_noticed(server):
    with ForkServer(walls=server.walls) as running:
        kernel = Kernel(running)
        os.kill(running.pid, signal.SIGKILL)
        with pytest.raises(Stopped):
            kernel.run("import time\ntime.sleep(60)")
        running._process.wait()
        assert not running.usable


def test_a_changed_environment_makes_a_server_unusable(server, monkeypatch):
    assert server.usable
    monkeypatch.setattr(sandbox, "environment_fingerprint", lambda: (0.0,))
    assert not server.usable


def test_without_bubblewrap_nothing_is_marked_unless_told_to(run, tmp_path, monkeypatch):
    course = new_course(COURSE, tmp_path / "course")
    assignment = course.assignment(NAME)
    assert run("nbgrader", "generate_assignment", NAME, cwd=course.root).returncode == 0
    [student] = submit(assignment, known_answers(COURSE.assignment(NAME))[1:2])
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    refused = run("nbgrader", "autograde", NAME, cwd=course.root)
    assert refused.returncode != 0
    assert "apt-get install bubblewrap" in refused.stderr
    assert "Traceback" not in refused.stderr
    told = run("nbgrader", "autograde", NAME, "--ExecuteInSandbox.walls=False", "--force", cwd=course.root)
    assert told.returncode == 0, told.stderr
    assert "NO WALLS" in told.stderr
    assert read_notebook(assignment.autograded(student)).metadata.nnx_course.walls is False


def test_missing_walls_are_a_sentence(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    with pytest.raises(CourseError, match="apt-get install bubblewrap"):
        sandbox.try_walls()
