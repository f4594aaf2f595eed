"""What runs behind the walls: ``python inside.py FD``, started by `sandbox`.

The first process loads what students import and then waits. For each submission it forks a
*supervisor*, which forks the *worker* as the first process in namespaces of its own, and ends
all that is in there when the judge hangs up or too much memory is in use. The worker builds its
walls, and then runs a student's cells and answers questions (`wire`). It may fork itself, so
that each exercise is asked in the state that the notebook had at its check.

The worker's process is the student's: nothing here that runs in it is trusted.
"""

import contextlib
import ctypes
import io
import marshal
import os
import re
import resource
import select
import signal
import socket
import struct
import sys
from base64 import b64decode
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

sys.path.insert(0, os.path.dirname(__file__))

import numpy as np
from wire import BadMessage, Codec, receive, send, text

HOME = "/tmp"
LONGEST_OUTPUT = 20_000
LONGEST_ERROR = 500
WATCHED_EVERY = 0.05  # seconds

libc = ctypes.CDLL(None, use_errno=True)

# From <sched.h>, <sys/mount.h> and <sys/prctl.h>.
NAMESPACES = {
    "user": 0x10000000,
    "mount": 0x20000,
    "process": 0x20000000,
    "network": 0x40000000,
    "ipc": 0x8000000,
    "host name": 0x4000000,
    "cgroup": 0x2000000,
}
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 1, 2, 4, 8, 0x1000, 0x4000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
CAPABILITIES = 64  # more than there are


def main(control_fd):
    """Load what students import, and then fork a supervisor for each request."""
    control = socket.socket(fileno=control_fd)
    become(receive(control)["uid"])
    shell = make_shell()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send(control, {"ready": True})
    os.dup2(os.open(os.devnull, os.O_RDWR), 2)  # nobody reads what would fill it
    while True:
        try:
            limits = receive(control)
        except EOFError:
            return
        _, (data_fd, life_fd), _, _ = socket.recv_fds(control, 1, 2)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            data, life = socket.socket(fileno=data_fd), socket.socket(fileno=life_fd)
            try:
                supervise(data, life, limits, shell)
            except OSError as error:
                send(life, {"wall": str(error)})
            os._exit(0)
        os.close(data_fd)
        os.close(life_fd)


def become(uid):
    """Leave root for a user that owns nothing; not to be undone."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # Else its files in /proc, which a new user namespace is set up by, stay root's.
        checked(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def make_shell():
    """Return an IPython shell with what students import loaded."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui=None):
            """Accept ``%matplotlib inline``; there is no screen."""

    # A history would be a file that all submissions hold open.
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.showtraceback = lambda *args, **options: None
    shell.run_cell("import numpy as np; np.eye(2) @ np.eye(2)", silent=True)
    shell.reset(new_session=True)
    sys.meta_path.insert(0, Helpers)
    return shell


# The walls


def supervise(data, life, limits, shell):
    """Run a worker behind walls, and tell why it ended; see the module."""
    if limits["walls"]:
        user = os.getuid(), os.getgid()
        enter("user")
        map_user(*user)
        enter("process")
    before = memory_in_use()
    worker = os.fork()
    if worker == 0:
        try:
            life.close()
            if limits["walls"]:
                confine(limits)
        except OSError as error:
            send(data, {"wall": str(error)})
            os._exit(1)
        send(data, {"ready": True})
        serve(data, shell)
        os._exit(0)
    data.close()
    report = watch(worker, life, before + limits["memory"])
    with contextlib.suppress(OSError):  # the judge has hung up
        send(life, report)


def enter(namespace):
    """Make a new namespace of this kind."""
    checked(libc.unshare(NAMESPACES[namespace]), f"namespace: {namespace}")


def checked(failed, what):
    """Raise if a call of the C library failed."""
    if failed:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def map_user(uid, gid):
    """Be the same user in the new user namespace as outside."""
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(content)


