"""What must not be possible behind the walls: each function tries it, and fails if it is.

`walls` runs this file there, as a submission's cell.
"""

import contextlib
import ctypes
import mmap
import os
import resource
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
MEGABYTE = 2**20


def refused(action, *args):
    """Return whether an action fails; that it is missing is failure enough."""
    try:
        action(*args)
    except (OSError, MemoryError, ValueError):
        return True
    return False


def network(port):
    """No address is reached, not even on this machine."""
    for address in (("127.0.0.1", port), ("::1", port), ("192.0.2.1", 80)):
        assert refused(socket.create_connection, address, 0.2), f"{address} answers"
    assert refused(socket.socket, 40, socket.SOCK_STREAM), "there are sockets to the host"


def files(hidden):
    """Nothing is written but in a folder of its own, and the course is not there."""
    for folder in ("/", "/usr", "/dev", "/etc", "/proc", "/course", sys.prefix):
        path = os.path.join(folder, "a_file")
        assert refused(open, path, "w"), f"{path} can be written"
    for path in hidden:
        assert not os.path.exists(path), f"{path} can be seen"
    python = {
        path.split("/")[2] for path in (sys.prefix, sys.base_prefix) if path[:5] == "/tmp/"
    }
    assert set(os.listdir("/tmp")) <= python, "there are files of others"
    assert os.listdir("/dev/shm") == [], "there are files of others"
    with open("/tmp/a_file", "w") as file:
        file.write("a note to the next one")
    with open("/dev/shm/a_file", "w") as file:
        file.write("a note to the next one")


def processes():
    """No process of others is seen."""
    assert os.getppid() in (0, 1), "its parent has a number here"
    assert os.listdir("/proc") == [], "there is a list of processes"
    assert refused(os.kill, 2, 0) or os.getpid() == 2, "there is another process"


def user():
    """Run as the user nobody, without any privilege."""
    header, capabilities = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, capabilities) == 0
    assert not any(capabilities), "it has capabilities"
    assert os.getuid() != 0, "it is root"
    assert refused(os.setuid, 0), "it can become root"
    assert libc.unshare(0x10000000) != 0, "it can make a namespace, and be root there"
    assert libc.prctl(39, 0, 0, 0, 0) == 1, "it may gain privileges"


def system_calls():
    """No system call is allowed that a notebook never needs."""
    for name, args in (
        ("ptrace", (0, 0, 0, 0)),
        ("mount", (b"none", b"/tmp", b"tmpfs", 0, None)),
        ("memfd_create", (b"a", 0)),
        ("shmget", (0, 4096, 0o1600)),
    ):
        assert getattr(libc, name)(*args) == -1, f"{name} is allowed"
    assert libc.syscall(keyctl_number(), 0, -4, 1) == -1, "keyctl is allowed"


def keyctl_number():
    """Return the number of a system call for which the C library has no function."""
    return {"x86_64": 250, "aarch64": 219}.get(os.uname().machine, 250)


def environment(names):
    """No variable of the judge's is there."""
    for name in names:
        assert name not in os.environ, f"{name} can be read"


def limits(memory, disk, processes, files, cpu):
    """Memory, disk, processes, files and time are limited, and the limits cannot be raised."""
    for name, limit, most in (
        ("memory", resource.RLIMIT_AS, memory),
        ("time", resource.RLIMIT_CPU, cpu),
        ("processes", resource.RLIMIT_NPROC, processes),
        ("files", resource.RLIMIT_NOFILE, files),
        ("disk", resource.RLIMIT_FSIZE, disk),
    ):
        assert resource.getrlimit(limit) == (most, most), f"there is no limit of {name}"
        assert refused(resource.setrlimit, limit, (most + 1, most + 1)), f"more {name} is given"
    assert refused(mmap.mmap, -1, memory), "more memory is given"
    assert refused(fill, "/tmp", disk), "the disk has no end"
    assert refused(fill, "/dev/shm", disk), "shared memory has no end"
    assert refused(open_many, files), "there is no limit of open files"
    assert refused(fork_many, processes), "there is no limit of processes"


def fill(folder, size):
    """Write more than `size` bytes into a folder."""
    try:
        for part in range(2):
            with open(f"{folder}/part{part}", "wb") as file:
                for _ in range(size // MEGABYTE // 2 + 1):
                    file.write(b"x" * MEGABYTE)
    finally:
        for part in range(2):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"{folder}/part{part}")


def open_many(files):
    """Open more than `files` files."""
    opened = []
    try:
        for _ in range(files + 1):
            opened.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for file in opened:
            os.close(file)


def fork_many(processes):
    """Start more than `processes` processes."""
    children = []
    try:
        for _ in range(processes + 1):
            child = os.fork()
            if child == 0:
                import time

                time.sleep(60)
                os._exit(0)
            children.append(child)
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)
