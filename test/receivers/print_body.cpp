// SPDX-License-Identifier: BSL-1.0
//
// Prints the body of a request: a series each of what the reader looks at.
//
//     print_body remote_write|otlp
//     print_body histograms < WORDS
//
// Of histograms it prints those of two cycles, `often` and `rarely`, one after the other. A word is
// a value to record, `often` where the first cycle has its turn, or `both`.
#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/renderer.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace backends;

/// Records, and room before them for what precedes them in a body.
template <class Format>
class body_text {
public:
    explicit body_text(const identity& names) {
        if constexpr (detail::has_resource<Format>) {
            resource_ = detail::resource_text<Format, replace>::of(names);
        }
        text_.resize(room());
    }
    void add(const char* begin, const char* end) { text_.append(begin, end); }
    void print() {
        char* const records = text_.data() + room();
        const std::size_t size = text_.size() - room();
        char* begin = nullptr;
        if constexpr (detail::has_resource<Format>) {
            begin = Format::body::begin(records, size, resource_);
        } else {
            begin = Format::body::begin(records, size);
        }
        Format::body::end(records + size);
        std::fwrite(begin, 1, static_cast<std::size_t>(records + size - begin), stdout);
    }

private:
    [[nodiscard]] std::size_t room() const { return Format::body::room + resource_.size(); }

    std::string resource_;
    std::string text_;
};

template <class Format>
int print() {
    const identity names{"shop", "web-1", {{"dc", "fra"}, {"rack", "k\xc3\xb6ln \"7\"\n"}}};
    body_text<Format> body{names};
    renderer<Format> lines{names};
    const auto add = [&](std::string_view chart, std::string_view dimension, double value,
                         quantity says, label_list labels) {
        std::uint32_t series = 0;
        if (lines.add(chart, dimension, series, labels, says)) {
            return false;
        }
        std::string line(lines.max_line() + lines.line_slack, '\0');
        body.add(line.data(), lines.line(line.data(), series, 1'795'367'461, value));
        return true;
    };
    const std::string labels = detail::pack({{"path", "/cart"}, {"Status", "200"}});
    if (!add("system.cpu", "user", 86.5, quantity::level, {}) ||
        !add("http", "requests", -0.1, quantity::amount, label_list{labels}) ||
        !add(std::string(200, 'c'), "d", 1e300, quantity::total, {})) {
        return 1;
    }
    body.print();
    return 0;
}

/// The records of a cycle, as a queue.
class otlp_cycle {
public:
    otlp_cycle(const host& from, const identity& names)
        : host_{from}, lines_{names}, body_{names} {}

    void run(unix_seconds at) {
        no_observer nobody;
        lines_.follow(host_, nobody, count_);
        lines_.run(at, *this, count_);
    }
    void print() { body_.print(); }

    [[nodiscard]] bool fits(std::size_t) const noexcept { return true; }
    char* reserve(std::size_t n) {
        record_.resize(n);
        return record_.data();
    }
    void commit(std::size_t bytes, std::size_t) {
        body_.add(record_.data(), record_.data() + bytes);
    }
    void refuse(std::size_t, std::size_t) noexcept {}

private:
    const host& host_;
    cycle<average, otlp_http, host> lines_;
    body_text<otlp_http> body_;
    std::string record_;
    cycle_counters count_{};
};

int print_histograms() {
    host from{"web-1"};
    auto& usual = from.instrument<histogram<>>("usual", {.labels = {{"path", "/cart"}}});
    auto& fine = from.instrument<histogram<double, 5, 40, -1>>("fine");
    otlp_cycle often{from, {"", "often", {}}};
    otlp_cycle rarely{from, {"", "rarely", {}}};
    unix_seconds now = 1'795'367'461;
    std::array<char, 64> word{};
    while (std::scanf("%63s", word.data()) == 1) {
        const std::string_view text{word.data()};
        if (text == "often" || text == "both") {
            often.run(++now);
        }
        if (text == "both") {
            rarely.run(now);
        } else if (text != "often") {
            const double value = std::strtod(word.data(), nullptr);
            usual.record(value);
            fine.record(value);
        }
    }
    often.print();
    rarely.print();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view format = argc == 2 ? argv[1] : "";
    if (format == "remote_write") {
        return print<prometheus_remote_write>();
    }
    if (format == "otlp") {
        return print<otlp_http>();
    }
    if (format == "histograms") {
        return print_histograms();
    }
    std::fprintf(stderr, "print_body remote_write|otlp|histograms\n");
    return 2;
}
