// SPDX-License-Identifier: BSL-1.0
//
// OpenTelemetry's protocol over HTTP, a model of wire_format: a binary metric with one data point a
// record. Receivers: OpenTelemetry's collector, VictoriaMetrics, Prometheus, vendors' intakes.
#pragma once

#include <backends/core/quantity.hpp>
#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/format/histogram_text.hpp>
#include <backends/format/length_prefix.hpp>
#include <backends/format/message.hpp>
#include <backends/format/message_reader.hpp>
#include <backends/format/otlp_histogram.hpp>
#include <backends/format/otlp_text.hpp>
#include <backends/format/resource_text.hpp>
#include <backends/format/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA {

/// Records as an ExportMetricsServiceRequest with the exporter's resource. Models request_body.
struct otlp_body : line_body {
    static constexpr record_end ends = record_end::length;                      ///< as fields do
    static constexpr std::string_view target = "/v1/metrics";                   ///< as specified
    static constexpr std::string_view content_type = "application/x-protobuf";  ///< as specified
    static constexpr std::size_t room = 2 * (1 + 5) + 12;  ///< two tags and lengths, the scope
    /// Writes `{1: {resource, 2: {1: {1: "backends"}, records`. Precondition: n + resource.size() <
    /// 2^32.
    static constexpr char* begin(char* p, std::size_t n, std::string_view resource) noexcept {
        constexpr std::string_view scope =
            "\x0a\x0a\x0a\x08"
            "backends";
        const char* const end = p + n;
        for (const std::string_view text : {scope, resource}) {
            for (std::size_t i = text.size(); i != 0; --i) {
                *--p = text[i - 1];
            }
            p = detail::put_varint_before(p, static_cast<std::size_t>(end - p));
            *--p = text.data() == scope.data() ? '\x12' : '\x0a';
        }
        return p;
    }
    /// The points of a partial success. The receiver does not say which they are.
    static body_rejection rejected(std::string_view answer) noexcept {
        body_rejection back;
        detail::message_reader all{answer};
        while (all.next()) {
            if (all.number != 1) {
                continue;
            }
            detail::message_reader partial{all.bytes};
            while (partial.next()) {
                if (partial.number == 1 && partial.value <= INT64_MAX) {
                    back.records = partial.value;
                } else if (partial.number == 2) {
                    back.why = partial.bytes;
                }
            }
        }
        return back;
    }
};
static_assert(request_body<otlp_body>);

/// What the series' values say, as kinds of metrics: a level is a gauge, an amount a sum with the
/// temporality delta, a total a monotonic sum with the temporality cumulative, a distribution an
/// exponential histogram.
struct otlp_kinds {
    /// Of the field in a metric.
    static constexpr std::uint32_t number(quantity says) noexcept {
        return says == quantity::level ? 5 : says == quantity::distribution ? 10 : 7;
    }
    /// Temporality, and whether the sum is monotonic.
    static constexpr std::string_view first(quantity says) noexcept {
        return says == quantity::amount  ? "\x10\x01"
               : says == quantity::total ? "\x10\x02\x18\x01"
                                         : "";
    }
};

/// `CHART.DIMENSION{LABELS} VALUE NANOSECONDS` in binary, for http_post_for<otlp_http, tcp>. The
/// host, the prefix and the exporter's tags are the resource's attributes. Every value is a double.
struct otlp_http {
    static constexpr std::string_view name = "otlp_http";
    static constexpr std::array<std::string_view, 1> aliases{"otlp"};
    static constexpr std::uint16_t default_port = 4318;

    static constexpr auto line = message_grammar<2>(
        field::message<1>(field::chart, lit<".">, field::dimension),
        field::message_by_quantity<otlp_kinds>(field::message<1>(
            field::attributes<7>, field::unix_nanos_f64<3>, field::value_f64<4>)));
    /// What a request says of its exporter, before its records.
    static constexpr auto resource = field::message<1>(field::resource_attributes<1>(
        field::label<"host.name">(field::hostname),
        field::label<"service.name">(field::optional_prefix<"", "">)));
    using histogram = otlp_histogram;  ///< whole ones, not lines of their quantiles
    using body = otlp_body;            ///< of its requests

    using spelling = otlp_spelling;

    /// No receiver is known to bound them.
    static constexpr format_limits limits{.line = 4'096, .component = 0, .tags = 64};

    /// Receivers answer; they do not reply in lines.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<otlp_http>);

}  // namespace backends
