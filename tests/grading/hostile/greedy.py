"""Submissions that take more than their share: of time, memory, processes, output and disk."""

from tests.grading.hostile.submission import (
    answering,
    file,
    harmless,
    hostile,
    own,
    solved,
    submission,
)

SLOW = "timed out"
FULL = "out of memory"
ENDED = "crashed"
BAD = "bad answer"
OK = "graded"

TIME = [
    hostile("endless loop", "run for ever", "while True: pass", SLOW, phrase="did not end"),
    harmless("endless loop in an own cell", "run for ever", "while True: pass", SLOW),
    harmless(
        "four endless loops in own cells",
        "run for ever, again and again",
        """
        while True: pass
        """,
        SLOW,
    )._replace(
        data=answering(
            above=dict.fromkeys(("he_normal", "gain", "dead_fraction"), "while True: pass"),
            below={"dead_fraction": "while True: pass"},
        )
    ),
    hostile(
        "endless loop in the function",
        "run for ever when asked",
        """
        def gain(phi):
            while True:
                pass
        """,
        SLOW,
        phrase="did not end within",
    ),
    hostile(
        "deaf to signals",
        "run for ever and ignore whatever can be ignored",
        """
        import signal, time
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            time.sleep(1)
        """,
        SLOW,
    ),
    hostile(
        "deaf to signals in the function",
        "run for ever when asked, and ignore whatever can be ignored",
        """
        import signal, time
        def gain(phi):
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            while True:
                try:
                    while True:
                        time.sleep(1)
                except BaseException:
                    pass
        """,
        SLOW,
    ),
    hostile("sleep", "use no time but on the clock", "import time; time.sleep(10**6)", SLOW),
    hostile(
        "sleep in the function",
        "use no time but on the clock",
        """
        import time
        def gain(phi):
            time.sleep(10**6)
        """,
        SLOW,
    ),
    harmless(
        "a thread that burns time",
        "go on in the background",
        """
        import threading
        def burn():
            while True:
                pass
        threading.Thread(target=burn, daemon=True).start()
        """,
    ),
    hostile(
        "deadlock",
        "wait for itself",
        """
        import threading
        lock = threading.Lock()
        def gain(phi):
            with lock, lock:
                return 1.0
        """,
        SLOW,
    ),
    hostile(
        "waits for an endless thread",
        "be ended by nothing that the main thread sees",
        """
        import threading, time
        thread = threading.Thread(target=time.sleep, args=(10**6,))
        thread.start()
        thread.join()
        """,
        SLOW,
    ),
    hostile(
        "endless C code",
        "loop where no signal of Python's is looked at",
        """
        import itertools
        def gain(phi):
            return sum(itertools.repeat(0))
        """,
        SLOW,
    ),
    hostile(
        "a huge power",
        "compute in one step for ever",
        """
        def gain(phi):
            return 7 ** 7 ** 10
        """,
        SLOW,
        FULL,
        OK,
    ),
    hostile(
        "endless recursion",
        "use up the stack",
        """
        def gain(phi):
            return gain(phi)
        """,
        phrase="RecursionError",
    ),
    hostile(
        "endless recursion in C",
        "overflow the stack of the machine",
        """
        import sys
        sys.setrecursionlimit(10**9)
        def gain(phi):
            return gain(phi)
        """,
        ENDED,
        OK,
        FULL,
        SLOW,
    ),
    hostile(
        "an answer that comes late",
        "take nearly all the time there is, for each call",
        """
        import time
        def gain(phi):
            time.sleep(1.2)
            return 1.0
        """,
        phrase="times what it should be",
    ),
]

