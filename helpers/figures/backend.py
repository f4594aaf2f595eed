"""Import Matplotlib wherever MPLBACKEND names no backend that there is: figures need none.

Matplotlib reads the variable when it is first imported, and refuses to be imported with a wrong
name. Here it gets the name afterwards.
"""

import contextlib
import os
import sys

_name = os.environ.get("MPLBACKEND")
if _name and "matplotlib" not in sys.modules:
    del os.environ["MPLBACKEND"]
    import matplotlib

    os.environ["MPLBACKEND"] = _name
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = _name
