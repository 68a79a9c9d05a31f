// SPDX-License-Identifier: BSL-1.0
//
// The one file of a program that sees the exporter and Asio.
//! [source]
#include "9_metrics.hpp"

#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/transport/tcp.hpp>

struct metrics::exporting {
    exporting(backends::host& host, const std::string& destination)
        : exporter{host, {.destination = destination, .prefix = "shop"}} {
        exporter.start();
    }

    backends::exporter<backends::average, backends::graphite_plaintext, backends::tcp> exporter;
};

metrics::metrics(const std::string& destination)
    : exporting_{std::make_unique<exporting>(host, destination)} {}

metrics::~metrics() = default;
//! [source]