MEMORY = [
    hostile(
        "10 GB at once",
        "take all memory",
        "block = np.ones(10 * 2**30, np.uint8)",
        phrase="MemoryError",
    ),
    hostile(
        "10 GB at once in the function",
        "take all memory",
        """
        def gain(phi):
            return np.ones(10 * 2**30, np.uint8).sum()
        """,
        phrase="MemoryError",
    ),
    hostile(
        "memory piece by piece",
        "take all memory slowly, and never stop",
        """
        hoard = []
        while True:
            try:
                hoard.append(bytearray(b"x" * 2**22))
            except MemoryError:
                pass
        """,
        SLOW,
        FULL,
    ),
    hostile(
        "memory through many children",
        "share out what one process may not have",
        """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                block = b"x" * (120 * 2**20)
                time.sleep(10**6)
        time.sleep(10**6)
        """,
        FULL,
        SLOW,
    ),
    hostile(
        "memory shared by many children",
        "hold what is counted as no process's own",
        """
        import mmap, os, time
        for _ in range(6):
            if os.fork() == 0:
                block = mmap.mmap(-1, 120 * 2**20)
                for _ in range(12):
                    block.write(b"x" * (10 * 2**20))
                time.sleep(10**6)
        time.sleep(10**6)
        """,
        FULL,
        SLOW,
    ),
    hostile(
        "memory through many children in the function",
        "share out what one process may not have, when asked",
        """
        import os, time
        def gain(phi):
            for _ in range(6):
                if os.fork() == 0:
                    block = b"x" * (120 * 2**20)
                    time.sleep(10**6)
            time.sleep(10**6)
        """,
        FULL,
        SLOW,
    ),
    harmless(
        "fills /dev/shm and /tmp",
        "take memory as files",
        """
        for folder in ("/dev/shm", "/tmp", "/dev/mqueue", "/run", "/var/tmp"):
            try:
                for i in range(10**4):
                    with open(f"{folder}/{i}", "wb") as file:
                        file.write(b"x" * 2**20)
            except OSError as error:
                print(error)
        """,
    ),
    harmless(
        "memory without a process",
        "take memory by memfd_create and by System V's shared memory",
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        held = []
        for _ in range(100):
            try:
                held.append(os.memfd_create("hoard"))
                os.write(held[-1], b"x" * 2**26)
            except OSError as error:
                print(error)
                break
        print(libc.shmget(0, 2**26, 0o1666), ctypes.get_errno())
        """,
    ),
    harmless(
        "fills pipes and sockets",
        "take the kernel's memory",
        """
        import fcntl, os, socket
        held = []
        try:
            while True:
                out, into = os.pipe()
                held += [out, into]
                os.set_blocking(into, False)
                try:
                    fcntl.fcntl(into, 1031, 2**20)
                except OSError:
                    pass
                os.write(into, b"x" * 2**20)
        except OSError as error:
            print(error)
        for fd in held:
            os.close(fd)
        pairs = []
        try:
            while True:
                pairs.append(socket.socketpair())
                pairs[-1][0].setblocking(False)
                try:
                    while True:
                        pairs[-1][0].send(b"x" * 2**16)
                except BlockingIOError:
                    pass
        except OSError as error:
            print(error)
        del pairs
        """,
    ),
    *(
        hostile(
            f"answer: {what}",
            "be too much for who reads it",
            f"""
            def gain(phi):
                {code}
            """,
            *statuses,
        )
        for what, code, statuses in (
            ("500 MB", "return np.ones(500 * 2**20 // 8)", (OK, BAD, FULL)),
            ("20 MB", "return np.ones(20 * 2**20 // 8)", (BAD,)),
            ("a list of 10 million", "return [0] * 10**7", (BAD, OK, FULL, SLOW)),
            ("a list of 2 million", "return [0] * 2 * 10**6", (OK, SLOW)),
            ("a text of 100 MB", "return '1' * 10**8", (BAD, OK, FULL, ENDED)),
            ("a text of 10 MB", "return '1' * 10**7", (OK,)),
            ("an integer of a million digits", "return 10 ** 10**6", (OK,)),
            ("nan", "return float('nan')", (OK,)),
            ("infinity", "return float('inf')", (OK,)),
            ("an endless iterator", "return iter(int, 1)", (OK,)),
            ("the largest of floats", "return 1.7e308 * (1 + 0j)", (OK,)),
            (
                "nested ten thousand deep",
                "a = []\n                for _ in range(10**4): a = [a]\n                return a",
                (OK, BAD),
            ),
            (
                "a list in itself",
                "a = []\n                a.append(a)\n                return a",
                (OK, BAD),
            ),
            (
                "a wide tree of itself",
                "a = [0]\n                for _ in range(40): a = [a] * 20\n                return a",
                (OK, BAD, FULL, SLOW),
            ),
        )
    ),
]

PROCESSES = [
    hostile(
        "fork bomb",
        "fill the table of processes",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        SLOW,
        FULL,
    ),
    hostile(
        "fork bomb in the function",
        "fill the table of processes when asked",
        """
        import os
        def gain(phi):
            while True:
                try:
                    os.fork()
                except OSError:
                    pass
        """,
        SLOW,
        FULL,
    ),
    harmless(
        "fork bomb of the shell",
        "fill the table of processes",
        """
        %%bash
        bomb() { bomb | bomb & }
        bomb
        """,
        OK,
        SLOW,
        FULL,
        ENDED,
    ),
    harmless(
        "ten thousand threads",
        "fill the table of processes",
        """
        import threading, time
        try:
            for _ in range(10**4):
                threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()
        except RuntimeError as error:
            print(error)
        """,
    ),
    harmless(
        "a daemon",
        "outlive the run: two forks and a session of its own",
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for fd in range(256):
                    try:
                        os.close(fd)
                    except OSError:
                        pass
                time.sleep(10**6)
            os._exit(0)
        """,
    ),
    harmless(
        "children that wait",
        "outlive the run: children deaf to hanging up",
        """
        %%bash
        nohup sleep 1000000 > /dev/null 2>&1 &
        setsid sleep 1000000 > /dev/null 2>&1 &
        """,
    ),
    hostile(
        "both sides of a fork go on",
        "answer twice, and run the cells below twice",
        """
        import os
        os.fork()
        """,
    ),
    hostile(
        "both sides of a fork go on in the function",
        "answer twice",
        """
        import os
        def gain(phi):
            os.fork()
            return 1.0
        """,
    ),
]

