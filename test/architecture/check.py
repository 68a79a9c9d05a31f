#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that the compiler cannot make: the order of the folders, what may be included where, that
the umbrella is complete, that the code in the documentation is compiled code, that its links hold.

    check.py ROOT            all checks
    check.py ROOT NAME...    those
    check.py --fix ROOT      first writes the umbrella and the code blocks anew

Each check is a function that yields one line per mistake.
"""

import json
import os
import re
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import bench_plots
import public_names
import words

# The data's order (docs/way.md). A folder sees itself and the folders named here, which
# must stand above it: so the order of this table proves that the graph has no cycle.
MAY_SEE = {
    "core": "",
    "hardware": "core",
    "instrument": "core hardware",
    "cell": "core hardware",
    "storage": "core hardware instrument cell",
    "source": "core hardware cell storage",
    "number": "core hardware",
    "format": "core hardware number",
    "queue": "core hardware",
    "delivery": "core queue",
    "spool": "core queue",
    "transport": "core",
    "driver": "core instrument format queue delivery spool transport",
    "monitor": "core storage",
    "exporter": "core instrument storage source number format queue delivery spool transport "
                "driver monitor",
    "select": "core source format transport driver exporter",
}
MAY_SEE["testing"] = MAY_SEE["bench"] = " ".join(MAY_SEE)
# Not select/: a program has one place that selects. Nor what tests and benchmarks alone need.
IN_UMBRELLA = [room for room in MAY_SEE if room not in ("select", "testing", "bench")]
# A program that speaks HTTP includes these itself: others need neither Boost.Beast nor zlib. A
# transport that is chosen at run time is select's.
LEFT_OUT = ("transport/http_", "transport/gzip.hpp", "transport/tls",
            "transport/chosen_transport.hpp", "format/opentsdb_http.hpp", "format/otlp_",
            "format/prometheus_", "format/resource_text.hpp")
ROOT_HEADERS = {"backends.hpp", "fwd.hpp", "isa.hpp", "version.hpp"}
# Headers with public names that no words explain yet.
WORDS_TO_COME = {
    "exporter/cycle.hpp", "instrument/bucket_counts.hpp", "instrument/counter.hpp",
    "instrument/exponential_buckets.hpp", "instrument/histogram.hpp", "instrument/instrument.hpp",
    "instrument/quantiles.hpp", "instrument/up_down_counter.hpp", "storage/host.hpp",
    "storage/instrument_chart.hpp", "transport/tcp.hpp",
}
LONGEST_HEADER = 300
LONGEST_PROGRAM = 45  # of docs/programs.md, without the line of its licence
COLUMNS = 100

# Each of these costs more to compile than all of the headers that a recording program needs.
HEAVY = {"chrono", "functional", "iostream", "regex"}
LIGHT_FOLDERS = ("core hardware instrument cell storage source number format queue delivery "
                 "spool").split()
# Programs without exceptions record, reduce and format.
ONLY_RAISE = ("core hardware instrument cell storage source number format queue "
              "delivery").split()

CODE = {".hpp", ".cpp", ".py", ".sh", ".cmake"}
TEXT = CODE | {".md", ".txt", ".json", ".in", ".yml", ""}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.M)
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
MARK = re.compile(r"^\s*(?://|#)!\s*\[(.+)\]\s*$")
SNIPPET = re.compile(r"^<!-- snippet: (\S+?)#(\S+) -->\n```\w*\n(.*?)^```$", re.M | re.S)


class tree:
    """The files of the project."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = []
        for folder, below, names in os.walk(self.root):
            below[:] = sorted(d for d in below if d not in ("build", ".git", "__pycache__"))
            self.files += [Path(folder, name).relative_to(self.root)
                           for name in sorted(names) if name != ".git"]  # a worktree has a file

    def read(self, file):
        return (self.root / file).read_text(encoding="utf-8", errors="replace")

    def below(self, folder, *suffixes):
        start = Path(folder).parts
        return [f for f in self.files
                if f.parts[:len(start)] == start and (not suffixes or f.suffix in suffixes)]

    def headers(self):
        """Each header with its folder below include/backends, "" for the root."""
        for file in self.below("include/backends"):
            yield file, file.parts[2] if len(file.parts) > 3 else ""


