// SPDX-License-Identifier: BSL-1.0
//
// A folder that is gone, with the files in it, when the test is over.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

class temporary_folder {
public:
    temporary_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "backends-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"no temporary folder"};
        }
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string path(const std::string& name) const {
        return (path_ / name).string();
    }

    /// The files with this suffix, by name.
    [[nodiscard]] std::vector<std::string> files(const std::string& suffix) const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            if (entry.path().extension() == suffix) {
                out.push_back(entry.path().string());
            }
        }
        std::sort(out.begin(), out.end());
        return out;
    }
    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t n = 0;
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            n += entry.file_size();
        }
        return n;
    }
    /// Its files as they are now, as whoever is killed now would leave them.
    void copy_to(const temporary_folder& other) const {
        for (const auto& entry : std::filesystem::directory_iterator{other.path_}) {
            std::filesystem::remove(entry);
        }
        std::filesystem::copy(path_, other.path_);
    }

    static std::string read(const std::string& file) {
        std::ifstream in{file, std::ios::binary};
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }
    static void write(const std::string& file, const std::string& text) {
        std::filesystem::remove(
            file);  // ext4 waits for the disk when a file is cut and written anew
        std::ofstream{file, std::ios::binary} << text;
    }

private:
    std::filesystem::path path_;
};

}  // namespace test
