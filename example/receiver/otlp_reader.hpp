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
#include <vector>

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
    static void attribute(std::string& labels, std::string_view message) {
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
        append_label(labels, 0, key, value);
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
        std::vector<std::string_view> parts;  // of the last kind: a metric has one
        for (message_fields one{"Metric", message}; one.next();) {
            if (one.number() == 1) {
                name = one.text();
            } else if (otlp_point::is_known(one.number())) {
                if (kind != one.number()) {
                    parts.clear();
                }
                kind = one.number();
                parts.push_back(one.message());
            }
        }
        metric_ = name;
        if (kind == 0) {
            reject("is of a kind that this receiver does not know");
            return;
        }
        read_kind(static_cast<otlp_point::kind>(kind), parts);
        const std::uint64_t before = total_.rejected;
        for (const std::string_view part : parts) {
            for (message_fields one{"MetricData", part}; one.next();) {
                if (one.number() == 1) {
                    point(static_cast<otlp_point::kind>(kind), one.message());
                }
            }
        }
        total_.bytes += total_.rejected == before ? bytes : 0;
    }

    /// What a metric says of all its points.
    void read_kind(otlp_point::kind kind, const std::vector<std::string_view>& parts) {
        std::uint64_t temporality = 0;
        bool is_monotonic = false;
        for (const std::string_view part : parts) {
            for (message_fields one{"MetricData", part}; one.next();) {
                if (kind != otlp_point::gauge && kind != otlp_point::summary) {
                    temporality = one.number() == 2 ? one.varint() : temporality;
                    if (kind == otlp_point::sum && one.number() == 3) {
                        is_monotonic = one.varint() != 0;
                    }
                }
            }
        }
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
            std::string labels;
            const otlp_point one{kind, message,
                                 [&labels](std::string_view kv) { attribute(labels, kv); }};
            if (metric_.empty()) {
                throw unreadable_point{"has no name"};
            }
            if (!has_temporality_) {
                throw unreadable_point{"has no temporality"};
            }
            labels.append(labels.empty() || resource_.empty() ? "" : ",").append(resource_);
            if (labels.size() + metric_.size() > longest_labels) {
                throw unreadable_point{"has labels of more than 65536 bytes"};
            }
            tell(one.value(), labels, one.nanoseconds());
        } catch (const unreadable_point& why) {
            reject(why.what());
        }
    }
    void tell(const std::string& value, std::string_view labels, std::uint64_t at) {
        ++total_.samples;
        if (tell_ == nullptr) {
            return;
        }
        constexpr std::uint64_t second = 1'000'000'000;
        series_.clear();
        append_escaped(series_, metric_);
        series_.append(labels.empty() ? "" : "{").append(labels).append(labels.empty() ? "" : "}");
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
    std::string resource_;
    std::string_view metric_;  // its name
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
