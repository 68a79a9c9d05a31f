// SPDX-License-Identifier: BSL-1.0
//
// A file that is gone when the test is over.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace test {

class temporary_file {
public:
    explicit temporary_file(std::string_view text) {
        path_ = (std::filesystem::temp_directory_path() / "backends-XXXXXX").string();
        const int fd = ::mkstemp(path_.data());
        if (fd < 0) {
            throw std::runtime_error{"no temporary file"};
        }
        ::close(fd);
        std::ofstream{path_} << text;
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() { ::unlink(path_.c_str()); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace test
