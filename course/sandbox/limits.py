"""What a submission may use."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds for one submission.

    Parameters
    ----------
    memory : int
        Address space in bytes. A process with jax in it takes 1.75 GB of addresses before it computes anything,
        so 2 GiB is tight and 4 GiB gives room.
    cpu : int
        Seconds of processor time for the whole submission.
    cell : int
        Seconds of wall time for one cell.
    submission : int
        Seconds of wall time for the whole submission.
    output : int
        Bytes of output that are kept of one cell; the rest is cut.
    call : int
        Seconds of wall time for one call by a check.
    call_memory : int
        Address space in bytes during such a call: fewer than `memory`, so that the kernel can still answer.
    answer : int
        Bytes of what one call brings back.
    tmpfs : int
        Bytes of files that it may write (in memory), in its folder and again in /tmp.
    file_size : int
        Bytes of one file.
    files : int
        Open files.
    threads : int
        Threads, all of the user's together on an old kernel (before 5.14). They do not bind root.
    """

    memory: int = 4 * 2**30
    cpu: int = 300
    cell: int = 120
    submission: int = 600
    output: int = 2**20
    call: int = 20
    call_memory: int = 7 * 2**29
    answer: int = 6 * 2**20
    tmpfs: int = 64 * 2**20
    file_size: int = 32 * 2**20
    files: int = 256
    threads: int = 1024

    def as_dict(self) -> dict[str, int]:
        """The limits by name."""
        return asdict(self)
