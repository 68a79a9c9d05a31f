// SPDX-License-Identifier: BSL-1.0
//
// What the files of a program include that records: charts, and an exporter that is only declared.
#pragma once

//! [header]
#include <backends/storage/host.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <memory>
#include <string>

struct queue_stats {
    long depth;
    double wait_ms;
};
BOOST_HANA_ADAPT_STRUCT(queue_stats, depth, wait_ms);

class metrics {
public:
    explicit metrics(const std::string& destination);
    ~metrics();  // delivers what is left

    backends::host host{"web-1"};
    backends::host::struct_chart<queue_stats>& queue = host.add<queue_stats>("app.queue");

private:
    struct exporting;  // metrics.cpp alone knows what it is
    std::unique_ptr<exporting> exporting_;
};
//! [header]
