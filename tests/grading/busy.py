"""A machine on which others compute, too."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager


@contextmanager
def busy(loops=6):
    """Let so many processes compute for nothing meanwhile."""
    with ExitStack() as stack:
        for _ in range(loops):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield
