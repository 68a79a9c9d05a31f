// SPDX-License-Identifier: BSL-1.0
//
// Prometheus' remote write 1.0 over HTTP, a model of wire_format: a binary time series with one
// sample a record. Receivers: Prometheus, VictoriaMetrics, Mimir, Thanos, Cortex.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/core/request_body.hpp>
#include <backends/format/length_prefix.hpp>
#include <backends/format/message.hpp>
#include <backends/format/prometheus_text.hpp>
#include <backends/format/wire_format.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Records as a WriteRequest in a block of snappy that compresses nothing: one literal. Models
/// request_body.
struct remote_write_body : line_body {
    static constexpr record_end ends = record_end::length;                      ///< as fields do
    static constexpr std::string_view target = "/api/v1/write";                 ///< Prometheus'
    static constexpr std::string_view content_type = "application/x-protobuf";  ///< as specified
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 2> headers{
        {{"Content-Encoding", "snappy"},
         {"X-Prometheus-Remote-Write-Version", "0.1.0"}}};  ///< as specified
    static constexpr bool retries_server_errors = true;     ///< as specified
    static constexpr std::size_t room = 10;                 ///< two lengths and a tag
    /// The block's length, and the literal's. Precondition: 0 < n < 2^32.
    static constexpr char* begin(char* p, std::size_t n) noexcept {
        constexpr std::size_t length_bytes = 4;
        for (std::size_t i = length_bytes; i != 0; --i) {
            *--p = static_cast<char>((n - 1) >> 8U * (i - 1) & 0xffU);
        }
        *--p = static_cast<char>((59 + length_bytes) << 2U);
        return detail::put_varint_before(p, n);
    }
};
static_assert(request_body<remote_write_body>);

/// `PREFIX_CHART_DIMENSION{instance="HOST",TAGS} VALUE MILLISECONDS` in binary, for
/// http_post_for<prometheus_remote_write, tcp>. Every value is a double.
struct prometheus_remote_write {
    static constexpr std::string_view name = "prometheus_remote_write";
    static constexpr std::array<std::string_view, 1> aliases{"remote_write"};
    static constexpr std::uint16_t default_port = 9090;

    static constexpr auto line = message_grammar<1>(
        field::labels<1>(field::label<"__name__">(field::optional_prefix<"", "_">, field::chart,
                                                  lit<"_">, field::dimension),
                         field::label<"instance">(field::hostname)),
        field::message<2>(field::value_f64<1>, field::unix_millis_varint<2>));
    using body = remote_write_body;  ///< of its requests

    using spelling = prometheus_spelling;

    /// Receivers bound the number of labels: 30 in Mimir and VictoriaMetrics. Two are here already.
    static constexpr format_limits limits{.line = 4'096, .component = 0, .tags = 28};

    /// Receivers answer; they do not reply in lines.
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};

static_assert(wire_format<prometheus_remote_write>);

}  // namespace backends
