"""What stops a command and can be mended by whoever typed it."""

import errno
import os

TYPED = "py -m course" if os.name == "nt" else "make"  # before the name of a command
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class Problem(Exception):  # noqa: N818 (a reader's problem, not the program's error)
    """The text says in a sentence or two what is wrong and what to do."""


def in_words(error):
    """Return what an OSError means for a reader."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in NO_SPACE:
        return f"The disk is full{where}: make room and try again. Nothing was lost."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"This cannot be written{where}: {error.strerror}. Copy the course into a folder "
            "of your own, and type the command there."
        )
    return (
        f"This did not work{where}: {error.strerror or error}. `{TYPED} doctor` may show why."
    )
