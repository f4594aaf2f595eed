"""Find what was handed in, in a folder or a zip as an LMS exports it.

Whose a file is says the outermost name on its path that names somebody, in the form of a
platform (`platforms`) or just so. The platform wrote that one; names that a student chose stand
below or behind it, and cannot make a file another student's. A `roster` says which names are of
one student.
Nothing is unpacked to disk, no link is followed, and no size is believed before it is read.
"""

import errno
import hashlib
import io
import os
import re
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile
from zoneinfo import ZoneInfo

from teaching.grading.platforms import Named, Platforms, submitters

LARGEST = 20 * 2**20  # bytes of a file
LARGEST_IN_ALL = 64 * 2**20  # bytes that are read of one student's
MOST_FILES = 10_000  # in one student's zips
DEEPEST_ZIP = 2  # a zip in a student's zip
FEW = 4  # times as many students are named in another way: a student may have chosen this one
LONGEST_ID = 80
LONGEST_NAME = 255  # no system has longer ones, but a zip can
LONGEST_SHOWN = 300

NOTE = "timestamp.txt"  # nbgrader's, and Sakai's
LINK = "a symbolic link, which is not followed"
LEFT_BEHIND = "left there by software, not handed in"
BESIDE = "not a notebook, and there is one"

JUNK = re.compile(
    r"(^|/)(__MACOSX|\.git|\.ipynb_checkpoints|\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)(/|$)",
    re.I,
)
WANTED = re.compile(r"\.(ipynb(\.txt|\.json)?|zip)$", re.I)  # browsers add suffixes
SUFFIX = re.compile(r"(\.ipynb|\.tar)?\.\w+$")
# As browsers, JupyterLab and `make lab` (course/copies.py) name a second one.
COPY = r"(?:-\d+|-Copy\d+| ?\(\d+\)| \((?:new version|mine)(?: \d+)?\))?"
PACKED = rf"(?:{COPY}|-\d{{8}}T\d{{6}}Z(?:-\d+)*)"  # as browsers and Google Drive name a zip
OF_THE_COURSE = ("my-notebooks", "notebooks", "exercises")  # folders, which name nobody
NUMBER = re.compile(r"(?:-(?:Copy)?|\()(\d{1,3})\)?$")

FINGERPRINT = re.compile(r"-[0-9a-f]{16}$")  # too long for anybody to find another with it
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)  # by Windows
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


class Handed(NamedTuple):
    """A file that was handed in."""

    student: str
    where: str  # in the export, for messages
    data: bytes | None  # None if it could not be read
    received: datetime | None  # in UTC; None if the export does not say
    problem: str  # why it could not be read, or ''
    attempt: tuple[int, ...]  # by the LMS; the later, the larger
    order: tuple[int, ...] = ()  # of the files of an attempt
    by: str = ""  # the platform or the roster that says whose it is; '' if just a name does
    late: bool = False  # the platform says so
    cases: str = ""  # the group whose cases hidden tests draw, or ''
    beside: tuple[str, ...] = ()  # other files of the student's for the same assignment
    doubt: str = ""  # why a person should look whether this one is meant
    name: str = ""  # of a student whose id had to be another; else ''


class Ignored(NamedTuple):
    """A file that nobody marks, and why."""

    where: str
    why: str


class Unread(Exception):  # noqa: N818 (it says what was not read)
    """A file is not read; the text says why."""


class Entry(NamedTuple):
    """A file or a folder in an export; the path of a folder ends in a slash."""

    path: str
    open: Callable | None = None  # returns a binary file, or raises anything


