// SPDX-License-Identifier: BSL-1.0
//
// The points of OpenTelemetry's metrics as text: a number, or what a histogram or a summary says.
#pragma once

#include "message_fields.hpp"
#include "sample_text.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace receiver {

/// A point that cannot be taken, in a request that can. what() is what the point does.
class unreadable_point : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One point of any kind. Its members are filled by the fields of its message, in any order.
class otlp_point {
public:
    /// Field numbers in a Metric.
    enum kind : std::uint64_t {
        gauge = 5,
        sum = 7,
        histogram = 9,
        exponential_histogram = 10,
        summary = 11
    };
    static bool is_known(std::uint64_t k) {
        return k == gauge || k == sum || (k >= histogram && k <= summary);
    }

    /// @param on_attribute  is called with the message of each attribute
    template <class OnAttribute>
    otlp_point(kind of, std::string_view message, OnAttribute on_attribute) : kind_{of} {
        for (message_fields one{"DataPoint", message}; one.next();) {
            const std::uint64_t n = one.number();
            if (n == (of == histogram ? 9U : of == exponential_histogram ? 1U : 7U)) {
                on_attribute(one.message());
            } else if (n == 3) {
                at_ = one.fixed64();
            } else if (n == (of == gauge || of == sum || of == summary ? 8U : 10U)) {
                is_missing_ = (one.varint() & 1U) != 0;
            } else if (of == gauge || of == sum) {
                number(one);
            } else if (n == 4) {
                count_ = one.fixed64();
            } else if (n == 5) {
                sum_ = one.f64();
            } else if (of == histogram) {
                of_histogram(one);
            } else if (of == exponential_histogram) {
                of_exponential(one);
            } else if (n == 6) {
                quantile(one.message());
            }
        }
    }

    [[nodiscard]] std::uint64_t nanoseconds() const { return at_; }

    /// Throws unreadable_point.
    [[nodiscard]] std::string value() const {
        if (at_ == 0) {
            throw unreadable_point{"has no time"};
        }
        if (is_missing_) {
            return "no_value";  // as the sender says
        }
        if (kind_ == gauge || kind_ == sum) {
            if (value_.empty()) {
                throw unreadable_point{"has no value"};
            }
            return value_;
        }
        std::string text = "count=";
        append_number(text, count_);
        part(text, ",sum=", sum_);
        part(text, ",min=", min_);
        part(text, ",max=", max_);
        if (kind_ == histogram) {
            buckets(text);
        } else if (kind_ == exponential_histogram) {
            exponential_buckets(text);
        } else {
            text += quantiles_;
        }
        return text;
    }

private:
    /// Real senders have some hundred.
    static constexpr std::size_t most_buckets = 4'096;

    struct scaled_buckets {
        std::int64_t offset = 0;
        std::vector<std::uint64_t> counts = {};
    };

    template <class T>
    static void add(std::vector<T>& all, T one) {
        if (all.size() == most_buckets) {
            throw unreadable_point{"has more than 4096 buckets"};
        }
        all.push_back(one);
    }
    static void part(std::string& text, std::string_view name, const std::optional<double>& v) {
        if (v) {
            text += name;
            append_number(text, *v);
        }
    }

    void number(const message_fields& one) {
        std::string text;
        if (one.number() == 4) {
            append_number(text, one.f64());
        } else if (one.number() == 6) {
            append_number(text, static_cast<std::int64_t>(one.fixed64()));
        } else {
            return;
        }
        value_ = text;
    }
    void of_histogram(const message_fields& one) {
        switch (one.number()) {
            case 6: one.each_fixed64([this](std::uint64_t n) { add(counts_, n); }); break;
            case 7:
                one.each_fixed64(
                    [this](std::uint64_t v) { add(bounds_, std::bit_cast<double>(v)); });
                break;
            case 11: min_ = one.f64(); break;
            case 12: max_ = one.f64(); break;
            default: break;
        }
    }
    void of_exponential(const message_fields& one) {
        switch (one.number()) {
            case 6: scale_ = one.zigzag(); break;
            case 7: zeros_ = one.fixed64(); break;
            case 8: scaled(positive_, one.message()); break;
            case 9: scaled(negative_, one.message()); break;
            case 12: min_ = one.f64(); break;
            case 13: max_ = one.f64(); break;
            default: break;
        }
    }
    static void scaled(scaled_buckets& into, std::string_view message) {
        for (message_fields one{"Buckets", message}; one.next();) {
            if (one.number() == 1) {
                into.offset = one.zigzag();
            } else if (one.number() == 2) {
                one.each_varint([&](std::uint64_t n) { add(into.counts, n); });
            }
        }
    }
    void quantile(std::string_view message) {
        double at = 0;
        double value = 0;
        for (message_fields one{"ValueAtQuantile", message}; one.next();) {
            if (one.number() == 1) {
                at = one.f64();
            } else if (one.number() == 2) {
                value = one.f64();
            }
        }
        if (!(at >= 0 && at <= 1)) {
            throw unreadable_point{"has a quantile that is not between 0 and 1"};
        }
        if (quantiles_.size() > most_buckets * 8) {
            throw unreadable_point{"has too many quantiles"};
        }
        bucket(quantiles_, at, value);
    }