OUTPUT = [
    harmless(
        "100 MB of output",
        "fill the disk of who keeps it",
        """
        import sys
        for _ in range(100):
            print("x" * 10**6)
            print("y" * 10**6, file=sys.stderr)
        """,
    ),
    harmless(
        "endless output",
        "fill the disk of who keeps it",
        """
        while True:
            print("x" * 1000)
        """,
        SLOW,
    ),
    hostile(
        "endless output in the function",
        "fill the disk of who keeps it",
        """
        def gain(phi):
            while True:
                print("x" * 1000)
        """,
        SLOW,
    ),
    harmless(
        "output past Python",
        "fill the pipes behind file descriptors 1 and 2",
        """
        import os
        for fd in (1, 2):
            for _ in range(20):
                os.write(fd, b"x" * 10**6)
        """,
    ),
    harmless(
        "output of a shell",
        "fill the pipes of what started it",
        """
        !yes | head -c 1000000
        !yes | head -c 1000000 >&2
        """,
        OK,
        SLOW,
    ),
    harmless(
        "two thousand displays",
        "fill the notebook with outputs",
        """
        from IPython.display import HTML, display
        for _ in range(2000):
            display(HTML("x" * 100))
        """,
    ),
    harmless(
        "a file without end",
        "fill the disk",
        """
        try:
            with open("/tmp/endless", "wb") as file:
                while True:
                    file.write(b"x" * 2**20)
        except OSError as error:
            print(error)
        """,
    ),
    harmless(
        "a hundred thousand files",
        "fill the table of files",
        """
        try:
            for i in range(10**5):
                open(f"/tmp/{i}", "w").close()
        except OSError as error:
            print(error)
        """,
    ),
    harmless(
        "a thousand open files",
        "hold more than there are",
        """
        held = []
        try:
            for i in range(1000):
                held.append(open("/dev/null"))
        except OSError as error:
            print(error)
        held.clear()
        """,
    ),
    harmless(
        "folders within folders",
        "make what nobody can delete",
        """
        import os
        try:
            for _ in range(10**4):
                os.mkdir("x" * 200)
                os.chdir("x" * 200)
        except OSError as error:
            print(error)
        """,
    ),
    harmless(
        "a sparse terabyte",
        "claim more than the disk has",
        """
        try:
            with open("/tmp/sparse", "wb") as file:
                file.truncate(2**40)
        except OSError as error:
            print(error)
        """,
    ),
    submission(
        "output in four hundred cells",
        "fill the disk of who keeps it, in small parts",
        file(solved() | {"cells": solved()["cells"] + [own("print('x' * 10**5)")] * 400}),
    ),
    harmless(
        "half a gigabyte of a name", "be long", "name = 'x' * 5 * 10**8; raise Exception(name)"
    ),
]


