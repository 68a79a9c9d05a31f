// SPDX-License-Identifier: BSL-1.0
//
// A wire format that lacks a part, given to the renderer.
//
// mistake 1: Format::default_port
// mistake 2: Format::line
// mistake 3: Format::is_rejection(reply)
#include <backends/format/renderer.hpp>

struct pipe_separated : backends::format_defaults {
    static constexpr std::string_view name = "pipes";
#if MISTAKE != 1
    static constexpr std::uint16_t default_port = 7000;
#endif
#if MISTAKE != 2
    static constexpr auto line =
        backends::grammar(backends::field::chart, backends::lit<"|">, backends::field::dimension,
                          backends::lit<"|">, backends::field::value, backends::lit<"|">,
                          backends::field::unix_time, backends::lit<"\n">);
#endif
#if MISTAKE == 3
    static bool is_rejection(std::string_view reply) { return reply.empty(); }  // may throw
#endif
};

backends::renderer<pipe_separated> lines{backends::identity{}};
