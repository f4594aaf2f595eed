"""What stops a command of grading, in a sentence."""

from sqlalchemy.exc import SQLAlchemyError

from course import problems
from teaching.grading.sandbox import Refused

KNOWN = (Refused, ValueError, RuntimeError, OSError, SQLAlchemyError)


def in_words(error):
    """Return what one of the `KNOWN` means."""
    if isinstance(error, SQLAlchemyError):
        said = str(getattr(error, "orig", error)).strip()
        if "locked" in said:
            said = "another program is writing into it; wait until that ends"
        return f"the gradebook: {said}".rstrip(".") + "."
    if isinstance(error, OSError):
        return problems.in_words(error)
    return str(error).strip().rstrip(".") + "."
