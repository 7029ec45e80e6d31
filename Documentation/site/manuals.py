# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages on the site: man/NAME.SECTION is the page man/NAME.SECTION.html, made
# by mandoc.
"""What a page calls snaptun(8) in its text leads there, and so does what a manual names
by Xr; other projects' manuals are those of Debian. It is wrong to name a manual of ours
that there is not. The list of manuals beside each page is manuals.html."""
import re
import subprocess
from pathlib import Path

from docutils import nodes
from docutils.utils import new_document
from sphinx.util import logging

logger = logging.getLogger(__name__)

# A manual of ours in a text, as people write it.
NAMED = re.compile(r"\b(snaptun[\w.-]*)\((\d)\)")
FOREIGN = "https://manpages.debian.org/%N.%S"
# Text in these is not looked at.
VERBATIM = (nodes.FixedTextElement, nodes.literal, nodes.reference, nodes.title, nodes.comment)


def find(app):
    """Which manuals there are, by the name of their page."""
    app.snaptun_manuals = {
        f"man/{path.name}": path for path in sorted(Path(app.srcdir, "man").glob("*.[1-9]"))
    }


def inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def link_names(app, doctree, docname):
    """Makes links of the manuals that a page names."""
    for text in list(doctree.findall(nodes.Text)):
        if inside(text.parent, VERBATIM):
            continue
        parts, end = [], 0
        for match in NAMED.finditer(text):
            page = f"man/{match[1]}.{match[2]}"
            if page not in app.snaptun_manuals:
                logger.warning("there is no manual %s", match[0], location=text.parent)
                continue
            uri = app.builder.get_relative_uri(docname, page)
            parts.append(nodes.Text(text[end:match.start()]))
            parts.append(nodes.reference("", match[0], refuri=uri, internal=True))
            end = match.end()
        if parts:
            parts.append(nodes.Text(text[end:]))
            text.parent.replace(text, parts)


def mandoc(app, page, *options):
    """What mandoc makes of a manual, and says of it. It knows ours by their files."""
    done = subprocess.run(
        ["mandoc", "-W", "warning", *options, app.snaptun_manuals[page]],
        cwd=Path(app.srcdir, "man"), capture_output=True, text=True, check=False)
    for line in done.stderr.splitlines():
        logger.warning("%s", line)
    return done.stdout


def pages(app):
    """Renders the manuals, each with the site's frame around it."""
    for page, path in app.snaptun_manuals.items():
        name, section = path.name.rsplit(".", 1)
        title = f"{name}({section})"
        body = mandoc(app, page, "-T", "html",
                      "-O", f"fragment,toc,man=%N.%S.html;{FOREIGN}")
        for missing in re.findall(r'href="[^"]*/(snaptun[^"/]*)"', body):
            logger.warning("%s names the manual %s, which there is not", title, missing)
        # So that the site's search finds what stands in it.
        words = new_document(str(path))
        words += nodes.paragraph(text=mandoc(app, page, "-T", "utf8", "-O", "width=999"))
        app.builder.index_page(page, words, title)
        yield page, {"title": title, "body": body, "parents": [], "toc": ""}, "page.html"


def list_in_sidebar(app, pagename, templatename, context, doctree):
    context["manuals"] = [
        (app.builder.get_relative_uri(pagename, page), "{}({})".format(*path.name.rsplit(".", 1)))
        for page, path in app.snaptun_manuals.items()
    ]


def setup(app):
    app.connect("builder-inited", find)
    app.connect("doctree-resolved", link_names)
    app.connect("html-collect-pages", pages)
    app.connect("html-page-context", list_in_sidebar)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