def collect(folder, assignments=(), platforms=None, roster=None):
    """Return all that was handed in, and what of it is ignored.

    Parameters
    ----------
    folder : str or Path
        Also a zip.
    assignments : iterable of str, optional
        Names such as "05_he", which are no part of a student's.
    platforms : platforms.Platforms, optional
    roster : roster.Roster, optional

    Returns
    -------
    handed : list of Handed
        By student; always the same for the same files. A student who handed in nothing that
        can be read is in it too, and what a group handed in is there for each member.
    ignored : list of Ignored

    Raises
    ------
    ValueError
        If there is no such folder or zip, or a notebook in it names nobody while others do.

    Notes
    -----
    Numbers by which a platform tells students of one name apart are part of their ids.
    """
    root, by_student, handed, ignored = Path(folder).resolve(), defaultdict(list), [], []
    names = _Names(root, assignments, platforms or Platforms())
    with ExitStack() as stack:
        entries = sorted(_exported(root, names, stack), key=lambda entry: entry.path)
        parents = _parents(entries)
        entries = [entry for entry in entries if entry.path not in parents]
        names.settle(entries)
        found = [(names.whose(entry), entry) for entry in entries]
        members = _members(found)
        nobody = [e for named, e in found if not named.student and _is_work(named, e)]
        if nobody and any(named.student for named, e in found if _is_work(named, e)):
            raise ValueError(
                "each notebook must be in a folder that names a student, or be named after one;"
                f" got {shown(nobody[0].path)}"
            )
        for named, entry in found:
            if JUNK.search(entry.path) or (named.why and not named.student):
                why = named.why or LEFT_BEHIND
                ignored += [] if _is_folder(entry) else [Ignored(shown(entry.path), why)]
            elif named.student or not _is_folder(entry):
                own = named if named.student else Named(names.of_the_export())
                each = members.get(own.student, [own]) if own.index else [own]
                ids = {student: (one, by) for one in each for student, by in _ids(one, roster)}
                group = ", ".join(sorted(ids)) if len(ids) > 1 else ""
                for student, (one, by) in ids.items():
                    of_it = one._replace(attempt=own.attempt, note=own.note, why=own.why)
                    by_student[student].append((of_it._replace(by=by, cases=group), entry))
        for student, entries in sorted(by_student.items()):
            handed += _of_student(student, entries, ignored)
    return handed, sorted(set(ignored))


def _parents(entries):
    """Return the folders in which something lies that software has not left there."""
    parents = set()
    for entry in entries:
        if not JUNK.search(entry.path):
            parts = entry.path.rstrip("/").split("/")
            parents |= {"/".join(parts[:end]) + "/" for end in range(1, len(parts))}
    return parents


def _is_work(named, entry):
    return not named.why and not JUNK.search(entry.path) and bool(WANTED.search(entry.path))


def _members(found):
    """Return who handed in, where a file of the export says so: by the names of folders."""
    members = {}
    for named, entry in found:
        if named.why and not named.student and entry.path.endswith("submission_metadata.yml"):
            members |= submitters(Allowance().read(entry))
    return members


def _ids(named, roster):
    """Return the ids of those who handed in, each with who says so."""
    known = roster.whose((named.student, *named.called)) if roster else []
    if known:
        group = {member for student in known for member in roster.members(student)}
        return [(student, named.by or "the roster") for student in sorted(group)]
    return [(student_id(named.student), named.by)]


def student_id(raw):
    """Return an id that can be a folder's name and a database's key on any system.

    A name that can be neither is altered and gets a fingerprint, and so does one that looks as
    if it had one. So no two names have one id, and a name has the same id whoever else is in
    the export.
    """
    raw = unicodedata.normalize("NFC", raw)
    if is_id(raw) and not FINGERPRINT.search(raw):
        return raw
    kept = _legal(raw)
    fingerprint = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_cut(kept, LONGEST_ID - 17).rstrip(' .')}-{fingerprint}"


def is_id(name):
    """Return whether a name can be a student's id; see `student_id`."""
    return name == _legal(name) == _cut(name, LONGEST_ID)


def _legal(raw):
    """Return a name without what no folder or database takes."""
    raw = unicodedata.normalize("NFC", raw)
    kept = "".join(c if _is_allowed(c) else " " if c.isspace() else "\0" for c in raw)
    kept = re.sub(" +", " ", re.sub("\0+", "_", kept))
    kept = unicodedata.normalize("NFC", kept).lstrip(" .-+@").rstrip(" .")
    return "student" if not kept or RESERVED.fullmatch(kept) else kept


def _is_allowed(character):
    kind = unicodedata.category(character)
    if kind[0] in "LM" or kind == "Nd":  # many scripts write vowels as marks
        return not INVISIBLE.match(character)
    return character in ".-_@+"


def _cut(name, length):
    """Return a name of at most so many characters, and three times as many bytes."""
    return name[:length].encode()[: 3 * length].decode(errors="ignore")


def shown(path):
    """Return a path as a message can show it: in one line, and in the order that it has."""
    if len(path) > LONGEST_SHOWN:
        path = f"{path[: LONGEST_SHOWN // 2]}…{path[-LONGEST_SHOWN // 2 :]}"
    return "".join(c if c.isprintable() else "\ufffd" for c in path)


