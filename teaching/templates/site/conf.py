"""How Sphinx makes pages, which fetch nothing, of what teaching/site.py has gathered."""

from teaching.address import site_address
from teaching.libraries import library

project = "Weight initialization, from zero to He"
html_title = "Weight initialization"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinxext.opengraph",  # what a link to a page shows elsewhere, and its description
    "notfound.extension",  # a page for addresses that are none
]
html_baseurl = site_address()
ogp_site_url = html_baseurl
ogp_use_first_image = False
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True
notfound_urls_prefix = "/".join(["", *html_baseurl.split("/")[3:-1], ""])
html_favicon = "static/favicon.svg"
numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say them
add_module_names = False
exclude_patterns = [".*"]

nb_execution_mode = "off"  # they have been run
nb_code_prompt_show = nb_code_prompt_hide = "Code that asserts what this page states"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_dmath_allow_labels = False
myst_dmath_double_inline = True

# Only what MyST took for a formula is typeset: no code, panel or question.
myst_update_mathjax = False
mathjax_path = "tex-svg-full.js"
mathjax3_config = {
    "options": {"enableMenu": False, "ignoreHtmlClass": ".*", "processHtmlClass": "math"},
    "svg": {"fontCache": "global"},
}

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005a92", "color-brand-content": "#005a92"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f5", "color-brand-content": "#7cc4f5"},
}
html_static_path = ["static", str(library("mathjax") / "es5")]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path = ["templates"]
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_copy_source = False  # a baked notebook is as large as its page
html_show_search_summary = False  # it would be fetched, and no browser fetches files
html_show_copyright = False
html_use_index = False
html_domain_indices = False
