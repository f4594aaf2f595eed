"""How platforms name what they export: a table, `platforms.toml`, to which a course may add."""

import re
import tomllib
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import yaml

TABLE = Path(__file__).with_name("platforms.toml")
KNOWN = {"platform", "pattern", "time", "format", "zone", "ignored", "index", "note"}


class Form(NamedTuple):
    """How a platform names a student's files; `platforms.toml` says what the fields mean."""

    platform: str
    pattern: str
    time: str = "{time}"
    format: str = ""
    zone: str = ""
    ignored: str = ""
    index: str = ""
    note: bool = False


class Named(NamedTuple):
    """What a name says."""

    student: str = ""  # '' if it names nobody
    called: tuple[str, ...] = ()  # what else the platform calls the student
    attempt: tuple[int, ...] = ()
    received: datetime | None = None
    by: str = ""  # the platform, if its form is known
    why: str = ""  # it is ignored
    file: int = 0  # its number among the files of one attempt
    late: bool = False  # the platform says so
    index: str = ""  # the file that says who it is
    note: bool = False  # it is the note of the time
    cases: str = ""  # the group whose cases hidden tests draw


class Platforms:
    """The forms that are looked for, in this order.

    Parameters
    ----------
    own : Path, optional
        A table of the course's own, which need not be there.
    zone : tzinfo or None
        Of times in names that are the platform's local ones; None is this machine's.
    passed_over : sequence of str
        Names of folders that name nobody.

    Raises
    ------
    ValueError
        If a table cannot be read, or a form is none.
    """

    def __init__(self, own=None, zone: tzinfo | None = UTC, passed_over=()):
        tables = [_table(path) for path in (own, TABLE) if path is not None and path.exists()]
        self.forms = [_form(form) for table in tables for form in table.get("form", ())]
        folders = [
            entry["folder"] for table in tables for entry in table.get("passed_over", ())
        ]
        self._patterns = [re.compile(form.pattern, re.S) for form in self.forms]
        self._folders = [re.compile(folder) for folder in folders]
        self._passed_over, self._zone = set(passed_over), zone

    def passes_over(self, folder):
        """Return whether a folder of this name names nobody."""
        return folder in self._passed_over or any(f.fullmatch(folder) for f in self._folders)

    def named(self, path, assignments=(), others=()):
        """Return what the beginning of a path says by its form, or None.

        Parameters
        ----------
        path : str
            That of a folder ends in a slash.
        assignments : iterable of str
            What may stand before the student's id.
        others : container of str
            Platforms whose forms are not looked for.
        """
        for form, pattern in zip(self.forms, self._patterns, strict=True):
            if form.platform not in others and (match := pattern.match(path)):
                return self._read(form, match.groupdict(), assignments)
        return None

    def _read(self, form, groups, assignments):
        login = groups.get("login")
        if login and form.platform == "Blackboard":  # behind the name of a column
            login = _user(login, assignments)
        parts = list(filter(None, (groups.get("person"), groups.get("number"))))
        return Named(
            login or "_".join(parts),
            tuple(parts[:1]),  # a platform's number may be another student's in the roster
            tuple(int(groups[name]) for name in ("attempt",) if groups.get(name)),
            self._time(form, groups),
            form.platform,
            form.ignored,
            int(groups.get("file") or 0),
            bool(groups.get("late")),
            form.index,
            form.note,
        )

    def _time(self, form, groups):
        """Return the time in a name, in UTC, or None if there is no possible one."""
        zone = ZoneInfo(form.zone) if form.zone else self._zone
        try:
            local = datetime.strptime(form.time.format(**groups), form.format)
            return local.replace(tzinfo=zone).astimezone(UTC)
        except (KeyError, ValueError, OverflowError):
            return None


def _table(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"the table of platforms must be TOML; got {path}: {error}") from None


def _form(entry):
    fields = {name: value for name, value in entry.items() if name in KNOWN}
    try:
        re.compile(entry["pattern"])
        return Form(**fields)
    except (KeyError, TypeError, re.error) as error:
        raise ValueError(
            "a form of a platform must have a name and a pattern of Python's `re`; "
            f"got {fields}: {error}"
        ) from None


def _user(words, assignments):
    """Return the name of a user, which follows that of the assignment."""
    for assignment in assignments:
        if words.startswith(f"{assignment}_"):
            return words.removeprefix(f"{assignment}_")
    return words.rpartition("_")[2]


class _Ruby(yaml.CSafeLoader):
    """Reads what Ruby writes: the class that an entry had there makes no difference."""


def _plain(loader, suffix, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Ruby.add_multi_constructor("!ruby/", _plain)


def submitters(data):
    """Return who handed in what Gradescope exports, by the names of its folders.

    Parameters
    ----------
    data : bytes
        Its ``submission_metadata.yml``.

    Returns
    -------
    dict of str to list of Named
        A group has several members.
    """
    try:
        table = yaml.load(data, _Ruby)
        return {
            folder: [_submitter(person, entry) for person in entry[":submitters"]]
            for folder, entry in table.items()
        }
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"submission_metadata.yml must be as Gradescope writes it: {type(error).__name__}"
        ) from None


def _submitter(person, entry):
    called = [str(person.get(name) or "").strip() for name in (":sid", ":email", ":name")]
    called = tuple(filter(None, called))
    received = entry.get(":created_at")
    is_time = isinstance(received, datetime)
    if is_time:
        received = received.replace(tzinfo=received.tzinfo or UTC).astimezone(UTC)
    received = received if is_time else None
    return Named(called[0], called, received=received, by="Gradescope")
