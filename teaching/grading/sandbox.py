"""Walls around a student's code, and the way to ask it something from outside.

`Sandbox` starts bubblewrap once, with a process in it that has loaded what students import.
`Session` is one submission: its code runs in a fork of that process, in namespaces of its own,
without network, files, capabilities and most system calls, under limits (`Limits`). It is asked
by messages of plain data; whatever comes back is an answer and nothing more.
"""

import ctypes
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from helpers.checks.attempt import CHANGED
from helpers.checks.verdicts import Mistake
from teaching.grading.usage import below, usage
from teaching.grading.wire import BadMessage, Codec, receive, send, text

HERE = Path(__file__).parent
INSIDE = ("inside.py", "wire.py")
LONGEST_OUTPUT = 20_000
MOST_NAMES = 20  # of an error's types
LOOK_EVERY = 0.1  # seconds
BUSY = 1 / 10  # of the looks at what waits find it waiting for a processor: it does not compute
SLOWEST = 30  # times a limit may pass on the clock, on the busiest machine
FIRST_USER = 0x60000000  # far above the users of any machine
COURSE = "/course"  # where they are, behind the walls

# What a notebook never needs, and what could reach beyond its own walls: the kernel's keyrings
# and memory that no limit counts are shared by all who have the same user.
REFUSED_CALLS = """
    acct add_key bpf chroot delete_module fanotify_init finit_module fsconfig fsmount fsopen
    fspick get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup kcmp
    kexec_file_load kexec_load keyctl lookup_dcookie mbind memfd_create memfd_secret
    migrate_pages mount mount_setattr move_mount move_pages mq_open msgget name_to_handle_at
    nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root
    process_madvise process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot
    request_key semget set_mempolicy setns settimeofday shmget swapoff swapon syslog umount
    umount2 unshare userfaultfd vhangup
""".split()  # noqa: SIM905 (a list would be a page long)
NEW_NAMESPACE = 0x7E020080  # the flags of clone(2) that make one
SOCKETS = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: AF_NETLINK
EPERM, ENOSYS = 1, 38


class Refused(Exception):  # noqa: N818 (it says what was refused)
    """There can be no sandbox here; the text says what is missing and how to get it."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use: bytes, numbers, and seconds.

    Seconds are those of a processor, so that it makes no difference how busy the machine is.
    What waits for something else than a processor has as many on the clock.
    """

    memory: int = 2 * 2**30
    disk: int = 64 * 2**20
    processes: int = 32
    files: int = 256
    cpu: int = 300
    cell: float = 20.0  # for one cell to end
    call: float = 10.0  # for one call of a function to return
    exercise: float = 60.0  # for all calls of an exercise
    notebook: float = 120.0  # for all cells together
    submission: float = 300.0  # for all of these, and whatever is asked once more
    walls: bool = True  # without them, code runs in this process's name, and may what that may


def find_bubblewrap():
    """Return where bubblewrap is.

    Raises
    ------
    Refused
        If it is not installed.
    """
    found = shutil.which("bwrap")
    if sys.platform != "linux":
        raise Refused(
            "submissions are run behind the walls of Linux, and this is "
            f"{sys.platform}: grade in a virtual machine or a container of Linux"
        )
    if not found:
        raise Refused(
            "bubblewrap is missing, without which a submission could read and change what it "
            "likes. On Debian or Ubuntu: sudo apt install bubblewrap"
        )
    return found


