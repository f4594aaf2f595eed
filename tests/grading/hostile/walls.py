"""Submissions that look, reach or write where they may not, or stay behind."""

from tests.grading.hostile.submission import (
    COURSE,
    MARK,
    PORTS,
    TELLS,
    answering,
    hostile,
    submission,
)

OK, ENDED, SLOW, FULL = "graded", "crashed", "timed out", "out of memory"


def prying(name, tried, code, *statuses):
    """Return a submission whose answers are right, and that prints what it finds."""
    return submission(
        name, tried, answering(above={"gain": TELLS + code}), *(statuses or (OK,))
    )


READS = [
    prying("the environment", "find the secret", "import os\nprint(dict(os.environ))"),
    prying(
        "others' environments",
        "find the secret",
        """
import glob
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline") + ["/proc/1/environ"]:
    try:
        print(open(path).read())
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "another /proc",
        "see other processes",
        """
import ctypes, os
libc = ctypes.CDLL(None)
os.makedirs("/tmp/proc", exist_ok=True)
if libc.mount(b"proc", b"/tmp/proc", b"proc", 0, None) == 0:
    tell("mounted", os.listdir("/tmp/proc"))
print(os.listdir("/proc"))
""",
    ),
    prying(
        "users and their files",
        "read what is in /etc and in homes",
        """
import glob, os
from pathlib import Path
for name in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/machine-id", "/root/.bashrc"):
    try:
        tell(name, Path(name).read_text()[:100])
    except OSError as error:
        print(error)
for folder in ("/root", "/home", "/srv", "/mnt", "/opt", "/var", "/run", "/sys", "/boot"):
    try:
        print(folder, os.listdir(folder))
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "marks that were planted",
        "find files in the home, the course's folder and /tmp",
        """
import os
word = "plan" + "ted-"
for top in ("/root", "/home", __import__("sys").prefix + "/..", "/tmp", "/course", "/dev/shm", "/var", "/etc", "/run"):
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in ("site-packages", "lib", "share")]
        for file in files:
            try:
                with open(os.path.join(folder, file), errors="replace") as opened:
                    text = opened.read(4000)
            except OSError:
                continue
            if word in text:
                tell(folder, file, text)
""",
    ),
    prying(
        "masters and the gradebook",
        "read hidden tests, solutions and marks",
        """
import os
for folder, folders, files in os.walk(__import__("sys").prefix + "/.."):
    folders[:] = [name for name in folders if name not in ("lib", "share", "include")]
    for name in [*folders, *files]:
        if name in ("assignments", "helpers", "teaching", "gradebook.db", "secret", "grading"):
            tell(folder, name)
print(open("/course/inside.py").read()[:100])
""",
    ),
    prying(
        "the worker's memory",
        "find the secret in what the process holds",
        """
import gc, sys
found = []
for thing in gc.get_objects():
    if isinstance(thing, dict):
        for key, value in list(thing.items()):
            if isinstance(value, str) and ("secret-" in value or "plan" + "ted-" in value):
                found.append(value)
print(found)
frame = sys._getframe()
while frame:
    print(frame.f_code.co_name, sorted(frame.f_locals))
    frame = frame.f_back
""",
    ),
    prying(
        "open file descriptors",
        "read what was left open",
        """
import os, stat
for fd in range(3, 256):
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode):  # which others have open as well
            tell(fd)
        print(fd, os.pread(fd, 1000, 0))
    except OSError:
        pass
""",
    ),
    prying(
        "inside a hidden test",
        "print what hidden tests ask, from a later cell",
        "",
    )._replace(
        data=answering(
            gain="""
def gain(phi):
    with open("/tmp/asked", "a") as file:
        file.write(phi.__name__ + "\\n")
    z = np.linspace(-10, 10, 20_001)
    weight = np.exp(-(z**2) / 2)
    square = np.sum(weight * phi(z) ** 2) / np.sum(weight)
    if square == 0:
        raise ValueError
    return float(1 / np.sqrt(square))
""",
            below={
                "why": TELLS
                + "import os, time\ntime.sleep(0.5)\n"
                + "if os.path.exists('/tmp/asked'):\n    tell(open('/tmp/asked').read())"
            },
        )
    ),
    hostile(
        "the judge's own functions",
        "reach the judge's memory through a call back",
        """
        def gain(phi):
            import gc
            cells = [cell.cell_contents for cell in phi.__closure__]
            return cells[0].__globals__["__name__"] and 1.0
        """,
    ),
]

