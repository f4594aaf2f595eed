"""What stops a command and can be mended by whoever typed it."""

import errno

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
    return f"The system does not do it{where}: {error.strerror}."
