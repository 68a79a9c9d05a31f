// SPDX-License-Identifier: BSL-1.0
//
// What compiling costs is paid in one file, 9_metrics.cpp: the others, of which this stands for
// any, see charts alone.
#include "9_metrics.hpp"

#include <backends/format/graphite_plaintext.hpp>

#include "loopback.hpp"

int main() {
    loopback<backends::graphite_plaintext> receiver;
    bool recorded = false;
    {
        metrics all{receiver.destination()};
        recorded = all.queue.record({.depth = 3, .wait_ms = 1.5});
    }
    return recorded && receiver.got("shop.web-1.app.queue.depth", "3.0000000") ? 0 : 1;
}
