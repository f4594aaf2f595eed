"""Remove what the commands of the course made, and nothing else, whatever lies beside it."""

from course.environment import HOME, NEW, ROOT, remove

PACKAGES = ("helpers", "course", "teaching", "tests", "benchmarks")
CACHES = (
    *(".pytest_cache", ".ruff_cache", ".mypy_cache", ".hypothesis"),
    "weight_initialization_course.egg-info",
)
BUILT = (
    *("slides", "handouts", "site", "site-source", "libraries", "baked", "screenshots"),
    *("bounds", "home", "course.zip", "install.log"),
)


def main():
    """Remove environment, caches and what was built; return the exit status."""
    for name in CACHES:
        remove(ROOT / name)
    for path in (HOME, NEW, *(ROOT / "build" / name for name in BUILT)):
        remove(path)
    for package in PACKAGES:
        for cache in list((ROOT / package).rglob("__pycache__")):
            remove(cache)
    said = "Removed the environment, what was built, and caches. Nothing else was touched."
    try:
        (ROOT / "build").rmdir()
    except FileNotFoundError:
        pass
    except OSError:
        said += " In build/ something lies that the course did not make: it is still there."
    print(said)
    return 0
