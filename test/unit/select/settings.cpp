// SPDX-License-Identifier: BSL-1.0
#include <backends/select/settings.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <string>

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
        static_cast<void>(s.enabled());
        static_cast<void>(s.merged_into());
    });
}

std::string in_file(const std::string& text) {
    const temporary_file file{text};
    return complaint([&] { static_cast<void>(settings_from_file(file.path())); });
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
    CHECK_FALSE(settings{}.enabled());
}

TEST_CASE("settings become options") {
    settings s;
    s.set("destination", "a b:1").set("prefix", "shop").set("hostname", "web");
    s.set("update every", "7").set("buffer on failures", "3").set("timeout ms", "1500");
    s.set("spool directory", "/var/spool/shop").set("spool sync", "on");
    const backends::options o = s.merged_into();
    CHECK(o.destination == "a b:1");
    CHECK(o.prefix == "shop");
    CHECK(o.hostname == "web");
    CHECK(o.update_every.value == 7);
    CHECK(o.buffer_on_failures == 3);
    CHECK(o.timeout == backends::milliseconds(1500));
    CHECK(o.spool_directory == "/var/spool/shop");
    CHECK(o.spool_sync);
}

TEST_CASE("what cannot be understood names the key and the value") {
    CHECK(of("update every", "0") == "update every = 0: not within 1 to 31536000");
    CHECK(of("update every", "-1").find("update every = -1") == 0);
    CHECK(of("update every", "abc") == "update every = abc: not a whole number");
    CHECK(of("update every", "10s") == "update every = 10s: not a whole number");
    CHECK(of("update every", "") == "update every = : not a whole number");
    CHECK(of("update every", " 5") == "update every =  5: not a whole number");
    CHECK(of("update every", "99999999999999999999").find("not within") != std::string::npos);
    CHECK(of("buffer on failures", "0").find("buffer on failures = 0") == 0);
    CHECK(of("timeout ms", "1.5") == "timeout ms = 1.5: not a whole number");
    CHECK(of("enabled", "perhaps") == "enabled = perhaps: neither yes nor no");
    CHECK(of("spool sync", "2") == "spool sync = 2: neither yes nor no");
    CHECK(of("updateevery", "5") == "updateevery = 5: there is no such key");
}

TEST_CASE("a file gives its [backend] section") {
    const temporary_file file{
        "# ours\n[global]\nmemory = 5\n[backend]\n  enabled = yes \n; theirs\ndata source = as "
        "collected\n"
        "update every=2\n"};
    const settings s = settings_from_file(file.path());
    CHECK(s.enabled());
    CHECK(s.text("data source", "") == "as collected");
    CHECK(s.merged_into().update_every.value == 2);
}

TEST_CASE("a file that is not one is an error that says where") {
    CHECK(complaint([] {
              static_cast<void>(settings_from_file("/no/such/file"));
          }).find("file = /no/such/file: ") == 0);
    CHECK(in_file("[other]\n").find("has no section [backend]") != std::string::npos);
    CHECK(in_file("backend = yes\n").find("has no section [backend]") != std::string::npos);
    CHECK(in_file("[backend]\nno such line\n").find("line 2") != std::string::npos);
    CHECK(in_file("[backend]\nprefix = a\nprefix = b\n").find("duplicate") != std::string::npos);
    CHECK(in_file("[backend]\ncolour = red\n") == "colour = red: there is no such key");
}
