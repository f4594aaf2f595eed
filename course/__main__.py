"""``python -m course COMMAND``: what the Makefile calls, and what Windows types.

lab [ARGUMENTS]         open the reader's copies in JupyterLab, with arguments of its own
copies                  make what `lab` opens, without opening it
edit [ARGUMENTS]        open the lessons themselves
formgrader [ARGUMENTS]  open the assignments, with nbgrader's tools
ready KIND              make the environment for a student, grading, developer or frameworks
run KIND ARGUMENTS      run Python in it
receipt                 say which answers the exercises have, as they would be handed in
doctor                  look at this machine, and say what to mend
clean                   remove what these commands made
"""

import sys

OLDEST = (3, 11)


def main(arguments):
    """Run a command, and return its exit status; what a reader can mend is one sentence."""
    from course import clean, doctor, environment, lab, receipt
    from course.problems import Problem, in_words

    command, rest = (arguments or [""])[0], arguments[1:]
    opened = {
        "lab": lab.open_copies,
        "edit": lab.open_lessons,
        "formgrader": lab.open_assignments,
    }
    alone = {
        "copies": lab.make_copies,
        "receipt": receipt.main,
        "doctor": doctor.main,
        "clean": clean.main,
    }
    try:
        if command in opened:
            return opened[command](rest)
        if command in ("ready", "run") and rest and rest[0] in environment.KINDS:
            python = environment.ready(rest[0])
            return environment.run(python, rest[1:]) if command == "run" else 0
        if command in alone and not rest:
            return alone[command]()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{in_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing is half-made: type the same command again.", file=sys.stderr)
        return 130
    print(
        f"There is no command {command!r}. These are the commands:\n{__doc__}", file=sys.stderr
    )
    return 2


if sys.version_info < OLDEST:  # then nothing may be imported that this Python cannot read
    this = "{} is {}.{}".format(sys.executable, *sys.version_info)
    sys.exit(
        "This course needs Python 3.11 or newer; " + this + ". Install a newer one from "
        "https://www.python.org/downloads/ and type the same command with it."
    )
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