def folders_follow_the_data(project):
    """Includes between folders go upstream only; testing/, bench/ and the umbrella are included by
    nothing."""
    for file, folder in project.headers():
        if folder and folder not in MAY_SEE:
            yield f"{file}: the folder {folder}/ has no place in the order"
            continue
        if not folder and file.name not in ROOT_HEADERS:
            yield f"{file}: the root holds {', '.join(sorted(ROOT_HEADERS))} and nothing else"
        for name in INCLUDE.findall(project.read(file)):
            if not name.startswith("backends/"):
                if (project.root / file.parent / name).exists():
                    yield f"{file}: includes {name} by a relative path"
                continue
            parts = Path(name).parts
            if len(parts) == 2:
                if name == "backends/backends.hpp":
                    yield f"{file}: includes the umbrella"
            elif file.name == "backends.hpp" and not folder:
                if parts[1] not in IN_UMBRELLA:
                    yield f"{file}: includes {name}"
            elif not folder:
                yield f"{file}: includes {name}, a header of the root includes no folder"
            elif parts[1] != folder and parts[1] not in MAY_SEE[folder].split():
                yield f"{file}: {folder}/ does not see {parts[1]}/, includes {name}"


def order_has_no_cycle(project):
    """What a folder sees stands before it in MAY_SEE."""
    above = set()
    for folder, seen in MAY_SEE.items():
        for name in seen.split():
            if name not in above:
                yield f"{folder}/ sees {name}/, which does not stand above it"
        above.add(folder)


def asio_is_in_transport_alone(project):
    for file, folder in project.headers():
        for name in INCLUDE.findall(project.read(file)):
            if name.startswith(("boost/asio", "boost/beast", "asio")) and folder != "transport":
                yield f"{file}: includes {name}"


def benchmark_is_in_bench_alone(project):
    for file, folder in project.headers():
        includes = INCLUDE.findall(project.read(file))
        if folder != "bench" and any(name.startswith("benchmark/") for name in includes):
            yield f"{file}: includes Google Benchmark"


def early_folders_are_light(project):
    for file, folder in project.headers():
        for name in INCLUDE.findall(project.read(file)):
            if name == "iostream" or (name in HEAVY and folder in LIGHT_FOLDERS):
                yield f"{file}: includes <{name}>"


def dispatch_is_static(project):
    """Policies are types, chosen where the program is compiled."""
    for file, _ in project.headers():
        code = COMMENT_OR_STRING.sub("", project.read(file))
        for word in re.findall(r"\bvirtual\b|\bstd::function\b|\benable_if(?:_t)?\b", code):
            yield f"{file}: {word}"


def order_comes_without_fences(project):
    """The thread sanitizer does not see fences; its warning is off, because Asio has some."""
    for file, _ in project.headers():
        if re.search(r"\batomic_(?:thread|signal)_fence\b",
                     COMMENT_OR_STRING.sub("", project.read(file))):
            yield f"{file}: a fence"


def assembly_holds_no_instruction(project):
    """Compilers choose instructions, by their options: SSE's own encoding beside AVX's
    costs hundreds of cycles. What is left to assembly is to keep compilers from moving
    things, with no text."""
    for file in project.below("include", ".hpp") + project.below("bench", ".hpp", ".cpp"):
        code = re.sub(r"//[^\n]*", "", project.read(file))
        for text in re.findall(r"\b(?:__)?asm(?:__)?\b(?:\s+\w+)*\s*\(([^:)]*)", code):
            if text.strip() != '""':
                yield f"{file}: assembly, {' '.join(text.split())}"


def namespace_names_the_instruction_set(project):
    """All headers stand in the inline namespace of isa.hpp, and know it."""
    includes = {f"backends/{Path(*f.parts[2:])}": INCLUDE.findall(project.read(f))
                for f, _ in project.headers()}

    def knows(name, seen):
        seen.add(name)
        return name == "backends/isa.hpp" or any(
            knows(other, seen) for other in includes.get(name, ()) if other not in seen)

    for file, _ in project.headers():
        opened = re.findall(r"^(?:inline )?namespace (backends\b.*?) *\{", project.read(file), re.M)
        for name in opened:
            if not name.startswith("backends::inline BACKENDS_ISA"):
                yield f"{file}: namespace {name}, not backends::inline BACKENDS_ISA"
        if opened and not knows(f"backends/{Path(*file.parts[2:])}", set()):
            yield f"{file}: does not include <backends/isa.hpp>"


def recording_throws_through_raise(project):
    for file, folder in project.headers():
        if folder in ONLY_RAISE and file.name != "raise.hpp":
            for what in re.findall(r"\bthrow\s+\w+", COMMENT_OR_STRING.sub("", project.read(file))):
                yield f"{file}: {what}, not detail::raise"


