// SPDX-License-Identifier: BSL-1.0
//
// Reads requests of Prometheus' remote write 1.0, from any sender.
#pragma once

#include "binary_requests.hpp"
#include "message_fields.hpp"
#include "sample_text.hpp"
#include "snappy_block.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace receiver {

/// A WriteRequest, unpacked. A request is taken whole or not at all: its answer has no words for a
/// part of it.
class write_request {
public:
    static request_account read(std::string_view body, const on_sample& tell) {
        const std::string message = snappy_block::unpacked(body);
        write_request{nullptr}.all(message);  // all is well
        return write_request{&tell}.all(message);
    }
    static std::string answer(const request_account&) { return {}; }
    static std::string refusal(std::string_view why) { return std::string{why} + "\n"; }

private:
    explicit write_request(const on_sample* tell) : tell_{tell} {}

    request_account all(std::string_view message) {
        for (message_fields one{"WriteRequest", message}; one.next();) {
            if (one.number() == 1) {
                series(one.message());
                total_.bytes += one.whole().size();
            }
        }
        return total_;
    }

    void series(std::string_view message) {
        name(message);
        for (message_fields one{"TimeSeries", message}; one.next();) {
            if (one.number() == 2) {
                sample(one.message());
            } else if (one.number() == 4) {
                throw damaged_request{
                    "The series " + metric_ +
                    " has a native histogram, which this receiver does not read."};
            }
        }
    }

    /// The name and the labels, sorted; a label without a value is none.
    void name(std::string_view message) {
        labels_.clear();
        std::size_t size = 0;
        for (message_fields one{"TimeSeries", message}; one.next();) {
            if (one.number() != 1) {
                continue;
            }
            std::pair<std::string_view, std::string_view> label;
            for (message_fields part{"Label", one.message()}; part.next();) {
                if (part.number() == 1) {
                    label.first = part.text();
                } else if (part.number() == 2) {
                    label.second = part.text();
                }
            }
            if (label.first.empty()) {
                throw damaged_request{"A Label has no name."};
            }
            size += label.second.size();
            if (size > longest_labels) {  // before the list is long
                fail_too_long();
            }
            if (!label.second.empty()) {
                labels_.push_back(label);
            }
        }
        std::ranges::sort(labels_);
        series_.clear();
        std::string_view metric;
        label_text others;
        for (std::size_t i = 0; i != labels_.size(); ++i) {
            const auto& [label, value] = labels_[i];
            if (i != 0 && labels_[i - 1].first == label) {
                throw damaged_request{"A TimeSeries has the label " + shown(label) + " twice."};
            }
            if (label == "__name__") {
                metric = value;
            } else {
                others.add(label, value);
            }
        }
        if (metric.empty()) {
            throw damaged_request{"A TimeSeries has no label __name__."};
        }
        metric_ = shown(metric);
        append_escaped(series_, metric);
        const std::string& text = others.text();
        if (others.is_too_long() || series_.size() + text.size() > longest_labels) {
            fail_too_long();
        }
        series_.append(text.empty() ? "" : "{").append(text).append(text.empty() ? "" : "}");
    }
    [[noreturn]] static void fail_too_long() {
        throw damaged_request{"A TimeSeries has labels of more than 65536 bytes."};
    }

    void sample(std::string_view message) {
        double value = 0;
        std::int64_t millis = 0;
        for (message_fields one{"Sample", message}; one.next();) {
            if (one.number() == 1) {
                value = one.f64();
            } else if (one.number() == 2) {
                millis = static_cast<std::int64_t>(one.varint());
            }
        }
        ++total_.samples;
        std::string number;
        append_number(number, value);
        if (tell_ == nullptr) {
            text_.add(series_.size() + number.size());
            return;
        }
        line_.assign(series_).append(" ").append(number).append(millis < 0 ? " -" : " ");
        const auto units = static_cast<std::uint64_t>(millis);
        append_time(line_, millis < 0 ? 0 - units : units, 1'000);
        (*tell_)(line_, line_seen{.series = series_,
                                  .value = number,
                                  .at = millis / 1'000 - (millis % 1'000 < 0 ? 1 : 0),
                                  .more = {}});
    }

    const on_sample* tell_;  // nullptr: nobody is told
    request_account total_;
    text_length text_;
    std::vector<std::pair<std::string_view, std::string_view>> labels_;
    std::string metric_;  // for what is said about it
    std::string series_;
    std::string line_;
};

inline constexpr message_format remote_write_requests{"snappy",
                                                      204,
                                                      write_request::read,
                                                      write_request::answer,
                                                      write_request::refusal,
                                                      "text/plain",
                                                      "prometheus.writerequest"};

}  // namespace receiver