NETWORK = [
    prying(
        "this machine by TCP and UDP",
        "call a service of the machine that grades",
        f"""
import socket
for port in {list(PORTS)}:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        for host in ("127.0.0.1", "localhost", "0.0.0.0", "::1", "::ffff:127.0.0.1"):
            try:
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                with socket.socket(family, kind) as one:
                    one.settimeout(0.05)
                    one.connect((host, port))
                    one.send(b"hello")
                    tell(host, port)
            except OSError as error:
                said = error
print(said)
""",
    ),
    prying(
        "this machine by sockets with names",
        "call a service of the machine that grades",
        f"""
import glob, socket
names = [chr(0) + "{MARK}-" + str(i) for i in range(20)] + glob.glob("/tmp/.X11-unix/*")
names += [chr(0) + "/tmp/.X11-unix/X0", "/run/dbus/system_bus_socket", "/var/run/docker.sock"]
for name in names:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_UNIX, kind) as one:
                one.connect(name)
                one.send(b"hello")
                tell(name)
        except OSError as error:
            print(error)
""",
    ),
    prying(
        "the world",
        "send answers away",
        """
import socket, urllib.request
for host, port in (("1.1.1.1", 53), ("8.8.8.8", 443), ("192.168.0.1", 80), ("10.0.0.1", 80),
                   ("169.254.169.254", 80), ("2606:4700:4700::1111", 53), ("224.0.0.1", 99)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as one:
                one.settimeout(0.05)
                one.connect((host, port))
                one.send(b"hello")
                tell(host, port)
        except OSError as error:
            said = error
print(said)
for call in (lambda: socket.getaddrinfo("example.org", 80),
             lambda: urllib.request.urlopen("http://example.org", timeout=0.1)):
    try:
        tell(call())
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "sockets of other kinds",
        "reach the host by vsock, raw, packet, netlink, Bluetooth and the kernel's ciphers",
        """
import socket
for family, kind, protocol in ((40, 1, 0), (2, 3, 1), (10, 3, 58), (17, 3, 3), (31, 3, 1),
                               (38, 5, 0), (29, 3, 1), (44, 3, 0), (16, 3, 9), (16, 3, 12)):
    try:
        one = socket.socket(family, kind, protocol)
        if family not in (2, 10, 16):
            tell(family, kind)
        if family == 40:
            one.settimeout(0.1)
            one.connect((2, 22))
        print("made", family, kind)
        one.close()
    except (OSError, OverflowError) as error:
        print(family, error)
""",
    ),
    prying(
        "a network of its own",
        "set up the loopback interface and change its address",
        """
import fcntl, os, socket, struct
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for name, flags in ((b"lo", 0x41), (b"eth0", 0x41)):
    try:
        fcntl.ioctl(one, 0x8914, struct.pack("16sh14s", name, flags, b""))
        tell(name)
    except OSError as error:
        print(error)
print(socket.if_nameindex())
""",
    ),
]

WRITES = [
    prying(
        "files everywhere",
        "leave files outside",
        f"""
import os
for folder in ("/", "{COURSE}", "{COURSE}/..", "/usr", "/usr/bin", "/usr/local/bin", "/etc", "/root", "/home",
               "/opt", "/srv", "/var/tmp", "/run", "/course", "/dev", "/proc", "/sys", "/bin", "/lib",
               "{COURSE}/.venv", "{COURSE}/.venv/bin", "/dev/pts", "/dev/mqueue"):
    for path in (folder + "/{MARK}-1", folder + "/../{MARK}-2"):
        try:
            with open(path, "w") as file:
                file.write("x")
            if not os.path.realpath(path).startswith(("/tmp/", "/dev/shm/")):  # its own
                tell(path)
        except OSError:
            pass
        try:
            os.mkdir(path)
            tell(path)
        except OSError:
            pass
for path in ("../../../../../../{MARK}-3", "/tmp/../{MARK}-4", "/proc/1/root/{MARK}-5",
             "/proc/self/cwd/../{MARK}-6", "/dev/fd/3", "/dev/core"):
    try:
        open(path, "w").close()
        tell(path)
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "files in its own folders",
        "leave files in /tmp and /dev/shm for the next",
        f"""
import os
for folder in ("/tmp", "/dev/shm"):
    with open(folder + "/{MARK}-own", "w") as file:
        file.write("x")
    os.mkfifo(folder + "/{MARK}-pipe")
    os.symlink("/", folder + "/{MARK}-link")
""",
    ),
    prying(
        "every folder that can be written",
        "find a place that the next one sees",
        f"""
import os
for top in ("/", ):
    for folder, folders, files in os.walk(top):
        folders[:] = [f for f in folders if f not in ("lib", "share", "include", "x86_64-linux-gnu")]
        if os.access(folder, os.W_OK) and not folder.startswith(("/tmp", "/dev/shm")):
            try:
                open(folder + "/{MARK}-7", "w").close()
                tell(folder)
            except OSError:
                pass
""",
    ),
    prying(
        "poisoned start-up files",
        "run in the next one's process",
        """
import os, pathlib, site, sys
poison = "print('got-through', 'poison', sep='-the-walls ')"
for name in (".ipython/profile_default/startup/00.py", "profile_default/startup/00.py",
             "profile_default/ipython_config.py", ".bashrc", ".profile", ".pythonrc", "usercustomize.py",
             "sitecustomize.py", "matplotlibrc", ".config/matplotlib/matplotlibrc", "numpy.py",
             "poison.pth", "x.pth", ".pydistutils.cfg", "conftest.py", "helpers/__init__.py"):
    for home in ("/tmp", "/", "/course", os.path.expanduser("~"), site.getusersitepackages(), *sys.path):
        path = pathlib.Path(home) / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(poison)
            if not str(path).startswith("/tmp/"):
                tell(path)
        except OSError:
            pass
""",
    ),
    prying(
        "changed code",
        "change the files that the next one runs",
        """
import glob, os, sys
for path in ("/course/inside.py", "/course/wire.py", sys.executable, np.__file__, os.__file__, "/bin/sh",
             *glob.glob(os.path.dirname(np.__file__) + "/__pycache__/*")[:3]):
    for change in (lambda: open(path, "a").close(), lambda: os.chmod(path, 0o777),
                   lambda: os.utime(path), lambda: os.remove(path), lambda: os.rename(path, path + "x"),
                   lambda: os.truncate(path, 0), lambda: os.setxattr(path, "user.x", b"x")):
        try:
            change()
            tell(path)
        except OSError as error:
            said = error
print(said)
""",
    ),
    prying(
        "links",
        "reach files through hard and symbolic links",
        f"""
import os
for path in ("/usr/bin/env", "/course/inside.py", "/etc/passwd", "/bin/su", "/usr/bin/bwrap"):
    for make in (os.link, lambda a, b: os.link(a, b, follow_symlinks=False), os.rename):
        try:
            make(path, "/tmp/{MARK}-link")
            tell(path)
        except OSError as error:
            said = error
os.symlink("{COURSE}", "/tmp/out")
os.symlink("/proc/1/root", "/tmp/root")
for path in ("/tmp/out/{MARK}-8", "/tmp/root/{MARK}-9"):
    try:
        open(path, "w").close()
        if not os.path.realpath(path).startswith("/tmp/"):  # its own
            tell(path)
    except OSError as error:
        print(error)
print(said)
""",
    ),
    prying(
        "memory of the next one",
        "change what all forks share",
        """
import ctypes, mmap, os
held = mmap.mmap(-1, 4096)
held.write(b"x")
np.e = 3
np.mean.x = 1
import builtins, json, sys, wire
builtins.marked = json.loads.marked = sys.marked = wire.marked = True
os.environ["MARKED"] = "yes"
ctypes.memmove(id(np.pi) + 16, id(1.0) + 16, 8)
np.random.seed(7)
""",
    ),
]