def filter_of_calls():
    """Return a program for the kernel (BPF) that refuses `REFUSED_CALLS`.

    libseccomp makes it, which knows the numbers of the calls on each kind of processor.

    Raises
    ------
    Refused
        If libseccomp is not installed.
    """
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        raise Refused(
            "libseccomp is missing, without which a submission could ask the kernel for more "
            "than it should. On Debian or Ubuntu: sudo apt install libseccomp2"
        ) from None

    class Compared(ctypes.Structure):
        _fields_ = (
            ("arg", ctypes.c_uint),
            ("op", ctypes.c_int),
            ("a", ctypes.c_uint64),
            ("b", ctypes.c_uint64),
        )

    equal, greater, masked_equal = 4, 6, 7
    library.seccomp_init.restype = ctypes.c_void_p
    allow, refuse = 0x7FFF0000, 0x00050000
    rules = ctypes.c_void_p(library.seccomp_init(allow))

    def add(error, name, *compared):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number != -1:  # a call that this library has not heard of
            array = (Compared * len(compared))(*compared)
            failed = library.seccomp_rule_add_array(
                rules, refuse | error, number, len(compared), array
            )
            if failed:
                raise Refused(f"libseccomp has no rule for {name}: {os.strerror(-failed)}")

    for name in REFUSED_CALLS:
        add(EPERM, name)
    add(ENOSYS, "clone3")  # its flags cannot be looked at; the C library then takes clone
    for bit in range(32):
        flag = 1 << bit
        if NEW_NAMESPACE & flag:
            add(EPERM, "clone", Compared(0, masked_equal, flag, flag))
    for family in set(range(max(SOCKETS))) - set(SOCKETS):
        add(EPERM, "socket", Compared(0, equal, family, 0))
    add(EPERM, "socket", Compared(0, greater, max(SOCKETS), 0))
    with tempfile.TemporaryFile() as file:
        library.seccomp_export_bpf(rules, file.fileno())
        file.seek(0)
        program = file.read()
    library.seccomp_release(rules)
    return program


def environment():
    """Return the folders of Python: where they are, and by which links they are found."""
    folders = [Path(folder) for folder in (sys.base_prefix, sys.prefix)]
    return list(dict.fromkeys([*(folder.resolve() for folder in folders), *folders]))


def behind_walls():
    """Return the command that starts another behind the walls that all submissions share."""
    command = [find_bubblewrap(), "--die-with-parent", "--new-session", "--clearenv"]
    command += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--hostname", "exercises"]
    if os.getuid() == 0:  # until `inside.become` drops these two as well
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    command += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        if os.path.islink(f"/{name}"):
            command += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            command += ["--ro-bind", f"/{name}", f"/{name}"]
    command += ["--perms", "0755", "--dir", "/etc"]
    for name in (
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "alternatives",
        "fonts",
        "localtime",
    ):
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    made = {Path("/usr"), Path("/tmp"), Path("/")}
    for folder in environment():
        if not folder.is_relative_to("/usr"):
            for parent in reversed(folder.parents):
                if parent not in made:  # else bubblewrap makes it unreadable for others
                    command += ["--perms", "0755", "--dir", str(parent)]
                    made.add(parent)
            command += ["--ro-bind", str(folder.resolve()), str(folder)]
    command += ["--perms", "0755", "--dir", COURSE]
    for name in INSIDE:
        command += ["--ro-bind", str(HERE / name), f"{COURSE}/{name}"]
    variables = {
        "HOME": "/tmp",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp",
        "IPYTHONDIR": "/tmp",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # else sets have another order each time
        "PIP_NO_INDEX": "1",  # else `!pip install` tries for a long time to reach one
    }
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            variables[name] = os.environ[name]
    for name, value in variables.items():
        command += ["--setenv", name, value]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


