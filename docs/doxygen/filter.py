#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What doxygen reads in place of a file, so that headers and pages hold no word for doxygen alone:

    filter.py FILE
    filter.py --words build/docs/words.json    once before: the words that names inherit

Of a header, the opening comment describes the file, the names join the group of its room
(groups.dox), the inline namespace of the instruction set is left out, and the members of a
concept's model get the concept's words where they have none of their own. Of a page, headings get
names and links lead to them. No line moves: a warning names the right one.
"""

import html
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/architecture"))
import check
import public_names

PAGES = check.tree(ROOT)
WORDS = ROOT / "build/docs/words.json"
CODE_OR_TAG = re.compile(r"`([^`\n]*)`|<([a-z_]+)>")


def plain_tags(text):
    """Outside of code nothing is a tag of HTML; in it no \\ or @ begins a command, no " a text."""
    def plain(match):
        if match[2]:
            return rf"\<{match[2]}\>"
        if not re.search(r"[\\@\"]", match[1]):
            return match[0]
        code = html.escape(match[1], quote=False).replace('"', "&quot;")
        return "<tt>" + re.sub(r"([\\@])", r"\\\1", code) + "</tt>"

    return CODE_OR_TAG.sub(plain, text)


def inherited_words():
    """{file: [[place, words]]}: where a comment is missing, and which. From the last on."""
    texts = {str(file): PAGES.read(file) for file, _ in PAGES.headers()}
    every = public_names.read(texts, PAGES.read("docs/doxygen/groups.dox"))
    return {file: [[n.start, n.inherited] for n in sorted(names, key=lambda n: -n.start)
                   if n.inherited] for file, names in every.items()}


def header(file, text):
    for place, words in json.loads(WORDS.read_text()).get(str(file), []):
        words = " ".join(re.sub(r"^@.*", "", words, flags=re.M | re.S).split())
        words = plain_tags(words).replace("*/", "* /")
        text = f"{text[:place]}/** {words} */ {text[place:]}"
    text = re.sub(r"\A// SPDX[^\n]*\n//\n((?://[^\n]*\n)+)",
                  lambda match: "/// @file\n///\n" + re.sub("^//", "///", match[1], flags=re.M),
                  text)
    text = re.sub(r"^[ ]*///.*$", lambda match: plain_tags(match[0]), text, flags=re.M)
    text = text.replace("backends::inline BACKENDS_ISA", "backends")
    group = file.parts[2] if len(file.parts) > 3 else "core"
    text = re.sub(r"^namespace backends\b.*\{$",
                  rf"\g<0> /** @addtogroup {group} */ /** @{{ */", text, flags=re.M)
    return re.sub(r"^\}(?=  // namespace backends\b)", "/** @} */ }", text, flags=re.M)


def name_of(page, anchor=None):
    """The name of a heading among those of all pages; a page's first heading names the page."""
    if anchor is None or anchor == next(check.anchors(PAGES, page)):
        if page == Path("README.md"):
            return "mainpage"
        return re.sub(r"\W", "_", str(page.with_suffix("")))
    return re.sub(r"\W", "_", f"{page.with_suffix('')}_{anchor}")


def page(file, text):
    anchors = check.anchors(PAGES, file)

    def heading(match):
        return f"{match[0]} {{#{name_of(file, next(anchors))}}}"

    def link(match):
        words, path, anchor = match.groups()
        if re.match(r"[a-z][a-z0-9+.-]*:", path):
            return match[0]
        to = Path(os.path.relpath(ROOT / file.parent / path, ROOT)) if path else file
        if to.suffix == ".svg":
            return f"[{words}]({to.name})"
        if to.suffix != ".md":
            return words  # a file that is no part of the reference
        return f"[{words}](@ref {name_of(to, anchor or None).replace('mainpage', 'index')})"

    parts = re.split(r"(^```.*?^```[ \t]*$)", text, flags=re.M | re.S)
    for i in range(0, len(parts), 2):
        part = re.sub(r"^#{1,6} .*$", heading, parts[i], flags=re.M)
        part = re.sub(r"\[([^\]]*)\]\(([^()\s#]*)#?([^()\s]*)\)", link, part)
        parts[i] = plain_tags(part)
    return "".join(parts)


def main(name):
    file = Path(name).resolve().relative_to(ROOT)
    text = (ROOT / file).read_text(encoding="utf-8")
    if file.suffix == ".hpp":
        text = header(file, text)
    elif file.suffix == ".md":
        text = page(file, text)
    sys.stdout.write(text)


if __name__ == "__main__":
    if sys.argv[1] == "--words":
        Path(sys.argv[2]).write_text(json.dumps(inherited_words()))
    else:
        main(sys.argv[1])