# Calls by number, on x86-64, for what the C library has no function for.
SYSCALLS = """
import ctypes, errno, os, signal
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *args):
    libc.syscall.restype = ctypes.c_long
    done = libc.syscall(*(ctypes.c_long(a) if isinstance(a, int) else a for a in args))
    if done >= 0:
        tell(name, done)
    return done
"""

RISES = [
    prying(
        "mounts",
        "see or change other file systems",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for source, target, kind, flags in ((b"none", b"/tmp", b"tmpfs", 0), (b"/", b"/tmp", None, 4096),
                                    (b"proc", b"/proc", b"proc", 0), (None, b"/", None, 32 | 4096),
                                    (b"sysfs", b"/tmp", b"sysfs", 0), (b"none", b"/tmp", b"overlay", 0)):
    if libc.mount(source, target, kind, flags, None) == 0:
        tell("mount", target)
for target in (b"/proc", b"/tmp", b"/dev/shm", b"/"):
    if libc.umount2(target, 2) == 0:
        tell("umount", target)
""",
    ),
    prying(
        "another root",
        "leave by chroot and pivot_root",
        """
import os
os.makedirs("/tmp/new/old", exist_ok=True)
for change in (lambda: os.chroot("/tmp/new"), lambda: os.chroot("/")):
    try:
        change()
        tell("chroot")
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "another user",
        "become root",
        """
import os, subprocess
for change in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0),
               lambda: os.setgroups([0]), lambda: os.seteuid(65534), lambda: os.setregid(0, 0)):
    try:
        change()
        tell("changed", os.getresuid())
    except OSError as error:
        print(error)
for command in ("su -c id", "sudo -n id", "pkexec id", "newgrp root", "passwd -S", "mount", "ping -c1 127.0.0.1"):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=-3)
    if "uid=0" in done.stdout:
        tell(command, done.stdout)
print(os.getresuid())
""",
    ),
    prying(
        "a file that makes root",
        "set the set-user-ID bit and run it",
        """
import os, shutil, subprocess
shutil.copy("/usr/bin/id", "/tmp/id")
os.chmod("/tmp/id", 0o6755)
print(subprocess.run(["/tmp/id"], capture_output=True, text=True).stdout)
for number in (0, 1):
    try:
        os.chown("/tmp/id", 0, 0)
        tell("chown")
    except OSError as error:
        print(error)
try:
    os.setxattr("/tmp/id", "security.capability", b"\\1\\0\\0\\2" + b"\\xff" * 16)
    tell("capability")
except OSError as error:
    print(error)
try:
    os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0))
    tell("mknod")
except OSError as error:
    print(error)
""",
    ),
    prying(
        "namespaces of its own",
        "have all rights in one",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000, 0x80):
    if libc.unshare(flag) == 0:
        tell("unshare", hex(flag))
    pid = libc.syscall(56, ctypes.c_long(flag | 17), 0, 0, 0, 0)
    if pid == 0:
        libc._exit(0)
    if pid > 0:
        tell("clone", hex(flag))
    arguments = (ctypes.c_uint64 * 8)(flag, 0, 0, 0, 17)
    pid = libc.syscall(435, arguments, 64)
    if pid == 0:
        libc._exit(0)
    if pid > 0:
        tell("clone3", hex(flag))
""",
    ),
    prying(
        "calls of the kernel",
        "reach what all share: keys, io_uring, bpf, performance, memory of others, user faults",
        SYSCALLS
        + """
text = ctypes.create_string_buffer(b"user"), ctypes.create_string_buffer(b"x")
for name, number, *arguments in (
    ("ptrace", 101, 16, 2, 0, 0), ("add_key", 248, *text, text[1], 1, -3), ("keyctl", 250, 0, -3, 1),
    ("request_key", 249, *text, None, -3), ("io_uring", 425, 1, ctypes.create_string_buffer(200)),
    ("bpf", 321, 0, ctypes.create_string_buffer(200), 72), ("userfaultfd", 323, 1),
    ("perf", 298, ctypes.create_string_buffer(200), 0, -1, -1, 0), ("syslog", 103, 3, text[0], 1),
    ("process_vm_readv", 310, 1, None, 0, None, 0, 0), ("memfd", 319, text[1], 0),
    ("shmget", 29, 0, 4096, 0o1666), ("msgget", 68, 0, 0o1666), ("semget", 64, 0, 1, 0o1666),
    ("mq_open", 240, text[1], 0o102, 0o666, None), ("open_by_handle_at", 304, 3, text[0], 0),
    ("kexec", 246, 0, 0, None, 0), ("reboot", 169, 0xfee1dead, 672274793, 0), ("acct", 163, None),
    ("swapon", 167, text[1], 0), ("settimeofday", 164, None, None), ("init_module", 175, text[0], 1, text[0]),
    ("fsopen", 430, text[0], 0), ("pidfd_getfd", 438, 3, 0, 0), ("setns", 308, 0, 0),
    ("personality", 135, 0x0040000), ("sethostname", 170, text[0], 1), ("iopl", 172, 3),
):
    call(name, number, *arguments)
""",
    ),
    prying(
        "x32 and 32-bit calls",
        "call the kernel by other numbers",
        SYSCALLS
        + """
for name, number in (("ptrace", 521), ("mount", 165), ("unshare", 272), ("io_uring", 425)):
    call(name, number | 0x40000000, 1, 0, 0)
""",
        OK,
        ENDED,
    ),
    prying(
        "limits",
        "raise what it may use",
        """
import resource
for number in range(16):
    soft, hard = resource.getrlimit(number)
    if hard != -1:
        try:
            resource.setrlimit(number, (hard + 1, hard + 1))
            tell(number)
        except (OSError, ValueError) as error:
            said = error
print(said)
import os
for number in range(-20, 0):
    try:
        os.setpriority(os.PRIO_PROCESS, 0, number)
        tell("priority", number)
    except OSError:
        pass
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    tell("scheduler")
except OSError as error:
    print(error)
""",
    ),
    prying(
        "signals to those outside",
        "end other processes",
        "",
    )._replace(
        data=answering(
            above={
                "he_normal": TELLS
                + """
import os
for pid in range(2, 400):
    try:
        os.kill(pid, 0)
        tell(pid)
    except OSError:
        pass
"""
            }
        )
    ),
    prying(
        "the terminal",
        "type into it",
        """
import fcntl, os, termios
for path in ("/dev/tty", "/dev/console", "/dev/ptmx", "/dev/pts/0", "/dev/tty0", "/dev/vcs"):
    try:
        fd = os.open(path, os.O_RDWR)
        fcntl.ioctl(fd, termios.TIOCSTI, b"x")
        tell(path)
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "devices",
        "read disks and memory",
        """
import glob, os
for path in glob.glob("/dev/*") + ["/dev/mem", "/dev/kmem", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse"]:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        if path.rsplit("/")[-1] not in ("null", "zero", "full", "random", "urandom", "tty", "ptmx",
                                        "stdin", "stdout", "stderr"):
            tell(path)
    except OSError as error:
        print(error)
""",
    ),
    prying(
        "a compiled program",
        "run what is no Python",
        """
import os, shutil, subprocess
shutil.copy("/bin/true", "/tmp/own")
print(subprocess.run(["/tmp/own"]).returncode, shutil.which("gcc"))
""",
    ),
    hostile(
        "a file descriptor for the judge",
        "have the judge hold what it did not open",
        """
        import os, socket, sys
        def gain(phi):
            frame = sys._getframe()
            while "data" not in frame.f_locals or "message" not in frame.f_locals:
                frame = frame.f_back
            data = frame.f_locals["data"]
            for _ in range(100):
                socket.send_fds(data, [b" "], [os.open("/dev/null", 0)] * 50)
            return 1.0
        """,
        OK,
        ENDED,
        SLOW,
        "bad answer",
    ),
]

SUBMISSIONS = [*READS, *NETWORK, *WRITES, *RISES]
