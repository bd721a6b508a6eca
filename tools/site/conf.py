"""How Sphinx builds the site; `tools/site/make_site.py` lays out the pages that it reads."""

from llm_tradeoffs import __version__

project = "llm_tradeoffs"
author = "The llm_tradeoffs authors"
copyright = "the llm_tradeoffs authors"  # Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = [
    "misc.highlighting_failure",  # a block may be what a program printed
    "myst.xref_missing",  # make_site.py follows every link itself, also to places that HTML names
    "ref.python",  # several classes have a `low`
]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"members": True, "inherited-members": False}
autodoc_inherit_docstrings = False
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"llm_tradeoffs {__version__}"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_static_path: list[str] = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_extra"]
