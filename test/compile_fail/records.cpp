// SPDX-License-Identifier: BSL-1.0
//
// Records that end by length, with a policy that is for lines of text.
//
// mistake 1: backends: this overflow policy drops lines of text alone
#include <backends/driver/shipping.hpp>
#include <backends/testing/simulated_transport.hpp>

using namespace backends;

struct drops_text {
    static constexpr std::string_view name = "drops_text";
#if MISTAKE == 1
    static amount make_room(line_queue&, std::size_t) noexcept { return {}; }
    static amount trim(line_queue&, std::size_t) noexcept { return {}; }
#else
    static amount make_room(auto&, std::size_t) noexcept { return {}; }
    static amount trim(auto&, std::size_t) noexcept { return {}; }
#endif
};

struct chosen : default_policies {
    using overflow = drops_text;
};

using on = testing::simulated_transport<testing::no_watcher, evidence::kernel, record_end::length>;
void use(shipping<on, chosen>& s) { s.step(instant{}); }
shipping<on, chosen> make(on&& t) { return shipping<on, chosen>{std::move(t), {}, {}}; }
