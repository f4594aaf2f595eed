"""How nbgrader finds the course, when it is started in this folder."""

import os
import secrets
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parent
sys.path.insert(0, str(COURSE))

import nbgrader  # noqa: E402

import teaching  # noqa: E402
from teaching.exercises import RELEASE  # noqa: E402  (the same stubs as in `make exercises`)

# nbgrader starts `alembic` by its name, which must then be found in this environment.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

c = get_config()  # noqa: F821  (nbgrader defines it)
c.merge(RELEASE)
c.CourseDirectory.course_id = "weight-initialization"
c.CourseDirectory.root = str(COURSE)
c.CourseDirectory.source_directory = "assignments"

# Marks and submissions are in no folder that `make clean` removes, and git ignores it.
GRADING = COURSE / "grading"
GRADING.mkdir(exist_ok=True)

# Where marks are kept: this file, or what COURSE_GRADEBOOK says, for example
# postgresql+psycopg://user:password@host/database.
c.CourseDirectory.db_url = (
    os.environ.get("COURSE_GRADEBOOK") or f"sqlite:///{GRADING / 'gradebook.db'}"
)
c.CourseDirectory.release_directory = "grading/release"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"

# For "release" and "collect" between accounts of one machine, name a folder that all can write.
c.Exchange.root = str(GRADING / "exchange")
(GRADING / "exchange").mkdir(exist_ok=True)

# Hidden tests draw their cases from a secret: made once, and kept, so that grading again gives
# the same marks. Kernels that nbgrader starts inherit the variable.
if not os.environ.get("COURSE_SECRET"):
    secret = GRADING / "secret"
    if not secret.exists():
        part = secret.with_name("secret.part")
        part.touch(mode=0o600)
        part.write_text(secrets.token_hex(16))
        part.replace(secret)  # a full disk leaves none
    os.environ["COURSE_SECRET"] = secret.read_text().strip()

# Submissions are run behind walls and nowhere else, by "nbgrader autograde" and its button too.
c.Autograde.exporter_class = "teaching.grading.hooks.Judged"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = []

# Students' text must neither act in formgrader, which is served by the marker's Jupyter server,
# nor in feedback, which does not show hidden tests and marking schemes either.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "teaching.grading.hooks.WithoutSecrets",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
c.HTMLExporter.preprocessors = ["teaching.grading.hooks.Harmless"]
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "teaching.grading.hooks.markdown",
    "clean_html": "teaching.grading.hooks.harmless",
}

# In `formgrade/`, what formgrader else fetches from the internet.
formgrader = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
c.HTMLExporter.extra_template_basedirs = [
    str(Path(teaching.__file__).parent / "templates"),
    str(formgrader / "templates"),
]

# Else formgrader shows this configuration, and with it the password of the database.
c.FormgradeExtension.debug = False
