// SPDX-License-Identifier: BSL-1.0
#include <backends/select/settings.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace hana = boost::hana;
using backends::config_error;
using backends::select::settings;
using backends::select::settings_from_file;
using test::temporary_file;

namespace {

/// What the error says, or nothing.
template <class F>
std::string complaint(F f) {
    try {
        f();
    } catch (const config_error& e) {
        return e.what();
    }
    return "";
}

std::string of(const std::string& key, const std::string& value) {
    return complaint([&] {
        settings s;
        s.set(key, value);
        if (key == "enabled") {
            static_cast<void>(s.enabled());
        }
        static_cast<void>(s.merged_into());
    });
}

}  // namespace

TEST_CASE("settings that were not made keep their defaults") {
    const backends::options o = settings{}.merged_into();
    CHECK(o.destination == "localhost");
    CHECK(o.prefix == "netdata");
    CHECK(o.update_every.value == 10);
    CHECK(o.buffer_on_failures == 10);
    CHECK(o.timeout.value == 0);
    CHECK(o.spool_directory.empty());
    CHECK_FALSE(o.spool_sync);
}

TEST_CASE("settings become options") {
    settings s;
    s.set("destination", "a b:1").set("prefix", "shop").set("hostname", "web");
    s.set("tags", "dc=fra, rack=7").set("max age", "60").set("queue bytes", "65536");
    s.set("update every", "7").set("buffer on failures", "3").set("timeout ms", "1500");
    s.set("unacknowledged bytes", "1").set("stop within ms", "0").set("self monitoring", "no");
    s.set("spool directory", "/var/spool/shop").set("spool sync", "on");
    const backends::options o = s.merged_into();
    CHECK(o.destination == "a b:1");
    CHECK(o.prefix == "shop");
    CHECK(o.hostname == "web");
    REQUIRE(o.tags.size() == 2);
    CHECK((o.tags[0].name == "dc" && o.tags[0].value == "fra" && o.tags[1].name == "rack"));
    CHECK(o.update_every.value == 7);
    CHECK(o.buffer_on_failures == 3);
    CHECK(o.max_age == backends::nanoseconds{backends::seconds{60}});
    CHECK(o.timeout == backends::milliseconds(1500));
    CHECK(o.queue_bytes == 65536);
    CHECK(o.unacknowledged_bytes == 1);
    CHECK(o.spool_directory == "/var/spool/shop");
    CHECK(o.spool_sync);
    CHECK(o.stop_within.value == 0);
    CHECK_FALSE(o.self_monitoring);
}

TEST_CASE("an option that is given as text is the same option again") {
    const backends::options preset;
    hana::for_each(backends::option_table, [&preset](const auto& row) {
        INFO(row.key);
        settings s;
        s.set(row.key, row.values.text(preset.*row.member));
        CHECK(row.values.text(s.merged_into().*row.member) == row.values.text(preset.*row.member));
    });
}

TEST_CASE("a key and a yes are the same in any case") {
    CHECK(settings{}.set("Update Every", "7").merged_into().update_every.value == 7);
    CHECK(settings{}.set("ENABLED", "Yes").enabled());
    CHECK_FALSE(settings{}.set("enabled", "OFF").enabled());
}

TEST_CASE("charts and dimensions are chosen in netdata's words too") {
    settings s;
    s.set("Send Charts Matching", "!a *").set("dimensions matching", "b");
    CHECK(s.merged_into().charts_matching == "!a *");
    CHECK(s.merged_into().dimensions_matching == "b");
    CHECK_THAT(of("send prefix", "x"), ContainsSubstring("there is no such key"));
    CHECK_THAT(of("charts matching", "a, b"), ContainsSubstring("blanks, not commas"));
}

TEST_CASE("what cannot be understood names the key and the value") {
    CHECK(of("update every", "0") == "update every = 0: must be 1 to 31536000 seconds");
    CHECK(of("update every", "-1").find("update every = -1: must be") == 0);
    CHECK(of("update every", "31536001").find("must be") != std::string::npos);
    CHECK(of("update every", "abc") == "update every = abc: not a whole number of seconds");
    CHECK(of("update every", "10s") == "update every = 10s: not a whole number of seconds");
    CHECK(of("update every", "") == "update every = : not a whole number of seconds");
    CHECK(of("update every", " 5") == "update every =  5: not a whole number of seconds");
    CHECK(of("update every", "99999999999999999999").find("must be 1 to") != std::string::npos);
    CHECK(of("buffer on failures", "0").find("buffer on failures = 0: must be 1 to") == 0);
    CHECK(of("timeout ms", "1.5") == "timeout ms = 1.5: not a whole number of milliseconds");
    CHECK(of("enabled", "perhaps") == "enabled = perhaps: neither yes nor no");
    CHECK(of("spool sync", "2") == "spool sync = 2: neither yes nor no");
    CHECK(of("tags", "dc") == "tags = dc: `dc` is not name=value");
    CHECK(of("tags", "dc=") == "tags = dc=: a tag has a name and a value");
    CHECK(of("prefix", "shop.").find("prefix = shop.: a dot stands between two names") == 0);
    CHECK(of("updateevery", "5").find("updateevery = 5: there is no such key; keys are enabled,") ==
          0);
}

TEST_CASE("settings that do not say whether there is an exporter are an error") {
    CHECK(complaint([] { static_cast<void>(settings{}.enabled()); }) ==
          "enabled = : is missing, yes exports, no does not");
    const temporary_file file{"[backend]\nprefix = shop\n"};
    CHECK(complaint([&] { static_cast<void>(settings_from_file(file.path()).enabled()); }) ==
          "enabled = : is missing, yes exports, no does not (" + file.path() + ")");
}

TEST_CASE("an error is told in the words of the settings, others as they are") {
    settings s;
    s.set("queue bytes", "70000", "line 3 of x.ini");
    CHECK(std::string{s.in_own_words(config_error{"queue_bytes", "70000", "too little"}).what()} ==
          "queue bytes = 70000: too little (line 3 of x.ini)");
    CHECK(std::string{s.in_own_words(config_error{"prefix", "a", "no"}).what()} ==
          "prefix = a: no");
}

TEST_CASE("the page of the configuration has every option as it is") {
    std::ifstream file{BACKENDS_DOCS "/configuration.md"};
    const std::string page{std::istreambuf_iterator<char>{file}, {}};
    const backends::options preset;
    std::string rows;
    hana::for_each(backends::option_table, [&](const auto& row) {
        const std::string value = row.values.text(preset.*row.member);
        rows += "| `" + std::string{row.name} + "` | `" + std::string{row.key} + "` | " +
                (value.empty() ? "" : "`" + value + "`") + " | " + row.values.allowed() + " | " +
                std::string{row.meaning} + " |\n";
    });
    INFO("what belongs there:\n" << rows);
    CHECK(page.find("|---|---|---|---|---|\n" + rows + "\n") != std::string::npos);
}