class Closing:
    """Is closed at the end of a ``with`` block."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class Sandbox(Closing):
    """A process behind walls that is ready to be forked for a submission.

    Parameters
    ----------
    limits : Limits, optional

    Raises
    ------
    Refused
        If something that it needs is missing.
    """

    def __init__(self, limits=None):
        self.limits = limits or Limits()
        walls = self.limits.walls
        self._calls = b64encode(filter_of_calls()).decode() if walls else ""
        # Of root's processes each has a user of its own: processes are counted by user.
        uid = FIRST_USER + os.getpid() if walls and os.getuid() == 0 else None
        folder = COURSE if walls else HERE
        command = behind_walls() if walls else []
        # No module of the current folder or the user's.
        command += [sys.executable, "-P", "-s", f"{folder}/inside.py"]
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._control = ours
        try:
            ours.settimeout(60)
            send(ours, {"uid": uid})
            receive(ours)
        except (OSError, EOFError):
            self._process.kill()
            said = self._process.stderr.read().decode(errors="replace").strip()
            self.close()
            raise Refused(f"bubblewrap could not build its walls: {said}") from None
        self._waiting = [self._process.pid, *below(self._process.pid)][-1]  # it forks sessions

    def session(self, budget=None, **limits):
        """Return a new `Session`; `limits` are other than the sandbox's.

        Parameters
        ----------
        budget : Budget, optional
            That it shares with others.
        """
        limits = asdict(self.limits) | limits
        before = set(below(self._waiting, children=True))
        (ours, data), (our_life, life) = socket.socketpair(), socket.socketpair()
        session = Session(limits, limits["notebook"], ours, our_life, budget)
        with ExitStack() as if_it_fails:
            if_it_fails.callback(session.close)
            with data, life:
                send(self._control, limits | {"calls": self._calls})
                socket.send_fds(self._control, [b"+"], [data.fileno(), life.fileno()])
            session.expect_walls()
            session.is_of(set(below(self._waiting, children=True)) - before)
            if_it_fails.pop_all()
        return session

    def close(self):
        """End it, and whatever still runs in it."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()


class Ended(Mistake):
    """There is no answer, and will be none: what a submission's process did, in words.

    They follow the call in a message. `status` says it in a word or three.
    """

    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


class Budget:
    """The processor time that sessions share, in seconds."""

    def __init__(self, most):
        self.most, self._first, self._used = most, {}, {}

    def note(self, process, used):
        """Note what the meter of a process shows; the first time, it has used none."""
        self._used[process] = used - self._first.setdefault(process, used)

    @property
    def left(self):
        """How much none has used."""
        return self.most - sum(self._used.values())


