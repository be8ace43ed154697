"""The documentation's site. `make docs` builds it, without a network, from .cache/site/source:
this folder, the notebooks with their outputs, and what tools/docs_stage.py adds."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))
facts = json.loads((HERE / "facts.json").read_text("utf-8"))  # written by tools/docs_stage.py

project = "Attention Widget"
author = "The attention-widget authors"
version = release = facts["version"]
language = "en"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
    "docstrings",
    "mathml",
]
exclude_patterns = ["_build", "_ext", "facts.json"]

# Pages ------------------------------------------------------------------------------------------
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_block"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
nb_execution_mode = "off"  # tools/executed_notebooks.py has run them
nb_ipywidgets_js = {}  # else pages ask a CDN for a widget manager, which nothing here needs
nb_merge_streams = True
suppress_warnings = ["myst.header"]  # a notebook may begin below its title

# Reference --------------------------------------------------------------------------------------
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 88
python_display_short_literal_types = True
add_module_names = False
toc_object_entries_show_parents = "hide"
napoleon_use_rtype = False
napoleon_numpy_docstring = False

# Look -------------------------------------------------------------------------------------------
html_theme = "furo"
html_title = "Attention Widget"
html_static_path = ["_static"]
html_extra_path = ["extra"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_favicon = "_static/icon.svg"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
html_baseurl = facts["documentation"]
html_theme_options = {
    "source_repository": f"{facts['repository']}/",
    "source_branch": "main",
    "source_directory": "docs/",
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#6d3fc0",
        "color-brand-content": "#6d3fc0",
    },
    "dark_css_variables": {
        "color-brand-primary": "#b79cf0",
        "color-brand-content": "#b79cf0",
    },
}
copybutton_exclude = ".linenos, .gp, .go"