def _ends(code):
    """Return an answer that ends its process where it is defined, and one where it is called."""
    return (
        hostile(
            f"{code}", "end the process that it is in", f"import os, sys; {code}", ENDED, OK
        ),
        hostile(
            f"{code} in the function",
            "end the process that is asked",
            f"""
            import os, sys
            def gain(phi):
                {code}
                return 1.0
            """,
            ENDED,
            OK,
        ),
    )


ENDINGS = [
    case
    for code in (
        "os._exit(0)",
        "sys.exit(0)",
        "exit()",
        "quit()",
        "raise SystemExit(0)",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise BaseException('x')",
        "raise StopIteration",
        "raise ExceptionGroup('x', [ValueError('y')])",
        "raise BaseExceptionGroup('x', [SystemExit()])",
        "raise UnicodeDecodeError('utf-8', b'', 0, 1, 'x')",
        "os.abort()",
        "__import__('ctypes').string_at(0)",
        "os.kill(os.getpid(), 9)",
        "os.kill(1, 9)",
        "os.kill(-1, 9)",
        "os.kill(0, 9)",
        "os.kill(os.getppid(), 9)",
        "[os.kill(pid, 9) for pid in range(2, 9) if pid != os.getpid()]",
        "os.kill(os.getpid(), 11)",
        "os.closerange(0, 256)",
        "os.execv('/bin/true', ['true'])",
        "__import__('signal').setitimer(0, 1e-3); __import__('time').sleep(0.05)",
        "os.dup2(os.open('/dev/null', 2), 5); [os.dup2(5, fd) for fd in range(5)]",
    )
    for case in _ends(code)
]
ENDINGS += [
    hostile(
        f"{signal} {whom}",
        "stop what judges it",
        f"""
        import os, signal
        def gain(phi):
            os.kill({pid}, signal.{signal})
            return 1.0
        """,
        SLOW,
        OK,
    )
    for signal, whom, pid in (
        ("SIGSTOP", "to itself", "os.getpid()"),
        ("SIGSTOP", "to its group", "0"),
        ("SIGTSTP", "to its group", "0"),
        ("SIGSTOP", "to all", "-1"),
    )
]
ENDINGS += [
    hostile(
        f"a background process that sends {signal} to all",
        "end or stop the others while they are asked",
        f"""
        import os, signal, time
        if os.fork() == 0:
            os.setsid()
            while True:
                try:
                    os.kill(-1, signal.{signal})
                except OSError:
                    pass
                time.sleep(1e-3)
        """,
        *statuses,
    )
    for signal, statuses in (("SIGKILL", (ENDED, OK)), ("SIGSTOP", (SLOW, OK)))
]
ENDINGS += [
    hostile(
        "a thread that ends its process later",
        "have another cell blamed for it",
        """
        import os, threading, time
        def later():
            time.sleep(0.03)
            os._exit(0)
        threading.Thread(target=later, daemon=True).start()
        """,
        ENDED,
        OK,
    ),
    submission(
        "a thread that ends its process at the end",
        "be gone when the end of the notebook is asked",
        answering(
            gain="def gain(phi):\n    return 1.0",
            below={
                "why": """
                # gain
                import os, threading, time
                def later():
                    time.sleep(0.1)
                    os._exit(0)
                threading.Thread(target=later, daemon=True).start()
                """
            },
        ),
        ENDED,
        OK,
        gain=0.0,
    ),
    submission(
        "the last cell ends the process",
        "be gone when the end of the notebook is asked",
        answering(
            gain="def gain(phi):\n    return 1.0",
            below={"why": "import os  # gain\nos._exit(0)"},
        ),
        ENDED,
        gain=0.0,
    ),
    harmless(
        "turns Python's own screws",
        "make all that follows in its process fail",
        """
        import gc, os, sys, warnings
        sys.stdout = sys.stderr = None
        gc.disable()
        warnings.simplefilter("error")
        np.seterr(all="raise")
        np.set_printoptions(threshold=1)
        os.chdir("/")
        os.umask(0o777)
        os.nice(19)
        """,
    ),
]

SUBMISSIONS = [*TIME, *MEMORY, *PROCESSES, *OUTPUT, *ENDINGS]