class _Names:
    """Says whose the files of an export are, by their paths.

    Parameters
    ----------
    root : Path
        The export.
    assignments : iterable of str
    platforms : platforms.Platforms
    """

    def __init__(self, root, assignments, platforms):
        self._root, self._assignments, self._platforms = root, assignments, platforms
        self._others = set()  # platforms that the export is not of

    def settle(self, entries):
        """Leave out platforms that name only few: a student may have chosen such a name."""
        students = defaultdict(set)
        for named in map(self.whose, entries):
            if named.student:
                students[named.by].add(named.student)
        most = max(map(len, students.values()), default=0)
        self._others = {by for by, own in students.items() if by and FEW * len(own) < most}

    def whose(self, entry):
        """Return what the outermost name that names a student says."""
        names = [name for name in entry.path.split("/", 50)[:50] if name not in ("", ".", "..")]
        is_folder = _is_folder(entry)
        folders = len(names) if is_folder else len(names) - 1
        if folders > 0 and re.fullmatch(re.escape(names[0]) + PACKED, self._root.stem):
            names, folders = names[1:], folders - 1  # one that was packed as a whole
        if names and len(names[0]) > LONGEST_NAME:
            return Named(names[0])
        for at, name in enumerate([self._root.stem, *names]):
            path = "/".join([self._root.stem, *names][at:]) + "/" * is_folder
            if named := self._platforms.named(path, self._assignments, self._others):
                return named
            is_above = at <= folders
            if at == 0 or (is_above and self._platforms.passes_over(name)):
                continue
            if student := self._plain(name, is_above):
                return Named(student, (student,))
        return Named()

    def of_the_export(self):
        """Return the student whom the export's own name names."""
        return self._plain(self._root.name, self._root.is_dir()) or self._root.stem

    def _plain(self, name, is_folder):
        """Return the student whom a name of no platform's names, or ''."""
        if len(name) > LONGEST_NAME:
            return name
        if name == NOTE or (is_folder and name in OF_THE_COURSE):
            return ""
        stem = re.sub(r"\.zip$", "", name, flags=re.I) if is_folder else SUFFIX.sub("", name)
        return _without(self._assignments, stem)


def _without(assignments, stem):
    """Return a name without those of assignments, or '' if it has nothing else."""
    for assignment in sorted(assignments, key=len, reverse=True):
        words = r"[\s_-]".join(map(re.escape, assignment.split("_")))
        form = rf"(?:(.+?)[\s_.+-]+)?(?:Copy of )?{words}{COPY}(?:[\s_.+-]+(.+))?"
        if match := re.fullmatch(form, stem, re.I | re.S):
            return _without(assignments, "_".join(filter(None, match.groups())))
    return stem


def _exported(root, names, stack):
    """Yield what is in an export, and in zips in it that are named after an assignment."""
    try:
        in_zip = None if root.is_dir() else _in_zip(stack.enter_context(_opened(root)))
    except Exception as error:
        reason = f"submissions must be in a folder or a zip; got {root}: {_reason(error)}"
        raise ValueError(reason) from None
    for entry in _in_folder(root) if in_zip is None else in_zip:
        if not _is_zip(entry) or names.whose(entry).student:
            yield entry
            continue
        try:
            for member in _in_zip(stack.enter_context(entry.open())):
                yield Entry(f"{entry.path}/{member.path}", member.open)
        except Exception as error:
            yield _unreadable(entry.path, error)