def headers_are_short(project):
    for file, _ in project.headers():
        lines = project.read(file).count("\n")
        if lines > LONGEST_HEADER:
            yield f"{file}: {lines} lines, at most {LONGEST_HEADER}"


def is_source(file):
    script = not file.suffix and file.parts[0] in ("tools", ".ci")
    return file.suffix in CODE or file.name == "CMakeLists.txt" or script


def lines_have_an_end(project):
    """Characters, not bytes. Rows of tables, addresses, the links of a page and the sentence of an
    #error cannot be broken."""
    whole_in_source = re.compile(r"\s*(?:///?|#)\s*\||.*https?://\S+$")
    whole_in_page = re.compile(r"\s*\||\s*(?:[-*] )?\S+$")
    for file in project.files:
        if is_source(file):
            whole = whole_in_source
        elif file.suffix == ".md":
            whole = whole_in_page
        else:
            continue
        text = re.sub(r'(#error \\\n\s*)".*"$', r"\1", project.read(file), flags=re.M)
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > COLUMNS and not whole.match(line):
                yield f"{file}:{number}: {len(line)} columns"


def labels_are_whole(project):
    """No text of a plot is cut by its edge."""
    for file in project.below("docs/plots", ".svg"):
        for label in bench_plots.cut_labels(project.read(file)):
            yield f"{file}: no room for {label}"


def sources_name_their_licence(project):
    for file in project.files:
        if is_source(file):
            first = project.read(file).split("\n", 2)[:2]
            if not any("SPDX-License-Identifier: BSL-1.0" in line for line in first):
                yield f"{file}: does not begin with SPDX-License-Identifier: BSL-1.0"
        if file.suffix == ".hpp" and not re.search(r"^#pragma once$", project.read(file), re.M):
            yield f"{file}: no #pragma once"


def no_path_of_one_machine(project):
    """Paths that exist on one machine only."""
    private = re.compile(r"(?<![a-z0-9_.*])/(?:home|root|Users|mnt|srv|work|workspace)/[\w.]")
    for file in project.files:
        if file.suffix not in TEXT:
            continue
        for number, line in enumerate(project.read(file).splitlines(), 1):
            if private.search(line) or f"{project.root}/" in line:
                yield f"{file}:{number}: {line.strip()[:80]}"


def retired_words(project):
    """The field's words, and one word for one thing (words.py)."""
    for file in project.below("include", ".hpp") + project.below("docs", ".md"):
        for line, what, better in words.found(project.read(file), words.RETIRED):
            yield f"{file}:{line}: {what}, now {better}"


def what_follows_stands_after(project):
    """Nothing but a receiver stands behind something: a proxy."""
    for file in project.below("include", ".hpp") + project.below("docs", ".md"):
        for line, what, better in words.found(project.read(file), words.MISPLACED, words.PROXY):
            yield f"{file}:{line}: {what}, rather {better}"


def tests_include_their_header_first(project):
    for file in project.below("test/unit", ".cpp"):
        header = Path("backends", *file.parts[2:]).with_suffix(".hpp")
        if (project.root / "include" / header).exists():
            first = INCLUDE.search(project.read(file))
            if not first or first[1] != str(header):
                yield f"{file}: the first include is not <{header}>"


def tests_run_always_and_at_once(project):
    """No sleeping, and no test that is hidden or may fail."""
    unwanted = re.compile(r"\bsleep_(?:for|until)\b|\b(?:u|nano)?sleep ?\("
                          r"|\[\.\w*\]|\[!(?:may|should)fail\]")
    for file in project.below("test", ".cpp", ".hpp"):
        for found in unwanted.findall(project.read(file)):
            yield f"{file}: {found}"