class Session(Closing):
    """One submission's process, or a fork of one.

    Parameters
    ----------
    limits : dict
        As in `Limits`.
    seconds : float
        Of a processor, for all that it will be asked.
    data : socket.socket
        To it.
    life : socket.socket, optional
        To what ends it and all its forks.
    budget : Budget, optional
    process : int, optional
        Below which all of its processes are.

    Attributes
    ----------
    ended : Ended or None
        Why it answers no more.
    """

    def __init__(self, limits, seconds, data, life=None, budget=None, process=None):
        self._limits, self._data, self._life = limits, data, life
        self._budget = budget or Budget(limits["submission"])
        self._process, self.ended = process, None
        self._allow(seconds)

    def is_of(self, processes):
        """Say what its process is, of one that was just started."""
        self._process = min(processes, default=None)
        self._allow(self._most)

    def _allow(self, seconds):
        self._most = self._left = seconds
        self._from, _ = self.usage()

    def usage(self):
        """Return the processor time of all its processes, and whether one of them computes."""
        used, is_busy = usage(self._process)
        self._budget.note(self._process, used)
        return used, is_busy

    def expect_walls(self):
        """Wait until the walls stand, before any code of a student's runs.

        Raises
        ------
        Refused
            If one of them cannot be built.
        """
        for connection in (self._data, self._life):
            connection.settimeout(30)
            with suppress(EOFError, OSError):
                answer = receive(connection)
                if "ready" in answer:
                    return
                raise Refused(f"a wall cannot be built: {answer.get('wall')}")
        raise Refused("no process can be started behind the walls")

    def run(self, source):
        """Run a cell; return what it printed, and the exception that it raised, or None.

        Raises
        ------
        Ended
            If it did not end in time, or ended its process.
        """
        answer = self._asked({"op": "run", "source": source}, self._limits["cell"])
        error = answer.get("error")
        printed = text(str(answer.get("printed", "")), LONGEST_OUTPUT)
        return printed, None if error is None else named_error(error)

    def for_one_exercise(self):
        """Return this session, which from now on has the time to ask one exercise."""
        self._allow(self._limits["exercise"])
        return self

    def fork(self):
        """Return a copy of this session in its present state, to ask one exercise."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._asked({"op": "fork"}, self._limits["call"], descriptor=theirs.fileno())
        except Ended:
            ours.close()
            raise
        seconds, shared = self._limits["exercise"], (self._budget, self._process)
        return Session(self._limits, seconds, ours, None, *shared)

    def value(self, name):
        """Return what a name is bound to: a stand-in for a function, or plain data.

        Raises
        ------
        LookupError
            If it is not defined.
        Ended
            If the process is gone.
        """
        answer = self._asked({"op": "look", "name": name}, self._limits["call"])
        if answer.get("undefined"):
            raise LookupError(name)
        if answer.get("callable"):
            return Proxy(self, name)
        return self._read(Codec().decode, answer.get("value"))

    def call(self, name, args, options):
        """Return what a function answers, or raise what it raises; see `Proxy`."""
        codec = Codec()
        message = {
            "op": "ask",
            "name": name,
            "args": codec.encode(args),
            "options": codec.encode(options),
        }
        answer = self._asked(message, self._limits["call"], codec.functions)
        if "error" in answer:
            raise named_error(answer["error"])
        if answer.get("changed"):
            raise Mistake(CHANGED)
        self._read(move_on, codec.generators, answer.get("rngs"))
        return self._read(Codec().decode, answer.get("value"))

    def _asked(self, message, seconds, functions=(), descriptor=None):
        """Send a message and return the answer; call back what it asks to be called."""
        if self.ended:
            raise self.ended
        if self._left < seconds:  # as the clock says, which goes faster than a processor
            self._left = self._most - (self.usage()[0] - self._from)
        most, left = self._most, self._left
        if self._budget.left < left:
            most, left = self._budget.most, self._budget.left
        within = f"{seconds:g} seconds"
        if left < seconds:  # how much is left depends on the machine
            within = f"{most:g} seconds, with all that it was asked before"
        patience = Patience(self, self._data, min(seconds, left))
        try:
            self._data.settimeout(max(1.0, 2 * seconds))
            send(self._data, message)
            if descriptor is not None:
                socket.send_fds(self._data, [b"+"], [descriptor])
            while "call" in (answer := receive(self._data, patience.wait)):
                with patience.charged():
                    reply = self._called(functions, answer)
                send(self._data, reply)
        except TimeoutError:
            self._end("timed out", f"did not end within {within}.")
        except (OSError, EOFError):
            self._end(*self._report())
        except BadMessage as bad:
            self._end("bad answer", f"gave an answer that cannot be read: {bad}.")
        self._left -= patience.used
        return answer

    def _called(self, functions, message):
        """Return the answer to a call of one of our functions."""
        try:
            args = Codec().decode(message.get("args"))
            with np.errstate(all="ignore"):
                return {"value": Codec().encode(functions[message["call"]](*args))}
        except Exception as error:  # whatever it was called with
            return {"error": [[type(error).__name__], str(error)]}

    def _read(self, reader, *content):
        try:
            return reader(*content)
        except BadMessage as bad:
            self._end("bad answer", f"gave an answer that cannot be read: {bad}.")

    def _report(self):
        """Return why the process is gone, as far as that is known."""
        with suppress(OSError, EOFError, BadMessage):
            if self._life:
                self._life.settimeout(2)
                if receive(self._life).get("why") == "memory":
                    return "out of memory", "needed more memory than there is for it."
        return "crashed", "ended its own process."

    def _end(self, status, words):
        self.ended = Ended(status, words)
        self.close()
        raise self.ended

    def close(self):
        """Stop it, and all its forks if it is none."""
        if self._life and self._life.fileno() != -1:
            self.usage()
        self._data.close()
        if self._life:
            self._life.close()


class Patience:
    """Waits for an answer while its session computes, and not much longer.

    An answer that comes at once costs no look at the session's processes.

    Parameters
    ----------
    session : Session
    connection : socket.socket
        Where the answer comes.
    seconds : float
        Of a processor.
    """

    def __init__(self, session, connection, seconds):
        self._session, self._seconds = session, seconds
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN | select.POLLHUP)
        self._start = self._looked = time.monotonic()
        self._ours = 0.0  # what the session had us compute
        self._before = None
        self._looks = self._busy = 0

    @property
    def used(self):
        """Processor time, or what the clock says before the first look."""
        if self._before is None:
            return time.monotonic() - self._start
        return self._session.usage()[0] - self._before + self._ours

    def wait(self):
        """Return when something has come.

        Raises
        ------
        TimeoutError
            If nothing comes in time; or if it never stops coming.
        """
        every = min(LOOK_EVERY, self._seconds)
        while True:
            if time.monotonic() - self._looked >= every:
                self._look()
            if self._poll.poll(1000 * max(0.0, every)):
                return

    def _look(self):
        """Raise `TimeoutError` if time is up."""
        now = time.monotonic()
        used, is_busy = self._session.usage()
        if self._before is None:  # until now it has computed all of the time, as far as we know
            self._before = used - min(now - self._start, LOOK_EVERY)
        self._looked, elapsed = now, now - self._start
        self._looks, self._busy = self._looks + 1, self._busy + is_busy
        waits = elapsed >= self._seconds and self._busy <= BUSY * self._looks
        if used - self._before + self._ours >= self._seconds or waits:
            raise TimeoutError
        if elapsed >= SLOWEST * self._seconds:
            raise TimeoutError

    @contextmanager
    def charged(self):
        """Count the processor time of this process, too."""
        start = time.process_time()
        yield
        self._ours += time.process_time() - start


def move_on(rngs, states):
    """Leave generators in the states in which a student's code left its copies of them."""
    if not isinstance(states, list) or len(states) != len(rngs):
        raise BadMessage("the generators are missing")
    for rng, content in zip(rngs, states, strict=True):
        moved = Codec().decode_state(content).bit_generator
        if type(moved) is not type(rng.bit_generator):
            raise BadMessage("a generator is of another kind")
        rng.bit_generator.state = moved.state
        seed = rng.bit_generator.seed_seq
        seed.spawn(max(0, moved.seed_seq.n_children_spawned - seed.n_children_spawned))


