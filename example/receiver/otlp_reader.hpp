// SPDX-License-Identifier: BSL-1.0
//
// Reads requests of OpenTelemetry's protocol, from any sender.
#pragma once

#include "binary_requests.hpp"
#include "message_fields.hpp"
#include "otlp_points.hpp"
#include "sample_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace receiver {

/// An ExportMetricsServiceRequest. Points that cannot be taken are counted, and the answer says so.
class export_request {
public:
    static request_account read(std::string_view body, const on_sample& tell) {
        export_request{nullptr}.all(body);  // all can be read
        return export_request{&tell}.all(body);
    }
    /// `{1: {1: rejected points, 2: why}}`, or nothing.
    static std::string answer(const request_account& account) {
        if (account.rejected == 0) {
            return {};
        }
        std::string partial{"\x08"};
        append_varint(partial, account.rejected);
        append_text(partial, '\x12', account.why);
        std::string all;
        append_text(all, '\x0a', partial);
        return all;
    }
    /// A Status: `{2: why}`.
    static std::string refusal(std::string_view why) {
        std::string all;
        append_text(all, '\x12', why);
        return all;
    }

private:
    explicit export_request(const on_sample* tell) : tell_{tell} {}

    static void append_varint(std::string& out, std::uint64_t v) {
        for (; v >= 0x80; v >>= 7U) {
            out += static_cast<char>((v & 0x7fU) | 0x80U);
        }
        out += static_cast<char>(v);
    }
    static void append_text(std::string& out, char tag, std::string_view text) {
        out += tag;
        append_varint(out, text.size());
        out += text;
    }

    request_account all(std::string_view message) {
        for (message_fields one{"ExportMetricsServiceRequest", message}; one.next();) {
            if (one.number() == 1) {
                resource_metrics(one.message());
            }
        }
        return total_;
    }

    void resource_metrics(std::string_view message) {
        resource_.clear();
        for (message_fields one{"ResourceMetrics", message}; one.next();) {
            if (one.number() != 1) {
                continue;
            }
            for (message_fields part{"Resource", one.message()}; part.next();) {
                if (part.number() == 1) {
                    attribute(resource_, part.message());
                }
            }
        }
        for (message_fields one{"ResourceMetrics", message}; one.next();) {
            if (one.number() != 2) {
                continue;
            }
            for (message_fields part{"ScopeMetrics", one.message()}; part.next();) {
                if (part.number() == 2) {
                    metric(part.message(), part.whole().size());
                }
            }
        }
    }

    /// Of several values the last one counts, as for every field.
    static void attribute(label_text& labels, std::string_view message) {
        std::string_view key;
        std::string value;
        for (message_fields one{"KeyValue", message}; one.next();) {
            if (one.number() == 1) {
                key = one.text();
            } else if (one.number() == 2) {
                for (message_fields part{"AnyValue", one.message()}; part.next();) {
                    any_value(value, part);
                }
            }
        }
        labels.add(key, value);
    }
    static void any_value(std::string& value, const message_fields& part) {
        std::string said;
        switch (part.number()) {
            case 1: said = part.text(); break;
            case 2: said = part.varint() != 0 ? "true" : "false"; break;
            case 3: append_number(said, static_cast<std::int64_t>(part.varint())); break;
            case 4: append_number(said, part.f64()); break;
            case 5: said = "an array of " + std::to_string(part.message().size()) + " bytes"; break;
            case 6: said = "a list of " + std::to_string(part.message().size()) + " bytes"; break;
            case 7: said = std::to_string(part.message().size()) + " bytes"; break;
            default: return;
        }
        value = said;
    }

    void metric(std::string_view message, std::size_t bytes) {
        std::string_view name;
        std::uint64_t kind = 0;
        std::string_view parts;  // from where the fields of the last kind begin: a metric has one
        for (message_fields one{"Metric", message}; one.next();) {
            if (one.number() == 1) {
                name = one.text();
            } else if (otlp_point::is_known(one.number())) {
                if (kind != one.number()) {
                    parts = {one.whole().data(), message.data() + message.size()};
                }
                kind = one.number();
                static_cast<void>(one.message());  // it is one
            }
        }
        metric_ = name;
        name_.clear();
        if (name.size() <= longest_labels) {
            append_escaped(name_, name);
        }
        if (kind == 0) {
            reject("is of a kind that this receiver does not know");
            return;
        }
        read_kind(static_cast<otlp_point::kind>(kind), parts);
        const std::uint64_t before = total_.rejected;
        each_part(kind, parts, [&](const message_fields& one) {
            if (one.number() == 1) {
                point(static_cast<otlp_point::kind>(kind), one.message());
            }
        });
        total_.bytes += total_.rejected == before ? bytes : 0;
    }

