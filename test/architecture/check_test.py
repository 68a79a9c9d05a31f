#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Every check finds the mistake that it is for: each test makes one mistake in a small, sound
tree."""

import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

sys.dont_write_bytecode = True
import check
import formatting

check.WORDS_TO_COME = set()  # the small tree's
SPDX = "// SPDX-License-Identifier: BSL-1.0\n"
TOP = SPDX + "#pragma once\n"
VERSION = "".join(f"#define BACKENDS_VERSION_{part} {number}\n"
                  for part, number in [("MAJOR", 0), ("MINOR", 2), ("PATCH", 1)])
SOUND = {
    "include/backends/version.hpp": TOP + VERSION,
    "include/backends/core/time.hpp": TOP + "#include <cstdint>\n",
    "include/backends/storage/ring.hpp": TOP + "#include <backends/core/time.hpp>\n",
    "include/backends/transport/tcp.hpp": TOP + "#include <boost/asio/ip/tcp.hpp>\n",
    "include/backends/testing/clock.hpp": TOP + "#include <backends/storage/ring.hpp>\n",
    "include/backends/bench/timer.hpp": TOP + "#include <benchmark/benchmark.h>\n",
    "test/unit/storage/ring.cpp": SPDX + "#include <backends/storage/ring.hpp>\n",
    "example/a.cpp": SPDX + "int main() {\n    //! [use]\n    if (true)\n        f();\n"
                            "    //! [use]\n}\n",
    "docs/a.md": "Text\n\n<!-- snippet: example/a.cpp#use -->\n"
                 "```cpp\nif (true)\n    f();\n```\nText\n",
    "example/b.cpp": SPDX + "#include <a>\n//! [use]\nint b;\n//! [use]\n",
    "docs/programs.md": "<!-- snippet: example/b.cpp#whole -->\n"
                        "```cpp\n#include <a>\nint b;\n```\n",
    "docs/README.md": "[a](a.md) [install](install.md) [programs](programs.md)\n",
    "docs/install.md": "```ini\n[requires]\nbackends/0.2.1\n```\n",
    "packaging/vcpkg/ports/backends/vcpkg.json": '{"version-semver": "0.2.1"}\n',
}


class checks(unittest.TestCase):
    def run_all(self, changes):
        with tempfile.TemporaryDirectory() as root:
            files = SOUND | changes
            for name, text in files.items():
                file = Path(root, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            if "include/backends/backends.hpp" not in changes:
                umbrella = Path(root, "include/backends/backends.hpp")
                umbrella.write_text(check.umbrella_text(check.tree(root)))
            project = check.tree(root)
            return [each.__name__ for each in check.CHECKS if list(each(project))]

    def mistake(self, name, file, text):
        self.assertEqual(self.run_all({file: text}), [name])

    def test_a_sound_tree_has_no_mistake(self):
        self.assertEqual(self.run_all({}), [])

    def test_a_program_is_quoted_whole_and_is_short(self):
        self.mistake("programs_are_short", "docs/programs.md",
                     "<!-- snippet: example/b.cpp#use -->\n```cpp\nint b;\n```\n")
        longer = "#include <a>\n//! [use]\nint b;\n//! [use]\n" + "\n" * 41
        self.assertEqual(self.run_all({"example/b.cpp": SPDX + longer}), [])
        self.mistake("programs_are_short", "example/b.cpp", SPDX + longer + "\n")

    def test_every_check_is_a_test(self):
        lists = Path(__file__).with_name("CMakeLists.txt").read_text()
        registered = lists.split("foreach(check IN ITEMS", 1)[1].split(")", 1)[0].split()
        self.assertEqual(registered, [each.__name__ for each in check.CHECKS])

    def test_a_package_of_another_version(self):
        self.mistake("packages_have_the_version", "include/backends/version.hpp",
                     TOP + VERSION.replace("2", "3"))
        self.mistake("packages_have_the_version", "packaging/vcpkg/ports/backends/vcpkg.json",
                     '{"version-semver": "0.2.0"}\n')
        self.mistake("packages_have_the_version", "docs/install.md", "backends/0.2.0\n")

    def test_include_against_the_order(self):
        for file, included in [("core/a", "storage/ring"), ("storage/a", "transport/tcp"),
                               ("delivery/a", "storage/ring"), ("select/a", "testing/clock"),
                               ("exporter/a", "bench/timer"), ("testing/a", "bench/timer")]:
            self.mistake("folders_follow_the_data", f"include/backends/{file}.hpp",
                         TOP + f"#include <backends/{included}.hpp>\n")

    def test_google_benchmark_outside_of_its_room(self):
        self.mistake("benchmark_is_in_bench_alone", "include/backends/exporter/a.hpp",
                     TOP + "#include <benchmark/benchmark.h>\n")

    def test_assembly_with_an_instruction(self):
        empty = 'inline void f() { asm volatile("" : : : "memory"); }\n'
        self.assertEqual(self.run_all({"include/backends/core/a.hpp": TOP + empty}), [])
        for text in ['asm volatile("movups %1, %0" : "=x"(a) : "m"(b) : "memory");',
                     '__asm__("nop");']:
            for file in ["include/backends/core/a.hpp", "bench/a.hpp"]:
                self.mistake("assembly_holds_no_instruction", file, TOP + text + "\n")

    def test_namespace_without_the_instruction_set(self):
        known = TOP + "#include <backends/isa.hpp>\n"
        named = "namespace backends::inline BACKENDS_ISA {\n}\n"
        isa = {"include/backends/isa.hpp": TOP, "include/backends/core/b.hpp": known}
        through = {"include/backends/core/a.hpp": TOP + "#include <backends/core/b.hpp>\n" + named}
        self.assertEqual(self.run_all(isa | through), [])
        for text in [TOP + named, known + "namespace backends {\n}\n",
                     known + "namespace backends::detail {\n}\n"]:
            self.mistake("namespace_names_the_instruction_set", "include/backends/core/a.hpp", text)

    def test_throwing_where_programs_record(self):
        text = TOP + "inline void f() { throw 1; }\n"
        self.mistake("recording_throws_through_raise", "include/backends/storage/a.hpp", text)
        self.assertEqual(self.run_all({"include/backends/storage/a.hpp": TOP + "// throw it\n",
                                       "include/backends/transport/a.hpp": text}), [])

    def test_link_that_leads_nowhere(self):
        for text in ["[b](b.md)", "[a](docs/a.md#none)", "[here](#none)", "![plot](plot.svg)",
                     "[out](../../x.md)", "[folder](examples)"]:
            self.mistake("links_lead_somewhere", "README.md", text + "\n")

    def test_links_that_hold(self):
        text = ("# Top: the `first` one\n## Same\n## Same\n```sh\n# no heading\n[no](link)\n```\n"
                "`[code](x)` [top](#top-the-first-one) [twice](#same-1) "
                "[a](docs/a.md) [folder](docs)\n"
                "[web](https://example.org/#x) [mail](mailto:a@b.example)\n")
        self.assertEqual(self.run_all({"README.md": text}), [])
        self.mistake("links_lead_somewhere", "README.md", text + "[no heading](#no-heading)\n")

    def test_page_that_the_index_does_not_lead_to(self):
        self.mistake("pages_are_found_from_the_index", "docs/how_to/b.md", "Text\n")
        found = {"docs/how_to/b.md": "[index](../README.md)\n",
                 "docs/README.md": "[a](a.md) [install](install.md) [c](c/c.md) [p](programs.md)\n",
                 "docs/c/c.md": "[b](../how_to/b.md#)\n"}
        self.assertEqual(self.run_all(found), [])
        self.mistake("pages_are_found_from_the_index", "docs/b.md", "[b](b.md)\n")

    def test_tree_without_an_index(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertTrue(list(check.pages_are_found_from_the_index(check.tree(root))))

    def test_include_of_the_umbrella(self):
        self.mistake("folders_follow_the_data", "include/backends/exporter/a.hpp",
                     TOP + "#include <backends/backends.hpp>\n")

    def test_include_by_relative_path(self):
        self.mistake("folders_follow_the_data", "include/backends/storage/a.hpp",
                     TOP + '#include "ring.hpp"\n')

    def test_folder_without_place(self):
        self.mistake("folders_follow_the_data", "include/backends/misc/a.hpp", TOP)

    def test_header_in_the_root(self):
        self.mistake("folders_follow_the_data", "include/backends/chart.hpp", TOP)

    def test_cycle_in_the_order(self):
        saved = check.MAY_SEE
        check.MAY_SEE = saved | {"core": "storage"}
        try:
            self.assertEqual(self.run_all({}), ["order_has_no_cycle"])
        finally:
            check.MAY_SEE = saved

    def test_asio_outside_transport(self):
        self.mistake("asio_is_in_transport_alone", "include/backends/exporter/a.hpp",
                     TOP + "#  include <boost/asio.hpp>\n")

    def test_heavy_standard_headers(self):
        self.mistake("early_folders_are_light", "include/backends/source/a.hpp",
                     TOP + "#include <chrono>\n")
        self.mistake("early_folders_are_light", "include/backends/exporter/a.hpp",
                     TOP + "#include <iostream>\n")

    def test_dispatch_at_run_time(self):
        for code in ["struct a { virtual void f(); };", "std::function<void()> f;",
                     "std::enable_if_t<true> f();"]:
            self.mistake("dispatch_is_static", "include/backends/core/a.hpp", TOP + code + "\n")
        comment = {"include/backends/core/a.hpp": TOP + "// not virtual\n"}
        self.assertEqual(self.run_all(comment), [])

    def test_fence(self):
        self.mistake("order_comes_without_fences", "include/backends/core/a.hpp",
                     TOP + "std::atomic_thread_fence(std::memory_order_acquire);\n")

    def test_long_header(self):
        self.mistake("headers_are_short", "include/backends/core/a.hpp", TOP + "\n" * 299)

    def test_missing_licence(self):
        self.mistake("sources_name_their_licence", "example/c.cpp", "int main() {}\n")
        self.mistake("sources_name_their_licence", "tools/b", "#!/bin/sh\n")

    def test_missing_pragma_once(self):
        self.mistake("sources_name_their_licence", "example/b.hpp", SPDX)

    def test_path_of_one_machine(self):
        self.mistake("no_path_of_one_machine", "b.md", "see /" + "home/me/x\n")

    def test_retired_words(self):
        for text in ["void fetch_ring();", "// a large\n/// page of rows", "snapshot<int> a;",
                     "int most_rows = 3;", "two_doubles a;", "struct outstanding {};"]:
            self.mistake("retired_words", "include/backends/core/a.hpp", TOP + text + "\n")
        self.mistake("retired_words", "docs/a.md", SOUND["docs/a.md"] + "`min_ask`\n")
        for text in ["a.fetch_add(1); prefetch_ring();", "// most outstanding misses",
                     "snapshot_of(a);"]:
            self.assertEqual(self.run_all({"include/backends/core/a.hpp": TOP + text + "\n"}), [])

    def test_behind_what_is_no_proxy(self):
        for text in ["// the byte behind the last", "// the byte in\n// front of the first"]:
            self.mistake("what_follows_stands_after", "include/backends/core/a.hpp",
                         TOP + text + "\n")
        for text in ["a receiver behind a proxy", "a balancer in front of the receivers"]:
            self.assertEqual(self.run_all({"docs/a.md": SOUND["docs/a.md"] + text + "\n"}), [])

    def test_map_that_leads_astray(self):
        row = "| step | `{}` | `core/{}.hpp` | why |\n"
        page = SOUND["docs/a.md"] + "\n"
        header = {"include/backends/core/a.hpp": TOP + "int f();\n"}
        for function, name in [("g", "a"), ("f", "b")]:
            page_of = {"docs/a.md": page + row.format(function, name)}
            self.assertEqual(self.run_all(header | page_of), ["map_is_true"])
        self.assertEqual(self.run_all(header | {"docs/a.md": page + row.format("f", "a")}), [])

    def test_name_without_words(self):
        def found(*lines, file="core/a"):
            code = "\n".join(["namespace backends::inline BACKENDS_ISA {", *lines, "}"])
            isa = {"include/backends/isa.hpp": TOP}
            header = {f"include/backends/{file}.hpp": TOP + "#include <backends/isa.hpp>\n" + code}
            return self.run_all(isa | header)

        bad = ["public_names_have_words"]
        for line in ["int f();", "struct s {};", "inline int v = 1;", "using t = int;",
                     "/// It.\nenum class e {\n    one\n};",
                     "template <class T>\nconcept c = true;",
                     "/// Has one.\nstruct s {\n    int* m;\n};",
                     "/// Has one.\nclass s {\npublic:\n    s(int) : n_{1} {}\n    int n_;\n};"]:
            self.assertEqual(found(line), bad, line)
        for line in ["/// Does.\nint f();", "int f();  ///< does",
                     "namespace detail {\nint f();\n}",
                     "/// Is.\ntemplate <class T>\n    requires requires(T t) { t.a(); }\n"
                     "struct s {\n    s() = default;\n    s(s&&) = delete;\n    ~s();\n};",
                     "/// Hides.\nclass s {\n    int n_ = [] { return 1; }();\n};",
                     "/// Is.\nstruct s {\n    int f() const { return 1; }  ///< gives 1\n};"]:
            self.assertEqual(found(line), [], line)
        concept = ("/// - `name`  its name\n/// - `go(n)`  goes\ntemplate <class T>\n"
                   "concept goer = requires { T::name; };\n")
        model = "/// Goes.\nstruct s {\n    int name;\n    void go(int) {}\n};\n"
        self.assertEqual(found(concept, model), bad)
        self.assertEqual(found(concept, model, "static_assert(goer<s>);"), [])
        self.assertEqual(found(concept, model.replace("go(", "run("), "static_assert(goer<s>);"),
                         bad)
        with unittest.mock.patch.object(check, "WORDS_TO_COME", {"core/a.hpp"}):
            self.assertEqual(found("int f();"), [])
            self.assertEqual(found("int f();  ///< does"), bad)
        derived = "/// Goes on.\nstruct t : s {\n    void go(int);\n};"
        self.assertEqual(found(concept, model, derived, "static_assert(goer<s>);"), [])

    def test_other_header_first(self):
        self.mistake("tests_include_their_header_first", "test/unit/storage/ring.cpp",
                     SPDX + '#include "catch.hpp"\n#include <backends/storage/ring.hpp>\n')

    def test_sleeping_and_hidden_tests(self):
        for code in ["std::this_thread::sleep" + "_for(1s);", 'TEST_CASE("a", "[' + '.]") {}']:
            self.mistake("tests_run_always_and_at_once", "test/unit/a.cpp", SPDX + code + "\n")

    def test_long_line(self):
        for line in ["// " + "é" * 98, "    f(" + "a" * 95 + ");"]:
            self.mistake("lines_have_an_end", "include/backends/core/a.hpp", TOP + line + "\n")
        sources = ["test/a.py", "tools/a", "tools/a.sh", "cmake/a.cmake", "test/CMakeLists.txt"]
        spdx = SPDX.replace("//", "#")
        for file in sources:
            self.mistake("lines_have_an_end", file, spdx + "f " + "#" * 99 + "\n")
        self.assertEqual(self.run_all({f: spdx + "f " + "#" * 98 + "\n" for f in sources}), [])
        for line in ["// " + "é" * 97, "/// | " + "a" * 100, "// https://" + "a" * 100]:
            self.assertEqual(self.run_all({"include/backends/core/a.hpp": TOP + line + "\n"}), [])

    def test_long_line_of_a_page(self):
        link = "(https://a/" + "a" * 100 + ")"
        for line in ["word " * 20 + "w", "- [a link]" + link, "    f(" + "a, " * 33]:
            self.mistake("lines_have_an_end", "b.md", line + "\n")
        for line in ["word " * 20, "- [link]" + link + ".", "| a " + "| b " * 30 + "|"]:
            self.assertEqual(self.run_all({"b.md": line + "\n"}), [])

    def test_cut_label(self):
        plot = '<svg viewBox="0 0 100 20"><text x="{}" y="9" text-anchor="{}">a label</text></svg>'
        for x, anchor in [(40, "end"), (60, "start"), (20, "middle")]:
            self.mistake("labels_are_whole", "docs/plots/a.svg", plot.format(x, anchor))
        self.assertEqual(self.run_all({"docs/plots/a.svg": plot.format(60, "end")}), [])

    def test_formatting(self):
        program = formatting.formatter()
        if program is None:
            self.skipTest("no clang-format of the version that judges")
        for code, found in [("int f();\n", []), ("int  f();\n", ["a.cpp:1"])]:
            with tempfile.TemporaryDirectory() as root:
                Path(root, ".clang-format").write_text("BasedOnStyle: Google\n")
                Path(root, "a.cpp").write_text(code)
                self.assertEqual(formatting.unformatted(check.tree(root), program), found)
                Path(root, ".clang-format").unlink()
                self.assertNotEqual(formatting.unformatted(check.tree(root), program), [])

    def test_wrapping_comments(self):
        words = " ".join(["word"] * 21)  # 104 characters
        for text, right in [
                (f"// {words}\n// more", f"// {words[:94]}\n// word word more"),
                (f"    /// - {words}\n    ///   more", f"    /// - {words[:89]}\n    ///   "
                                                     "word word word more"),
                (f"/// @param a, b  {words}", f"/// @param a, b  {words[:79]}\n///              "
                                              "word word word word word"),
                (f"// A line.\n//\n// | {words} |\n// Text\n", None), (f"int {words};", None)]:
            self.assertEqual(formatting.wrapped_comments(text), right or text)

    def test_incomplete_umbrella(self):
        self.mistake("umbrella_is_complete", "include/backends/backends.hpp",
                     TOP + "#include <backends/version.hpp>\n")

    def test_umbrella_out_of_order(self):
        names = ["storage/ring", "core/time", "transport/tcp", "version"]
        self.mistake("umbrella_is_complete", "include/backends/backends.hpp",
                     TOP + "".join(f"#include <backends/{name}.hpp>\n" for name in names))

    def test_stale_code_in_a_page(self):
        page = SOUND["docs/a.md"]
        for text in [page.replace("f()", "g()"), page.replace("#use", "#other"),
                     page.replace("a.cpp", "b.cpp"), page.replace("-->\n", "-->\n\n"),
                     "```cpp\nf();\n```\n"]:
            self.mistake("code_in_pages_is_compiled", "docs/a.md", text)

    def test_fix_writes_umbrella_and_code(self):
        with tempfile.TemporaryDirectory() as root:
            stale = {"docs/a.md": SOUND["docs/a.md"].replace("f()", "g()")}
            for name, text in (SOUND | stale).items():
                file = Path(root, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            check.fix(check.tree(root))
            project = check.tree(root)
            self.assertEqual([m for each in check.CHECKS for m in each(project)], [])
            self.assertEqual(project.read("docs/a.md"), SOUND["docs/a.md"])


if __name__ == "__main__":
    unittest.main()
