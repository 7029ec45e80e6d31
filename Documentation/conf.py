# SPDX-License-Identifier: GPL-2.0-or-later
# How Sphinx makes a site of these pages. `make docs` runs it.
"""Settings of Sphinx, and what it lacks for these pages, in site/."""
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "site"))

project = "snaptun"
author = "the authors of snaptun"
release = re.search(r'PACKAGE_VERSION="(.*)"', (HERE.parent / "dkms.conf").read_text()).group(1)
version = release

extensions = ["manuals", "files", "dead_links"]
nitpicky = True
# Commands, packets and drawings are no source text of one language.
highlight_language = "none"

html_theme = "alabaster"
html_title = "snaptun " + release
html_static_path = ["site/style.css"]
html_css_files = ["style.css"]
html_copy_source = False
html_theme_options = {
    "description": "A Linux network device for SNAP tunnels",
    "fixed_sidebar": True,
    "page_width": "72em",
    "show_powered_by": False,
}
templates_path = ["site"]
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html", "manuals.html"]}
