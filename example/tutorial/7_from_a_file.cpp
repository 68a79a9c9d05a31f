// SPDX-License-Identifier: BSL-1.0
//
// Everything from a file, chosen at run time: the strings of its [backend] section become types
// once, at the start. A setting that cannot be used is an error before anything has started.
#include "loopback.hpp"

#include <backends/select/select.hpp>
#include <backends/storage/host.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

/// A file that goes with its scope.
class settings_file {
public:
    settings_file(const std::string& name, const std::string& text)
        : path_{std::filesystem::temp_directory_path() /
                (std::to_string(::getpid()) + "-" + name + ".conf")} {
        std::ofstream{path_} << text;
    }
    ~settings_file() { std::filesystem::remove(path_); }
    settings_file(const settings_file&) = delete;
    settings_file& operator=(const settings_file&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

}  // namespace

int main() {
    loopback<backends::opentsdb_telnet> receiver;
    const std::string text =
        "[backend]\n"
        "enabled = yes\n"
        "data source = sum\n"
        "type = opentsdb\n"
        "prefix = shop\n"
        "update every = 5\n";
    const settings_file file{"right", text + "destination = " + receiver.destination() + "\n"};

    backends::host host{"web-1"};
    auto& sales = host.add("sales", {"euro"});
    bool taken = sales.record(1'700'000'000, {10.5});
    taken &= sales.record(1'700'000'001, {4.25});

    //! [exporter]
    auto exporter = backends::select::exporter_from(file.path(), host);
    exporter.start();
    exporter.stop(std::chrono::seconds{1});
    //! [exporter]
    bool right = taken && receiver.got("shop.sales.euro{web-1}", "14.7500000");

    //! [error]
    const settings_file wrong{"wrong", text + "destination = [::1]junk\n"};
    try {
        backends::select::exporter_from(wrong.path(), host);
        right = false;
    } catch (const backends::config_error& error) {
        std::printf("%s\n", error.what());  // destination = [::1]junk: ...
        right = right && error.key() == "destination" && error.value() == "[::1]junk";
    }
    //! [error]
    return right ? 0 : 1;
}
