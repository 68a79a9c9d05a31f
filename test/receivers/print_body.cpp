// SPDX-License-Identifier: BSL-1.0
//
// Prints the body of a request: a series each of what the reader looks at.
//
//     print_body FORMAT
#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
#include <backends/format/otlp_http.hpp>
#include <backends/format/prometheus_remote_write.hpp>
#include <backends/format/renderer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace backends;

template <class Format>
int print() {
    const identity names{"shop", "web-1", {{"dc", "fra"}, {"rack", "k\xc3\xb6ln \"7\"\n"}}};
    std::string resource;
    if constexpr (detail::has_resource<Format>) {
        resource = detail::resource_text<Format, replace>::of(names);
    }
    renderer<Format> lines{names};
    const std::size_t room = Format::body::room + resource.size();
    std::string body(room, '\0');
    const auto add = [&](std::string_view chart, std::string_view dimension, double value,
                         quantity says, label_list labels) {
        std::uint32_t series = 0;
        if (lines.add(chart, dimension, series, labels, says)) {
            return false;
        }
        std::string line(lines.max_line() + lines.line_slack, '\0');
        body.append(line.data(), lines.line(line.data(), series, 1'795'367'461, value));
        return true;
    };
    const std::string labels = detail::pack({{"path", "/cart"}, {"Status", "200"}});
    if (!add("system.cpu", "user", 86.5, quantity::level, {}) ||
        !add("http", "requests", -0.1, quantity::amount, label_list{labels}) ||
        !add(std::string(200, 'c'), "d", 1e300, quantity::total, {})) {
        return 1;
    }
    char* const records = body.data() + room;
    const std::size_t size = body.size() - room;
    char* begin = nullptr;
    if constexpr (detail::has_resource<Format>) {
        begin = Format::body::begin(records, size, resource);
    } else {
        begin = Format::body::begin(records, size);
    }
    Format::body::end(records + size);
    std::fwrite(begin, 1, static_cast<std::size_t>(records + size - begin), stdout);
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
    std::fprintf(stderr, "print_body remote_write|otlp\n");
    return 2;
}
