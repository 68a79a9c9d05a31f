// SPDX-License-Identifier: BSL-1.0
#include <backends/select/ini_section.hpp>

#include <backends/select/settings.hpp>

#include "catch.hpp"
#include "support/temporary_file.hpp"

#include <string>
#include <vector>

using backends::config_error;
using backends::select::read_ini_section;
using backends::select::settings;
using backends::select::settings_from_file;
using test::temporary_file;

namespace {

/// The value of `k` in the section [backend] of a file, with each line's blanks as they are.
std::string value_in(const std::string& text) {
    const temporary_file file{text};
    for (const auto& entry : read_ini_section(file.path(), "backend")) {
        if (entry.key == "k") {
            return "<" + entry.value + ">";
        }
    }
    return "none";
}

std::string value_of(const std::string& written) { return value_in("[backend]\nk =" + written); }

/// What the error says of the file, without its name.
std::string complaint(const std::string& text) {
    const temporary_file file{text};
    try {
        static_cast<void>(settings_from_file(file.path()));
    } catch (const config_error& e) {
        std::string what = e.what();
        while (what.find(file.path()) != std::string::npos) {
            what.replace(what.find(file.path()), file.path().size(), "FILE");
        }
        return what;
    }
    return "";
}

}  // namespace

TEST_CASE("a value is what stands after the =, without blanks, comments and quotes") {
    CHECK(value_of(" shop") == "<shop>");
    CHECK(value_of("shop\t ") == "<shop>");
    CHECK(value_of("") == "<>");
    CHECK(value_of(" as collected") == "<as collected>");
    CHECK(value_of(" a=b") == "<a=b>");
    CHECK(value_of(" shop   # department") == "<shop>");
    CHECK(value_of(" shop ; department") == "<shop>");
    CHECK(value_of(" shop\t#department = 7") == "<shop>");
    CHECK(value_of(" # nothing") == "<>");
    CHECK(value_of("# nothing") == "<>");
    CHECK(value_of(" \"shop\"") == "<shop>");
    CHECK(value_of(" 'shop'") == "<shop>");
    CHECK(value_of(" \" shop # 7\"  ; department") == "< shop # 7>");
    CHECK(value_of(" \"it's\"") == "<it's>");
    CHECK(value_of(" \"\"") == "<>");
    CHECK(value_of(" shop\"x") == "<shop\"x>");
}

TEST_CASE("files of other systems are read") {
    CHECK(value_in("\xef\xbb\xbf[backend]\nk = shop\n") == "<shop>");
    CHECK(value_in("[backend]\r\nk = shop\r\n") == "<shop>");
    CHECK(value_in("[backend]\r\nk = shop # x\r\n") == "<shop>");
    CHECK(value_in("[Backend]\nk = shop") == "<shop>");
    CHECK(value_in("[ backend ] ; ours\nk = shop") == "<shop>");
    CHECK(value_in("# ours\n\n; theirs\n  [backend]\n  k = shop\n") == "<shop>");
}

TEST_CASE("other sections are other programs'") {
    CHECK(value_in("[global]\nmemory\n= \x01\n[backend]\nk = 1\n[web]\nk = 2\n") == "<1>");
    CHECK(value_in("[backend]\n") == "none");
    CHECK(value_in("[web]\nk = 1\n[web]\nk = 1\n[backend]\n") == "none");
}

TEST_CASE("what cannot be understood is refused with its line") {
    CHECK(complaint("") == "file = FILE: has no section [backend]");
    CHECK(complaint("[other]\n[backends]\n") ==
          "file = FILE: has no section [backend]; it has [other], [backends]");
    CHECK(complaint("enabled = yes\n").find("line 1: stands before the first section") !=
          std::string::npos);
    CHECK(complaint("\n[backend\n").find("line 2: the bracket") != std::string::npos);
    CHECK(complaint("[backend] x\n").find("line 1: nothing but a comment") != std::string::npos);
    CHECK(complaint("[backend]\n[web]\n[BACKEND]\n").find("line 3: the section [backend] begins") !=
          std::string::npos);
    CHECK(complaint("[backend]\nno such line\n").find("line 2: is no `key = value`") !=
          std::string::npos);
    CHECK(complaint("[backend]\nenabled: yes\n").find("line 2: is no `key = value`") !=
          std::string::npos);
    CHECK(complaint("[backend]\ndestination = a,\n  b:1\n").find("line 3: is no `key = value`") !=
          std::string::npos);
    CHECK(complaint("[backend]\n= x\n").find("line 2: has no key") != std::string::npos);
    CHECK(complaint("[backend]\nprefix = a\nPrefix = b\n") ==
          "file = FILE: line 3: `Prefix` stands in line 2 already");
    CHECK(complaint("[backend]\nprefix = \"a\n").find("line 2: the quote of `prefix`") !=
          std::string::npos);
    CHECK(complaint("[backend]\nprefix = 'a' b\n").find("after the quotes of `prefix`") !=
          std::string::npos);
    CHECK(complaint("[backend]\nprefix = a#b\n").find("line 2: a blank stands before a comment") !=
          std::string::npos);
    CHECK(complaint("[backend]\nprefix = a;b\n").find("line 2: a blank stands before a comment") !=
          std::string::npos);
    CHECK(complaint("[backend]\nprefix = a\x01\n").find("line 2: holds a control character") !=
          std::string::npos);
    CHECK(complaint("\xff\xfe[\0b") == "file = FILE: is UTF-16; save it as UTF-8");
    CHECK(complaint("[backend]\ncolour = red\n")
              .find("colour = red: there is no such key (line 2 of FILE); keys are ") == 0);
}

TEST_CASE("a value of a file that cannot be used is named with its line") {
    const temporary_file file{"[backend]\nenabled = maybe\nupdate every = 10s # slow\n"};
    const settings s = settings_from_file(file.path());
    const auto says = [](auto f) -> std::string {
        try {
            f();
        } catch (const config_error& e) {
            return e.what();
        }
        return "";
    };
    CHECK(says([&] { static_cast<void>(s.enabled()); }) ==
          "enabled = maybe: neither yes nor no (line 2 of " + file.path() + ")");
    CHECK(says([&] { static_cast<void>(s.merged_into()); }) ==
          "update every = 10s: not a whole number of seconds (line 3 of " + file.path() + ")");
}

TEST_CASE("a file that is not there, or is a folder, is an error") {
    for (const std::string path : {"/no/such/file", "/"}) {
        try {
            static_cast<void>(read_ini_section(path, "backend"));
            FAIL("read");
        } catch (const config_error& e) {
            CHECK(std::string{e.what()}.find("file = " + path + ": ") == 0);
        }
    }
}
