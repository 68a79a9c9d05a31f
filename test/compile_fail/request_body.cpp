// SPDX-License-Identifier: BSL-1.0
//
// A format and a transport that do not fit each other: objects without their array, lines in one.
//
// mistake 1: backends: this transport does not make the bodies of this format
// mistake 2: backends: this transport does not make the bodies of this format
// mistake 3: backends: this transport does not make the bodies of this format
// mistake 4: backends: the bodies of this format have an encoding of their own
// mistake 5: its transport has resource(std::string_view)
// mistake 6: backends: a format with a message_grammar has a body whose records end by length
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/gzip.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>
#include <backends/transport/tcp.hpp>

using namespace backends;

#if MISTAKE == 1
using wrong = exporter<average, opentsdb_http, tcp>;
#elif MISTAKE == 2
using wrong = exporter<average, opentsdb_http, http_post<tcp>>;
#elif MISTAKE == 3
using wrong = exporter<average, graphite_plaintext, http_post_for<opentsdb_http, tcp>>;
#elif MISTAKE == 4
using wrong =
    exporter<average, prometheus_remote_write, http_post_for<prometheus_remote_write, tcp, gzip>>;
#elif MISTAKE == 5
struct without_resource : memory {
    using body = otlp_body;
};
using wrong = exporter<average, otlp_http, without_resource>;
#elif MISTAKE == 6
struct without_body : format_defaults {
    static constexpr std::string_view name = "without_body";
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = prometheus_remote_write::line;
    using spelling = prometheus_remote_write::spelling;
};
using wrong = exporter<average, without_body, tcp>;
#else
using wrong = exporter<average, opentsdb_http, http_post_for<opentsdb_http, tcp>>;
#endif

void use(wrong& e) { e.start(); }
