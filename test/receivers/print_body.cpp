// SPDX-License-Identifier: BSL-1.0
//
// Prints the body of a request: a series each of what the reader looks at.
//
//     print_body FORMAT
#include <backends/core/export_names.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/quantity.hpp>
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
    renderer<Format> lines{{"shop", "web-1", {{"dc", "fra"}, {"rack", "k\xc3\xb6ln \"7\"\n"}}}};
    std::string body(Format::body::room, '\0');
    const auto add = [&](std::string_view chart, std::string_view dimension, double value,
                         quantity says, label_list labels) {
        std::uint32_t series = 0;
        if (lines.add(chart, dimension, series, labels, says)) {
            return false;
        }
        std::string room(lines.max_line() + lines.line_slack, '\0');
        body.append(room.data(), lines.line(room.data(), series, 1'795'367'461, value));
        return true;
    };
    const std::string labels = detail::pack({{"path", "/cart"}, {"Status", "200"}});
    if (!add("system.cpu", "user", 86.5, quantity::level, {}) ||
        !add("http", "requests", -0.1, quantity::amount, label_list{labels}) ||
        !add(std::string(200, 'c'), "d", 1e300, quantity::level, {})) {
        return 1;
    }
    char* const records = body.data() + Format::body::room;
    const std::size_t size = body.size() - Format::body::room;
    const char* const begin = Format::body::begin(records, size);
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
    std::fprintf(stderr, "print_body remote_write\n");
    return 2;
}
