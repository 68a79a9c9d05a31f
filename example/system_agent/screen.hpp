// SPDX-License-Identifier: BSL-1.0
//
// A terminal, redrawn in place: no more than its size, no flicker, the cursor hidden meanwhile.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agent {

class screen {
public:
    struct size {
        std::size_t columns = 80;
        std::size_t rows = 24;
    };

    screen() : terminal_{isatty(STDOUT_FILENO) == 1} {}
    ~screen() {
        if (begun_) {
            write("\033[?25h");
        }
    }
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;

    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }

    [[nodiscard]] static size now() noexcept {
        winsize w{};
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 && w.ws_row > 0) {
            return {w.ws_col, w.ws_row};
        }
        return {};
    }

    /// Replaces what is shown, in one write; the cursor ends below the last line.
    void draw(const std::vector<std::string>& lines) {
        const std::size_t columns = now().columns;
        std::string frame = std::exchange(begun_, true) ? "\033[H" : "\033[?25l\033[2J\033[H";
        for (const std::string& line : lines) {
            frame += cut(line, columns);
            frame += "\033[K\n";
        }
        frame += "\033[J";
        write(frame);
    }

private:
    /// The first `columns` characters of UTF-8 text, all of them one column wide.
    static std::string_view cut(std::string_view text, std::size_t columns) {
        std::size_t seen = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
            if (begins && seen++ == columns) {
                return text.substr(0, i);
            }
        }
        return text;
    }

    static void write(std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }

    bool terminal_;
    bool begun_ = false;
};

}  // namespace agent