def _in_folder(root):
    """Yield the files and folders below a folder."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            for name in os.listdir(root / below):
                path = below + name
                if stat.S_ISDIR(os.lstat(root / path).st_mode):
                    waiting.append(f"{path}/")
                    yield Entry(f"{path}/")
                else:
                    yield Entry(path, partial(_opened, root / path))
        except OSError as error:
            yield _unreadable(below.rstrip("/"), error)


def _opened(path):
    # Without O_NONBLOCK, a named pipe would wait for somebody to write into it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unread("neither a file nor a folder")
    return os.fdopen(descriptor, "rb")


def _in_zip(file):
    """Return the files and folders in a zip."""
    zipped = ZipFile(file)
    return [
        Entry(member.filename.replace("\\", "/"), partial(_opened_member, zipped, member))
        for member in zipped.infolist()
    ]


def _opened_member(zipped, member):
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unread(LINK)
    if member.flag_bits & 1:
        raise Unread("encrypted")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        # zipfile unpacks these all at once, however little is asked for.
        raise Unread("packed by another method than 'deflate'")
    return zipped.open(member)


def _is_folder(entry):
    return entry.path.endswith("/")


def _is_zip(entry):
    return entry.path.lower().endswith(".zip")


def _unreadable(path, error):
    """Return a file that cannot be opened, for this reason."""

    def refuse():
        raise Unread(_reason(error))

    return Entry(path, refuse)


def _reason(error):
    """Return why a file is not read; of a damaged zip, zipfile can raise nearly anything."""
    if isinstance(error, Unread):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return LINK if error.errno == errno.ELOOP else f"it cannot be read: {error.strerror}"
    return "the zip is damaged"


def _of_student(student, entries, ignored):
    """Return what a student handed in; add to what is ignored."""
    allowance, times, files = Allowance(), {}, []
    for named, entry in entries:
        folder, _, name = entry.path.rpartition("/")
        if _is_folder(entry):
            continue
        if named.note or (name == NOTE and named.by in ("", "the roster")):
            times[folder] = _noted(entry, allowance)
            why = named.why or "nbgrader's note of the time"
            ignored.append(Ignored(shown(entry.path), why))
        elif named.why:
            ignored.append(Ignored(shown(entry.path), named.why))
        else:
            files += [(named, folder, file) for file in _unpacked(entry, allowance, ignored)]
    wanted = [each for each in files if WANTED.search(each[2].path)]
    if wanted:
        beside = (file for *_, file in files if not WANTED.search(file.path))
        ignored += [Ignored(shown(file.path), BESIDE) for file in beside]
    name, handed = _spelled(student, entries[0][0]), []
    for named, folder, file in wanted or files:
        number = NUMBER.search(SUFFIX.sub("", file.path))
        order = named.file, int(number[1]) if number else 0
        try:
            data, problem = allowance.read(file), ""
        except Exception as error:
            data, problem = None, _reason(error)
        received = named.received or _of_the_nearest(folder, times)
        one = Handed(student, shown(file.path), data, received, problem, named.attempt, order)
        said = {"by": named.by, "late": named.late, "cases": named.cases, "name": name}
        handed.append(one._replace(**said))
    if not handed:
        where, folders = shown(entries[0][1].path), all(_is_folder(e) for _, e in entries)
        problem = "an empty folder" if folders else "nothing but what is ignored"
        handed.append(Handed(student, where, None, None, problem, (), name=name))
    return handed


def _spelled(student, named):
    """Return how a student is called whose id had to be altered, or ''."""
    if named.student == student or student_id(named.student) != student:
        return ""
    return (named.called or (named.student,))[0]


def _of_the_nearest(folder, times):
    """Return the time that is noted in a folder, or above it, or None."""
    while folder not in times and folder:
        folder = folder.rpartition("/")[0]
    return times.get(folder)


def _unpacked(entry, allowance, ignored, depth=1):
    """Return a file, or those in it if it is a zip."""
    if not _is_zip(entry):
        return [entry]
    try:
        if depth > DEEPEST_ZIP:
            raise Unread("a zip in a zip in a zip")
        members = _in_zip(io.BytesIO(allowance.read_zip(entry)))
    except Exception as error:
        return [_unreadable(entry.path, error)]
    files = []
    for member in members:
        path = f"{entry.path}/{member.path}"
        if JUNK.search(path):
            ignored.append(Ignored(shown(path), LEFT_BEHIND))
        elif not _is_folder(member):
            files += _unpacked(Entry(path, member.open), allowance, ignored, depth + 1)
    return files or [_unreadable(entry.path, Unread("an empty zip"))]


class Allowance:
    """How much is still read of one student's files."""

    def __init__(self):
        self._bytes, self._files = LARGEST_IN_ALL, MOST_FILES

    def read(self, entry):
        """Return the bytes of a file."""
        data = bytearray()
        with entry.open() as file:
            while chunk := file.read(2**16):
                data += chunk
                self._bytes -= len(chunk)
                if len(data) > LARGEST:
                    raise Unread(f"larger than {LARGEST // 2**20} MB")
                if self._bytes < 0:
                    raise Unread(f"one of more than {LARGEST_IN_ALL // 2**20} MB in all")
        return bytes(data)

    def read_zip(self, entry):
        """Return the bytes of a zip."""
        data = self.read(entry)
        self._files -= data.count(b"PK\1\2")  # a member has one, whatever the zip claims
        if self._files < 0:
            raise Unread(f"one of more than {MOST_FILES:,} files in zips")
        return data


def _noted(entry, allowance):
    """Return the time in a ``timestamp.txt``, or None if there is none."""
    try:
        words = allowance.read(entry).decode().strip()
        if re.fullmatch(r"\d{17}", words):  # Sakai's, once
            return datetime.strptime(words[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        moment, zone = re.fullmatch(r"(\S+[ T][\d:.]+) ?(\S*)", words).groups()
        if zone in ("", "Z", "UTC", "GMT"):
            zone = "+0000"
        if zone[0] in "+-":
            return datetime.fromisoformat(moment + zone).astimezone(UTC)
        return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except Exception:  # whatever it is, it is no time
        return None
