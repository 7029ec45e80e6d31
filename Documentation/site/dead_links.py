# SPDX-License-Identifier: GPL-2.0-or-later
# Looks through the site that was made for links that lead nowhere within it, whoever made
# them: Sphinx, mandoc, its theme.
"""Each relative link and picture is a file of the site, and each part of a page that is
linked has that name in the page. One that is not makes the build fail."""
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.util import logging

logger = logging.getLogger(__name__)


class Page(HTMLParser):
    """The links of a page, with their lines, and the names that it has."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src", "data") and value:
                self.links.append((value, self.getpos()[0]))
            elif name == "id" or (name == "name" and tag == "a"):
                self.names.add(value)


def check(app, failure):
    if failure or app.builder.name != "html":
        return
    out = Path(app.outdir).resolve()
    pages = {path: Page(path) for path in sorted(out.rglob("*.html"))
             if out / "files" not in path.parents}
    dead = 0
    for path, page in pages.items():
        for link, line in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            part = unquote(parts.fragment)
            if not target.is_file() or out not in target.parents or (
                    part and target in pages and part not in pages[target].names):
                logger.warning("%s:%d: the link %s is dead", path.relative_to(out), line, link)
                dead += 1
    # It is too late for -W to see this.
    if dead:
        app.statuscode = 1


def setup(app):
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
