// SPDX-License-Identifier: BSL-1.0
#include <backends/select/settings.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <string>

using backends::select::sections;
using test::temporary_file;

namespace {

std::string complaint(const std::string& text) {
    const temporary_file file{text};
    try {
        static_cast<void>(sections(file.path()));
    } catch (const backends::config_error& e) {
        const std::string what = e.what();
        return what.substr(what.find(file.path()) + file.path().size());
    }
    return "";
}

}  // namespace

TEST_CASE("a file has a section for each exporter") {
    const temporary_file file{
        "[global]\nx = y\n[backend:influx]\nenabled = yes\ntype = influx\n"
        "[Backend]\nenabled = no\n[ BACKEND : Two words ]  # ours\nprefix = p\n"};
    const auto all = sections(file.path());
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "influx");
    CHECK(all[0].chosen.text("type", "") == "influx");
    CHECK(all[1].name.empty());
    CHECK_FALSE(all[1].chosen.enabled());
    CHECK(all[2].name == "Two words");
    CHECK(all[2].chosen.text("prefix", "") == "p");
}

TEST_CASE("sections that cannot be told apart are refused with their line") {
    CHECK(complaint("[web]\n") == ": has no section [backend]; it has [web]");
    CHECK(complaint("[backends]\n[backend-x]\n") ==
          ": has no section [backend]; it has [backends], [backend-x]");
    CHECK(complaint("[backend]\n[backend:]\n") ==
          ": line 2: a name follows the colon of [backend:]");
    CHECK(complaint("[backend]\n[BACKEND]\n") ==
          ": line 2: the section [backend] begins a second time");
    CHECK(complaint("[backend:a]\n[web]\n[backend:A]\n").find(": line 3: the section [backend:") ==
          0);
    CHECK(complaint("[backend:a\n") == ": line 1: the bracket of a section is not closed");
}