# What a student's code can raise, as far as a check tells errors apart; but for those that need
# more than a message.
ERRORS = {
    name: kind
    for name, kind in vars(__import__("builtins")).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not (issubclass(kind, UnicodeError | ExceptionGroup) and kind is not UnicodeError)
}


class OfTheStudent:
    """Marks the errors that a student's code has raised."""


def named_error(content):
    """Return an exception of the same name and message, and of the nearest built-in type.

    Parameters
    ----------
    content : list
        The names of the error's types, the nearest first, and its message.
    """
    try:
        names, words = content
        names, words = [text(name, 80) for name in names[:MOST_NAMES]], text(words, 500)
    except (TypeError, ValueError):
        names, words = ["Error"], ""
    nearest = next((ERRORS[name] for name in names if name in ERRORS), Exception)
    # A KeyError would put its message between quotation marks, once more.
    own = {"__str__": lambda error: words}
    kind = type(names[0] if names else "Error", (nearest, OfTheStudent), own)
    return kind(words) if words else kind()


class Proxy:
    """Stands for a student's function: ``proxy(*args, **options)`` calls it behind the walls.

    The arguments are sent, and plain data come back. A generator among the arguments is left in
    the state in which the function left it. A `Mistake` is raised if the function changes
    another argument, or gives no answer.
    """

    def __init__(self, session, name):
        self._session, self.__name__ = session, name

    def __call__(self, *args, **options):  # noqa: D102 (the class says it)
        return self._session.call(self.__name__, args, options)
