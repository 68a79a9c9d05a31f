// SPDX-License-Identifier: BSL-1.0
//
// What the tutorial's programs send to: a receiver in the same process, on a free port, that
// remembers the newest value of every series.
#pragma once

#include "../receiver/line_readers.hpp"
#include "../receiver/line_receiver.hpp"

#include <backends/format/wire_format.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

template <backends::wire_format Format>
class loopback {
public:
    [[nodiscard]] std::string destination() const {
        return "127.0.0.1:" + std::to_string(receiving_.port());
    }

    /// Whether `series` has arrived with `value` in its last line. Waits until the exporter has
    /// closed its connection. Says on standard error what has arrived instead.
    bool got(std::string_view series, std::string_view value) {
        if (!finished_) {
            finished_ = receiving_.finish(std::chrono::seconds{10});
        }
        const auto found = values_.find(series);
        const std::string seen = found == values_.end() ? "nothing" : found->second;
        if (seen != value) {
            std::fprintf(stderr, "%.*s: %s instead of %.*s\n", static_cast<int>(series.size()),
                         series.data(), seen.c_str(), static_cast<int>(value.size()), value.data());
        }
        return seen == value;
    }

private:
    using values = std::map<std::string, std::string, std::less<>>;
    struct remember {
        values* all;
        void operator()(std::string_view, const std::optional<receiver::line_seen>& seen) const {
            if (seen) {
                (*all)[seen->series] = seen->value;
                for (const auto& [series, value] : seen->more) {
                    (*all)[series] = value;
                }
            }
        }
    };

    values values_;
    receiver::line_receiver<remember> receiving_{receiver::reader_for<Format>(),
                                                 remember{&values_}};
    bool finished_ = false;
};
