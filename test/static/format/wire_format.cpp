// SPDX-License-Identifier: BSL-1.0
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/testing/wire_format_archetype.hpp>

#include <array>
#include <cstdint>
#include <string_view>

// Whatever models the concepts with the least can be rendered.
template class backends::renderer<backends::testing::wire_format_archetype,
                                  backends::testing::name_rule_archetype>;

// Named, since clang reports constants of an unnamed namespace that nothing uses.
namespace static_wire_format {

using namespace backends;

static_assert(wire_format<graphite_plaintext>);
static_assert(wire_format<opentsdb_telnet>);
static_assert(wire_format<json_plaintext>);
static_assert(name_rule<replace> && name_rule<reject> && name_rule<flat_dimensions>);

// Whatever models the concepts with the least can be read.
static_assert(requires(renderer<testing::wire_format_archetype>& r, char* out) {
    { r.line(out, 0, 1, 1.5) } noexcept -> std::same_as<char*>;
    { parse<testing::wire_format_archetype>({}) } noexcept -> std::same_as<parse_result>;
});

// Each thing that is missing is enough not to be a format.
struct no_line : format_defaults {
    static constexpr std::string_view name = "no line";
    static constexpr std::uint16_t default_port = 1;
};
struct no_port : format_defaults {
    static constexpr std::string_view name = "no port";
    static constexpr auto line = graphite_plaintext::line;
};
struct no_name : format_defaults {
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = graphite_plaintext::line;
};
struct no_spelling {
    static constexpr std::string_view name = "no spelling";
    static constexpr std::array<std::string_view, 0> aliases{};
    static constexpr std::uint16_t default_port = 1;
    static constexpr auto line = graphite_plaintext::line;
    static constexpr format_limits limits{};
    static constexpr bool is_rejection(std::string_view) noexcept { return false; }
};
struct line_of_text : format_defaults {
    static constexpr std::string_view name = "a line that is not a grammar";
    static constexpr std::uint16_t default_port = 1;
    static constexpr std::string_view line = "chart value time\n";
};
static_assert(!wire_format<no_line> && !wire_format<no_port> && !wire_format<no_name>);
static_assert(!wire_format<no_spelling> && !wire_format<line_of_text> && !wire_format<int>);
static_assert(!name_rule<int> && !name_spelling<int>);

}  // namespace static_wire_format