def packages_have_the_version(project):
    """vcpkg reads a port's version before it runs anything, so that file alone repeats it."""
    header = project.read("include/backends/version.hpp")
    version = ".".join(re.findall(r"#define BACKENDS_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))
    port = Path("packaging/vcpkg/ports/backends/vcpkg.json")
    if (named := json.loads(project.read(port))["version-semver"]) != version:
        yield f"{port}: {named}, the headers say {version}"
    if f"\nbackends/{version}\n" not in project.read("docs/install.md"):
        yield f"docs/install.md: conan's requirement is not {version}"


# Included first: what compilers say about a duration then stands after few names of files.
FIRST = "core/time.hpp"


def umbrella_text(project):
    lines = ["// SPDX-License-Identifier: BSL-1.0", "//",
             "// Every public header but those of select/ and of HTTP, in the data's order."
             " Programs that only",
             "// record do better with <backends/storage/host.hpp>: this one brings Asio along.",
             "#pragma once", "",
             "// clang-format off"]
    for folder in IN_UMBRELLA:
        files = [Path(*f.parts[1:]) for f, where in project.headers()
                 if where == folder and len(f.parts) == 4
                 and not str(Path(*f.parts[2:])).startswith(LEFT_OUT)]
        files.sort(key=lambda file: file != Path("backends", FIRST))
        lines += [f"#include <{file}>" for file in files]
        lines += [""] if lines[-1] else []
    lines += ["#include <backends/version.hpp>", "// clang-format on", ""]
    return "\n".join(lines)


def umbrella_is_complete(project):
    umbrella = Path("include/backends/backends.hpp")
    found = project.read(umbrella) if (project.root / umbrella).exists() else ""
    wanted = INCLUDE.findall(umbrella_text(project))
    included = INCLUDE.findall(found)
    for name in wanted:
        if name not in included:
            yield f"{umbrella}: lacks {name}"
    for name in included:
        if name not in wanted:
            yield f"{umbrella}: includes {name}, which is not there"
    if sorted(included) == sorted(wanted) and included != wanted:
        yield f"{umbrella}: not in the data's order (check.py --fix writes it)"


def region(project, path, name):
    """The lines between the two marks `//! [name]` of a file, without marks and indentation.
    `whole` is the file from its first include on."""
    if name == "whole":
        text = project.read(path)
        kept = [line.rstrip() for line in text[text.index("#include"):].splitlines()
                if not MARK.match(line)]
        return "\n".join(kept).strip("\n") + "\n"
    inside, lines, marks = False, [], 0
    for line in project.read(path).splitlines():
        mark = MARK.match(line)
        if mark and mark[1] == name:
            inside, marks = not inside, marks + 1
        elif inside and not mark:
            lines.append(line.rstrip())
    if marks != 2:
        raise ValueError(f"{path} has {marks} marks [{name}], not 2")
    return textwrap.dedent("\n".join(lines)).strip("\n") + "\n"


def pages(project):
    return [f for f in project.files if f.suffix == ".md"]


def code_in_pages_is_compiled(project):
    """A block of C++ in a page is, line for line, a marked region of a file that is compiled."""
    for page in pages(project):
        text = project.read(page)
        for path, name, block in SNIPPET.findall(text):
            try:
                if region(project, path, name) != block:
                    yield f"{page}: differs from {path}#{name} (check.py --fix writes it)"
            except (OSError, ValueError) as error:
                yield f"{page}: {error}"
        for start in re.finditer(r"^```(?:cpp|c\+\+)", text, re.M):
            if not re.search(r"^<!-- snippet: \S+?#\S+ -->\n\Z", text[:start.start()], re.M):
                line = text.count("\n", 0, start.start()) + 1
                yield f"{page}:{line}: this code names no compiled source"
        if len(re.findall(r"^<!-- snippet:", text, re.M)) != len(SNIPPET.findall(text)):
            yield f"{page}: a snippet comment is not followed by its block"


def programs_are_short(project):
    """The page of programs quotes files as they stand, and each is a short one."""
    page = Path("docs/programs.md")
    text = project.read(page) if (project.root / page).exists() else ""
    for path, name, _ in SNIPPET.findall(text):
        if name != "whole":
            yield f"{page}: {path}#{name} is a part of a program"
        lines = project.read(path).count("\n") - 1
        if lines > LONGEST_PROGRAM:
            yield f"{path}: {lines} lines, at most {LONGEST_PROGRAM}"


FENCED = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.M | re.S)
LINK = re.compile(r"\]\(([^()\s]+)\)")
INDEX = Path("docs/README.md")


def prose(project, page):
    """A page's text without its blocks of code and the code in its lines."""
    return re.sub(r"`[^`\n]*`", "", FENCED.sub("", project.read(page)))


def links(project, page):
    """Each relative link of a page: as it is written, its file, and its anchor or ""."""
    for link in LINK.findall(prose(project, page)):
        if not re.match(r"[a-z][a-z0-9+.-]*:", link):
            path, _, anchor = link.partition("#")
            # Not resolve(): a link out of the tree must not come back in by a symbolic link.
            file = project.root / page
            if path:
                file = os.path.normpath(file.parent / path)
            yield link, Path(file), anchor


def anchors(project, page):
    """The anchors that GitHub makes of a page's headings: the second one of a name ends in -1."""
    seen = {}
    for title in re.findall(r"^#{1,6} +(.*?) *#*$", FENCED.sub("", project.read(page)), re.M):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        name = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        seen[name] = seen.get(name, -1) + 1
        yield f"{name}-{seen[name]}" if seen[name] else name


def links_lead_somewhere(project):
    """The file of each relative link is there, and so is the anchor that it names in a page."""
    for page in pages(project):
        for link, file, anchor in links(project, page):
            if not file.is_relative_to(project.root) or not file.exists():
                yield f"{page}: {link} leads nowhere"
            elif anchor and file.suffix == ".md":
                if anchor not in anchors(project, file.relative_to(project.root)):
                    yield f"{page}: {link}: no such heading"


def pages_are_found_from_the_index(project):
    """Every page below docs/ is reached by links from docs/README.md."""
    if not (project.root / INDEX).exists():
        yield f"{INDEX}: missing"
        return
    found, left = {INDEX}, [INDEX]
    while left:
        for _, file, _ in links(project, left.pop()):
            if file.suffix == ".md" and file.is_relative_to(project.root) and file.exists():
                page = file.relative_to(project.root)
                # Pages outside docs/ that others link to, such as the README, are not in the index.
                if page.parts[0] == "docs" and page not in found:
                    found.add(page)
                    left.append(page)
    for page in project.below("docs", ".md"):
        if page not in found:
            yield f"{page}: no page that {INDEX} leads to links to it"


def map_is_true(project):
    """Each function of a table `step | function | header` of a page is in that header."""
    row = re.compile(r"^\|[^|]*\| `(\w+)` \| `(\w+/\w+\.hpp)` \|", re.M)
    for page in pages(project):
        for at in row.finditer(project.read(page)):
            header = Path("include/backends", at[2])
            if not (project.root / header).exists():
                yield f"{page}: no header {at[2]}"
            elif not re.search(rf"\b{at[1]}\(", COMMENT_OR_STRING.sub("", project.read(header))):
                yield f"{page}: no function {at[1]} in {at[2]}"


def public_names_have_words(project):
    """Each public name says what it is; public_names.py has what may stay without."""
    groups = Path("docs/doxygen/groups.dox")
    known = project.read(groups) if (project.root / groups).exists() else ""
    texts = {file: project.read(file) for file, _ in project.headers()}
    for file, names in public_names.read(texts, known).items():
        bare = [each for each in names if each.whole.startswith("backends::")
                and not each.words and not each.inherited]
        if str(Path(*file.parts[2:])) not in WORDS_TO_COME:
            for each in bare:
                yield f"{file}:{each.line}: nothing says what {each.whole} is"
        elif not bare:
            yield f"{file}: has all its words, and is in WORDS_TO_COME"


def fix(project):
    (project.root / "include/backends/backends.hpp").write_text(umbrella_text(project))
    for page in pages(project):
        text = project.read(page)

        def renew(match):
            head = match[0][:match.start(3) - match.start()]
            try:
                return head + region(project, match[1], match[2]) + "```"
            except (OSError, ValueError):
                return match[0]

        if (new := SNIPPET.sub(renew, text)) != text:
            (project.root / page).write_text(new)


CHECKS = [folders_follow_the_data, order_has_no_cycle, asio_is_in_transport_alone,
          benchmark_is_in_bench_alone, early_folders_are_light, dispatch_is_static,
          order_comes_without_fences,
          assembly_holds_no_instruction, namespace_names_the_instruction_set,
          recording_throws_through_raise, headers_are_short, lines_have_an_end,
          labels_are_whole, sources_name_their_licence, no_path_of_one_machine, retired_words,
          what_follows_stands_after, tests_include_their_header_first,
          tests_run_always_and_at_once, packages_have_the_version, umbrella_is_complete,
          code_in_pages_is_compiled, programs_are_short, links_lead_somewhere,
          pages_are_found_from_the_index, map_is_true, public_names_have_words]


def main(arguments):
    if arguments[:1] == ["--fix"]:
        arguments = arguments[1:]
        fix(tree(arguments[0]))
    project = tree(arguments[0])
    named = {check.__name__: check for check in CHECKS}
    mistakes = [f"{name}: {mistake}"
                for name in arguments[1:] or named for mistake in named[name](project)]
    print("\n".join(mistakes) or "no mistake")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
