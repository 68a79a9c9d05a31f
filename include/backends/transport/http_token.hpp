// SPDX-License-Identifier: BSL-1.0
//
// A bearer token in a file that others renew.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/core/lock.hpp>
#include <backends/isa.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA::detail {

/// Errors of one file, which the words name. Its values are those of errno; EINVAL: the file holds
/// no token. Error codes may outlive everything, and so do these, one for each file.
class token_file_category final : public std::error_category {
public:
    static const token_file_category& of(std::string_view path) {
        static mutex changing;
        static token_file_category* first = nullptr;
        const lock alone{changing};
        for (const token_file_category* one = first; one != nullptr; one = one->next_) {
            if (one->path_ == path) {
                return *one;
            }
        }
        first = new token_file_category{path, first};
        return *first;
    }

    [[nodiscard]] const char* name() const noexcept override { return "bearer token file"; }
    [[nodiscard]] std::string message(int code) const override {
        return joined({"the bearer token file ", path_, ": ", why(code)});
    }
    [[nodiscard]] static std::string why(int code) {
        return code == EINVAL ? "holds no token: visible characters, without a blank"
                              : std::system_category().message(code);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    token_file_category(std::string_view path, const token_file_category* next)
        : path_{path}, next_{next} {}

    std::string path_;
    const token_file_category* next_;
};

/// The file's token, without blanks and line ends around it; empty, and an error that names the
/// file, if there is none. Allocates.
[[gnu::noinline]] inline std::string read_token(const token_file_category& file,
                                                std::error_code& error) {
    constexpr std::size_t longest = 16'384;
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    std::string text;
    std::array<char, 4096> room;
    while (fd >= 0 && text.size() <= longest) {
        const auto n = ::read(fd, room.data(), room.size());
        if (n > 0) {
            text.append(room.data(), static_cast<std::size_t>(n));
        } else if (n == 0 || errno != EINTR) {
            if (n < 0) {
                error = {errno, file};
            }
            break;
        }
    }
    if (fd < 0) {
        error = {errno, file};
    } else {
        ::close(fd);
    }
    constexpr std::string_view blanks = " \t\r\n";
    text.erase(text.find_last_not_of(blanks) + 1);
    text.erase(0, text.find_first_not_of(blanks));
    bool good = !text.empty() && text.size() <= longest;
    for (const char c : text) {
        good = good && static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f;
    }
    if (!error && !good) {
        error = {EINVAL, file};
    }
    return error ? std::string{} : text;
}

}  // namespace backends::detail