def private(folder, size):
    """Put an empty folder over this one, of the submission's own."""
    flags = MS_NOSUID | MS_NODEV
    options = f"size={size},nr_inodes=4096,mode=0700".encode()
    checked(libc.mount(b"tmpfs", folder.encode(), b"tmpfs", flags, options), folder)


def environment_below(folder):
    """Return the folders of Python that are below another, each with an open descriptor."""
    prefixes = {os.path.realpath(path) for path in (sys.prefix, sys.base_prefix)}
    below = sorted(path for path in prefixes if path.startswith(f"{folder}/"))
    return {path: os.open(path, os.O_PATH | os.O_DIRECTORY) for path in below}


def show_again(hidden):
    """Put folders back in their places, which an empty one has covered; none can be written."""
    for path, descriptor in hidden.items():
        os.makedirs(path, 0o755, exist_ok=True)
        source, flags = f"/proc/self/fd/{descriptor}".encode(), MS_BIND | MS_REC
        checked(libc.mount(source, path.encode(), None, flags, None), path)
        os.close(descriptor)


def confine(limits):
    """Give up, in the worker, what a student's code does not need."""
    for namespace in ("mount", "network", "ipc", "host name", "cgroup"):
        enter(namespace)
    hidden = environment_below(HOME)
    private(HOME, limits["disk"])
    show_again(hidden)
    private("/dev/shm", limits["disk"])
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # if the machine runs out of memory, this goes first
    unused = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC
    checked(libc.mount(b"tmpfs", b"/proc", b"tmpfs", unused, b"size=4k,mode=0555"), "/proc")
    os.chdir(HOME)
    os.setsid()  # else a signal to its group reaches the processes out there
    for limit, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["disk"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    checked(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "death with the parent")
    for capability in range(CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, nothing = struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *[0] * 6)
    checked(libc.capset(header, nothing), "capabilities")
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    refuse_calls(b64decode(limits["calls"]))


def refuse_calls(program):
    """Let the kernel refuse the calls that this filter says."""
    if program:
        kept = ctypes.create_string_buffer(program)
        filter_ = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
        mode = ctypes.c_ulong(2)  # SECCOMP_MODE_FILTER
        checked(libc.prctl(PR_SET_SECCOMP, mode, filter_, 0, 0), "filter of system calls")


def watch(worker, life, memory):
    """Wait until the worker ends, or end it when the judge hangs up or memory is out."""
    poll = select.poll()
    poll.register(life, select.POLLIN | select.POLLHUP)
    why = None
    while not why:
        if poll.poll(1000 * WATCHED_EVERY):
            why = "stopped"
        elif memory_in_use(memory) > memory:
            why = "memory"
        elif os.waitpid(worker, os.WNOHANG)[0]:
            return {"why": None}
    # As the first process of its namespace it takes all others with it.
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    return {"why": why}


def memory_in_use(at_most=0):
    """Return how many bytes of memory all processes behind the walls hold together.

    What processes share is counted for each of them, which is quickly done; if that makes more
    than `at_most`, it is counted once.
    """
    page, total = os.sysconf("SC_PAGESIZE"), 0
    for words in contents("statm"):
        total += page * int(words.split()[1])
    if total > at_most:
        parts = re.findall(
            r"^Pss_(?:Anon|Shmem): +(\d+)", "".join(contents("smaps_rollup")), re.M
        )
        total = 1024 * sum(map(int, parts))
    return total


def contents(name):
    """Yield what this file of each process says."""
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if entry.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/{name}") as file:
                yield file.read()


# The worker


class Printed(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, words):
        """Write while there is room; say that all of it was written."""
        room = LONGEST_OUTPUT - self.tell()
        if room > 0:
            super().write(words[:room])
        return len(words)


class Helpers:
    """Finds stand-ins for the course's package, which is not behind the walls.

    Its ready-made functions do not count as an answer, and say so when they are called; its
    checks do nothing, since the judge has its own.
    """

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        """Return how to import a module of `helpers`."""
        if name.split(".")[0] == "helpers":
            return ModuleSpec(name, cls, is_package=True)
        return None

    @staticmethod
    def create_module(spec):
        """Return a module in which any name can be found."""
        module = ModuleType(spec.name)
        module.__getattr__ = lambda name: stand_in(spec.name, name)
        return module

    @staticmethod
    def exec_module(module):
        """Do nothing more."""


def stand_in(module, name):
    """Return what stands for what a module of `helpers` holds."""
    if name.startswith("__"):
        raise AttributeError(name)
    if module == "helpers":
        return import_module(f"helpers.{name}")

    def function(*args, **options):
        if module != "helpers.checks":
            raise RuntimeError(f"{module}.{name} is ready-made: it does not count as an answer")

    function.__name__ = name
    return function


def serve(data, shell):
    """Answer the judge's messages until it hangs up."""
    answers = {"run": run, "ask": ask, "look": look}
    process = os.getpid()
    with contextlib.suppress(EOFError, OSError, BadMessage):
        while True:
            message = receive(data)
            if message["op"] == "fork":
                data, process = forked(data)
                continue
            answer = answers[message["op"]](data, shell, message)
            if os.getpid() != process:  # the code forked, and this is not the process it was
                return
            send(data, answer)


def forked(data):
    """Fork; return this process's connection, in the child a new one, and its number."""
    _, (fd,), _, _ = socket.recv_fds(data, 1, 1)
    if os.fork() == 0:
        data.close()
        return socket.socket(fileno=fd), os.getpid()
    os.close(fd)
    send(data, {"forked": True})
    return data, os.getpid()


def run(data, shell, message):
    """Run a cell; tell what it printed and how it failed, if it did."""
    printed = Printed()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        result = shell.run_cell(message["source"], store_history=False)
    error = result.error_before_exec or result.error_in_exec
    return {"printed": printed.getvalue(), "error": error and described(error)}


def look(data, shell, message):
    """Tell what a name is bound to."""
    if message["name"] not in shell.user_ns:
        return {"undefined": True}
    value = shell.user_ns[message["name"]]
    return {"callable": True} if callable(value) else {"value": Codec(refuse).encode(value)}


def refuse(index, args):
    """Nothing can be called here."""
    raise TypeError("not callable")


def ask(data, shell, message):
    """Call a student's function; tell what it returned or raised, and what else it changed."""

    def callback(index, args):
        send(data, {"call": index, "args": Codec(refuse).encode(args)})
        reply = receive(data)
        if "error" in reply:
            raise ValueError(": ".join((*reply["error"][0], reply["error"][1])))
        return Codec(refuse).decode(reply["value"])

    codec = Codec(callback)
    args, options = codec.decode(message["args"]), codec.decode(message["options"])
    given = list(codec.generators)
    before = arguments(args)
    try:
        with contextlib.redirect_stdout(Printed()), contextlib.redirect_stderr(Printed()):
            value = Codec(refuse).encode(shell.user_ns[message["name"]](*args, **options))
    except BaseException as error:
        return {"error": described(error)}
    return {
        "value": value,
        "changed": arguments(args) != before,
        "rngs": [Codec(refuse).encode_state(rng) for rng in given],
    }


def arguments(args):
    """Return arguments in a form that shows whether they were changed; generators may be."""
    kept = [Codec(refuse).encode(a) for a in args if not isinstance(a, np.random.Generator)]
    return marshal.dumps(kept)


def described(error):
    """Return the names of an error's types, the nearest first, and its message."""
    names = [kind.__name__ for kind in type(error).__mro__]
    try:
        words = str(error)
    except BaseException:
        words = ""
    return [names, text(words, LONGEST_ERROR)]


if __name__ == "__main__":
    main(int(sys.argv[1]))
