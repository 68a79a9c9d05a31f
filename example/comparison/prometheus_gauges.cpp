// SPDX-License-Identifier: BSL-1.0
//
// The tutorial's first program with prometheus-cpp: two gauges, which a Prometheus server
// fetches over HTTP.
//! [program]
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstdio>
#include <memory>

int main(int argc, char** argv) {
    prometheus::Exposer exposer{argc > 1 ? argv[1] : "127.0.0.1:9101"};
    auto registry = std::make_shared<prometheus::Registry>();
    auto& depth = prometheus::BuildGauge().Name("app_queue_depth").Register(*registry).Add({});
    auto& wait = prometheus::BuildGauge().Name("app_queue_wait_ms").Register(*registry).Add({});
    exposer.RegisterCollectable(registry);  // served from threads of its own

    depth.Set(3);
    wait.Set(1.5);
    std::getchar();  // somebody fetches /metrics meanwhile
}
//! [program]
