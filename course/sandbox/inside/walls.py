"""The walls around one submission: every system call that the course makes by hand, each with its reason.

Bubblewrap has put walls around the fork server. A child enters namespaces of its own, so that
siblings are walled from each other and from the server, and then gives up every privilege for good.
Constants are those of Linux (include/uapi); x86-64 and arm64 share all that are used here.
"""

import ctypes
import os
import resource
import signal
import struct

_libc = ctypes.CDLL(None, use_errno=True)

# A user namespace of its own gives a process the right to make the others, as an ordinary user too.
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
CLONE_THREAD = 0x00010000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITY_VERSION_3 = 0x20080522

# A submission gets threads and no processes: without memory cgroups a limit binds one process only.
# The rest opens doors in the kernel that no notebook needs.
FORBIDDEN_CALLS = (
    *("fork", "vfork", "execve", "execveat"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal"),
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount"),
    *("mount_setattr", "name_to_handle_at", "open_by_handle_at", "mknod", "mknodat", "swapon", "swapoff", "quotactl"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("keyctl", "add_key", "request_key", "init_module", "finit_module", "delete_module", "kexec_load", "reboot"),
    # Memory that no limit of the process counts.
    *("memfd_create", "memfd_secret", "shmget", "shmat", "semget", "msgget", "mq_open"),
)


def fork_into_namespaces() -> tuple[int, int]:
    """Fork, with the child in namespaces of its own and as process 1 there: with it, all that it started ends.

    A process that unshares its process ids stays outside itself, so a keeper in between does that. It mirrors
    how the child ends.

    Returns
    -------
    tuple of int
        In the caller: the keeper's process id, to wait for, and the child's, to send signals to. In the child: (0, 0).

    Raises
    ------
    OSError
        If the kernel refuses new namespaces.
    """
    reader, writer = os.pipe()
    keeper = os.fork()
    if keeper:
        os.close(writer)
        with open(reader, "rb") as pipe:
            answer = pipe.read()
        if len(answer) != struct.calcsize("i"):
            os.waitpid(keeper, 0)
            raise OSError(answer.decode() or "the child ended before it began")
        return keeper, struct.unpack("i", answer)[0]
    os.close(reader)
    try:
        uid, gid = os.getuid(), os.getgid()
        if _libc.unshare(NAMESPACES) != 0:
            raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        child = os.fork()
    except OSError as error:
        os.write(writer, str(error).encode())
        os._exit(1)
    if child == 0:
        os.close(writer)
        return 0, 0
    os.write(writer, struct.pack("i", child))
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])  # the child alone holds its socket
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent, of this process id, ends: nothing else would. On Linux."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)


def enter(folders: list[str], tmpfs_bytes: int) -> None:
    """Finish the child's namespaces: empty folders that it may write to, and no /proc.

    Parameters
    ----------
    folders : list of str
        Each becomes a memory file system of its own.
    tmpfs_bytes : int
        The room in each.

    Raises
    ------
    OSError
        If the kernel refuses one of them.
    """
    for folder in folders:
        _mount("tmpfs", folder, MS_NOSUID | MS_NODEV, f"size={tmpfs_bytes},nr_inodes=10k,mode=0755")
    # The server's /proc would show siblings and the memory of each. A new one is often refused (the kernel's
    # mount_too_revealing, where the outer one is covered in part, as in containers), and nothing here needs one.
    _mount("tmpfs", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,mode=0555")


def _mount(kind: str, target: str, flags: int, options: str) -> None:
    if _libc.mount(kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount {kind} on {target}: {os.strerror(error)}")


def bound(limits: dict[str, int]) -> None:
    """Set the process's limits. `limits` has memory, file_size (bytes), cpu (seconds), files and threads (counts)."""
    for kind, value in (
        (resource.RLIMIT_NPROC, limits["threads"]),  # does not bind uid 0, whose threads the memory bounds
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def renounce() -> None:
    """Give up capabilities, the way to get new ones, and the calls that no notebook needs. There is no way back."""
    import pyseccomp  # not on macOS

    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in FORBIDDEN_CALLS:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:  # some are not on every machine
            rules.add_rule(pyseccomp.ERRNO(1), name)
    # glibc asks for a thread with clone3 first, whose flags a filter cannot see: "not implemented" makes it use clone.
    rules.add_rule(pyseccomp.ERRNO(38), "clone3")
    rules.add_rule(pyseccomp.ERRNO(1), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0))
    rules.load()
