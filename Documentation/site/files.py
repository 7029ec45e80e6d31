# SPDX-License-Identifier: GPL-2.0-or-later
# Links from a page to files of the tree, `text <../README.md>`_, as plain text and git
# forges have them, lead on the site to what the site has for these files.
"""A page or a manual of ours is its page there. Any other file of the tree is put beside
the pages, below files/."""
import os
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def follow(app, doctree, docname):
    for link in doctree.findall(nodes.reference):
        uri = link.get("refuri", "")
        if link.get("internal") or not uri or uri.startswith("#") or ":" in uri.split("/")[0]:
            continue
        target, _, part = uri.partition("#")
        path = Path(os.path.normpath(Path(app.srcdir, docname).parent / target))
        page = Path(app.srcdir) in path.parents and path.relative_to(app.srcdir)
        top = Path(app.srcdir).parent
        if not path.is_file() or top not in path.parents:
            logger.warning("there is no file %s", uri, location=link)
            continue
        if page and app.env.path2doc(str(path)) in app.env.found_docs:
            to = app.builder.get_relative_uri(docname, app.env.path2doc(str(path)))
        elif page and page.as_posix() in app.snaptun_manuals:
            to = app.builder.get_relative_uri(docname, page.as_posix())
        else:
            name = Path("files", path.relative_to(top))
            copy = Path(app.outdir, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            to = os.path.relpath(name, Path(docname).parent)
        link["refuri"] = to + ("#" + part if part else "")


def setup(app):
    app.connect("doctree-resolved", follow)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