    /// `,BOUND:COUNT`, a bound with six digits.
    template <class Count>
    static void bucket(std::string& text, double bound, Count n) {
        text += ',';
        append_number(text, bound, std::chars_format::general, 6);
        text += ':';
        append_number(text, n);
    }
    /// Buckets must hold what was counted.
    void must_be_all(const std::vector<std::uint64_t>& some, const std::vector<std::uint64_t>& more,
                     std::uint64_t zeros) const {
        std::uint64_t rest = count_;
        const auto take = [&](std::uint64_t n) {
            if (n > rest) {
                throw unreadable_point{"has other counts in its buckets than in all"};
            }
            rest -= n;
        };
        take(zeros);
        for (const auto* const counts : {&some, &more}) {
            for (const std::uint64_t n : *counts) {
                take(n);
            }
        }
        if (rest != 0) {
            throw unreadable_point{"has other counts in its buckets than in all"};
        }
    }

    /// Those that are not empty, each by its upper bound.
    void buckets(std::string& text) const {
        if (counts_.empty() && bounds_.empty()) {
            return;
        }
        if (counts_.size() != bounds_.size() + 1) {
            throw unreadable_point{"has not one bucket more than bounds"};
        }
        for (std::size_t i = 1; i < bounds_.size(); ++i) {
            if (!(bounds_[i - 1] < bounds_[i])) {
                throw unreadable_point{"has bounds that do not rise"};
            }
        }
        must_be_all(counts_, {}, 0);
        for (std::size_t i = 0; i != counts_.size(); ++i) {
            if (counts_[i] != 0) {
                bucket(text, i < bounds_.size() ? bounds_[i] : HUGE_VAL, counts_[i]);
            }
        }
    }
    /// Those that are not empty, each by the bound that is farther from zero.
    void exponential_buckets(std::string& text) const {
        constexpr std::int64_t index_end = std::int64_t{1} << 31U;
        for (const auto* const one : {&negative_, &positive_}) {
            if (one->offset < -index_end || one->offset >= index_end) {
                throw unreadable_point{"has buckets of an index beyond 32 bits"};
            }
        }
        if (scale_ <= -index_end || scale_ >= index_end) {
            throw unreadable_point{"has a scale beyond 32 bits"};
        }
        must_be_all(positive_.counts, negative_.counts, zeros_);
        const auto bound = [this](const scaled_buckets& of, std::size_t i) {
            const double index = static_cast<double>(of.offset) + static_cast<double>(i) + 1;
            return std::exp2(std::ldexp(index, static_cast<int>(-scale_)));
        };
        for (std::size_t i = negative_.counts.size(); i-- != 0;) {
            if (negative_.counts[i] != 0) {
                bucket(text, -bound(negative_, i), negative_.counts[i]);
            }
        }
        if (zeros_ != 0) {
            bucket(text, 0.0, zeros_);
        }
        for (std::size_t i = 0; i != positive_.counts.size(); ++i) {
            if (positive_.counts[i] != 0) {
                bucket(text, bound(positive_, i), positive_.counts[i]);
            }
        }
    }

    kind kind_;
    std::uint64_t at_ = 0;
    bool is_missing_ = false;
    std::string value_;  // of a gauge or a sum
    std::uint64_t count_ = 0;
    std::optional<double> sum_;
    std::optional<double> min_;
    std::optional<double> max_;
    std::vector<std::uint64_t> counts_;
    std::vector<double> bounds_;
    std::int64_t scale_ = 0;
    std::uint64_t zeros_ = 0;
    scaled_buckets positive_;
    scaled_buckets negative_;
    std::string quantiles_;
};

}  // namespace receiver
