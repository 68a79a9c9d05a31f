// SPDX-License-Identifier: BSL-1.0
#include <backends/select/settings.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <cstddef>
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
    CHECK(complaint("[backend:a]\n\n[ Backend : A ]\n") ==
          ": line 3: the section [backend:a] begins a second time");
    CHECK(complaint("[backend:a\n") == ": line 1: the bracket of a section is not closed");
}

TEST_CASE("an error in a section says where it is") {
    CHECK(
        complaint("\xef\xbb\xbf[web]\nx\n  [backend:a]\nprefix = a\n[web]\n[backend:b]\n\nprefix\n")
            .starts_with(": line 8: "));
    CHECK(complaint("[backend:a]\nprefix = a\n\n[backend:b]\nprefix = a\nPREFIX = b\n") ==
          ": line 6: `PREFIX` stands in line 5 already");
    const temporary_file file{"[backend:a]\nenabled = yes\n[backend:b]\nprefix = b\n"};
    try {
        static_cast<void>(sections(file.path())[1].chosen.enabled());
        FAIL("it is not refused");
    } catch (const backends::config_error& e) {
        CHECK(e.why().ends_with(" ([backend:b] of " + file.path() + ")"));
    }
}

TEST_CASE("a file is read once, however many sections it has") {
    constexpr std::size_t count = 50'000;
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "[backend:" + std::to_string(i) + "]\nprefix = p\n";
    }
    const temporary_file file{text};
    const auto all = sections(file.path());
    REQUIRE(all.size() == count);
    CHECK(all.back().name == "49999");
    CHECK(all.back().chosen.text("prefix", "") == "p");
}
