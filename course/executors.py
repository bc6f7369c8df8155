"""Where submissions are marked: in processes of this machine, or on the workers of a Dask cluster."""

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from importlib.metadata import version
from typing import Any

from course.engine import workers
from course.errors import CourseError

COMPARED = ("nnx-course", "jax", "jaxlib", "flax", "optax", "numpy", "nbformat", "nbgrader", "cloudpickle")


class Executors:
    """An executor, and its successors where a worker that ended has broken it.

    Parameters
    ----------
    make : callable
        Makes a `concurrent.futures.Executor` whose workers can mark.
    width : int
        How many submissions it marks at once.
    """

    def __init__(self, make: Callable[[], Executor], width: int) -> None:
        self._make, self.width = make, width
        self._executor: Executor | None = None

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Submit a call, as `Executor.submit` does."""
        self._executor = self._executor or self._make()
        try:
            return self._executor.submit(function, *arguments)
        except BrokenExecutor:
            self._executor = self._make()
            return self._executor.submit(function, *arguments)

    def close(self, wait: bool = False) -> None:
        """Give up what has not been begun; wait, if asked to, until its workers are gone."""
        if self._executor is not None:
            self._executor.shutdown(wait=wait)
            self._executor = None

    def kill(self) -> None:
        """End workers of this machine with what they mark."""
        for child in multiprocessing.active_children():
            child.kill()
        self.close(wait=True)  # or Python's end may meet the thread that minds them, half gone


@contextlib.contextmanager
def executors(jobs: int, scheduler: str | None = None) -> Iterator[Executors]:
    """Executors of this machine, or of a cluster. What is being marked when this ends is given up.

    Parameters
    ----------
    jobs : int
        Processes of this machine.
    scheduler : str, optional
        The address of a Dask scheduler.

    Raises
    ------
    CourseError
        If the scheduler does not answer, has no workers, or these have other versions than this machine.
    """
    if scheduler is None:
        local = Executors(lambda: workers(jobs), jobs)
        try:
            yield local
        finally:
            local.kill()
        return
    from distributed import Client

    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(f"No Dask scheduler answers at {scheduler} ({error or type(error).__name__}).") from None
    with client:
        found = client.run(versions)
        if not found:
            raise CourseError(f"The scheduler at {scheduler} has no workers: start some with dask worker {scheduler}.")
        for worker, theirs in found.items():
            if other := {name: text for name, text in theirs.items() if text != versions()[name]}:
                name, text = next(iter(other.items()))
                raise CourseError(
                    f"The worker {worker} has {name} {text} and this machine {versions()[name]}: install the same lock on both."
                )
        threads = sum(client.nthreads().values())
        # Dask runs what a lost worker had on another one.
        with contextlib.closing(Executors(lambda: client.get_executor(pure=False), threads)) as remote:
            yield remote


def versions() -> dict[str, str]:
    """The versions on which marks depend, by package."""
    return {name: version(name) for name in COMPARED}
