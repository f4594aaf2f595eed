"""Settings of *Save and Export Notebook As* in the JupyterLab that ``make lab`` starts."""

from pathlib import Path

c = get_config()  # noqa: F821
c.HTMLExporter.template_name = "course"
c.HTMLExporter.extra_template_basedirs = [str(Path(__file__).parent / "nbconvert")]