    /// Calls f(field) for each field of the parts. They are read again each time, as a list of them
    /// would take more memory than the request.
    template <class F>
    static void each_part(std::uint64_t kind, std::string_view parts, F f) {
        for (message_fields part{"Metric", parts}; part.next();) {
            if (part.number() != kind) {
                continue;
            }
            for (message_fields one{"MetricData", part.message()}; one.next();) {
                f(one);
            }
        }
    }

    /// What a metric says of all its points.
    void read_kind(otlp_point::kind kind, std::string_view parts) {
        std::uint64_t temporality = 0;
        bool is_monotonic = false;
        each_part(kind, parts, [&](const message_fields& one) {
            if (kind != otlp_point::gauge && kind != otlp_point::summary) {
                temporality = one.number() == 2 ? one.varint() : temporality;
                if (kind == otlp_point::sum && one.number() == 3) {
                    is_monotonic = one.varint() != 0;
                }
            }
        });
        has_temporality_ = kind == otlp_point::gauge || kind == otlp_point::summary ||
                           temporality == 1 || temporality == 2;
        kind_ = kind == otlp_point::gauge     ? "gauge"
                : kind == otlp_point::summary ? "summary"
                : temporality == 1            ? "delta_"
                                              : "cumulative_";
        kind_ += kind == otlp_point::sum         ? is_monotonic ? "monotonic_sum" : "sum"
                 : kind == otlp_point::histogram ? "histogram"
                 : kind == otlp_point::exponential_histogram ? "exponential_histogram"
                                                             : "";
    }

    void point(otlp_point::kind kind, std::string_view message) {
        try {
            labels_.clear();
            const otlp_point one{kind, message,
                                 [this](std::string_view kv) { attribute(labels_, kv); }};
            if (metric_.empty()) {
                reject("has no name");
                return;
            }
            if (!has_temporality_) {
                reject("has no temporality");
                return;
            }
            if (labels_.is_too_long() || resource_.is_too_long() ||
                metric_.size() > longest_labels || series_size() > longest_labels) {
                reject("has labels of more than 65536 bytes");
                return;
            }
            tell(one.value(), one.nanoseconds());
        } catch (const unreadable_point& why) {
            reject(why.what());
        }
    }
    /// Before it is put together: thousands of points may have a resource that is too long.
    [[nodiscard]] std::size_t series_size() const {
        return name_.size() + labels_.text().size() + resource_.text().size();
    }
    void tell(const std::string& value, std::uint64_t at) {
        ++total_.samples;
        if (tell_ == nullptr) {
            text_.add(series_size() + value.size() + kind_.size());
            return;
        }
        constexpr std::uint64_t second = 1'000'000'000;
        const std::string& own = labels_.text();
        const std::string& common = resource_.text();
        const bool has_none = own.empty() && common.empty();
        series_.assign(name_).append(has_none ? "" : "{").append(own);
        series_.append(own.empty() || common.empty() ? "" : ",").append(common);
        series_.append(has_none ? "" : "}");
        line_.assign(series_).append(" ").append(value).append(" ");
        append_time(line_, at, second);
        line_.append(" ").append(kind_);
        (*tell_)(line_, line_seen{.series = series_,
                                  .value = value,
                                  .at = static_cast<std::int64_t>(at / second),
                                  .more = {}});
    }
    void reject(std::string_view what) {
        if (total_.rejected++ == 0) {
            const std::string name = metric_.empty() ? "without a name" : shown(metric_);
            total_.why.append("The metric ").append(name).append(" ").append(what).append(".");
        }
    }

    const on_sample* tell_;  // nullptr: nobody is told
    request_account total_;
    text_length text_;
    label_text resource_;
    label_text labels_;        // of a point
    std::string_view metric_;  // its name
    std::string name_;         // the same as text
    std::string kind_;
    bool has_temporality_ = false;
    std::string series_;
    std::string line_;
};

inline constexpr message_format otlp_requests{"",
                                              200,
                                              export_request::read,
                                              export_request::answer,
                                              export_request::refusal,
                                              "application/x-protobuf"};

}  // namespace receiver
