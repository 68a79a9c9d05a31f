// SPDX-License-Identifier: BSL-1.0
//
// What people write first, where an exporter is made. The sentence is in the first five lines of
// what the compiler says.
//
// mistake 1 in 5 lines: backends: a period is a whole number of seconds, 1s or more
// mistake 2 in 5 lines: backends: a tag is a name and a value in braces of its own: .tags = {{
// mistake 3 in 5 lines: backends: the policies lack a member; derive them from default_policies
// mistake 4 in 5 lines: backends: a reduction's add and result must be noexcept
// mistake 5 in 5 lines: backends: async_run() needs a transport on an executor, such as tcp
// mistake 6 in 5 lines: backends: the policies have a name that is none: there are confirmation,
// mistake 7 in 5 lines: backends: the policies have a name that is none: there are confirmation,
// mistake 8 in 5 lines: backends: source, format and transport are the exporter's own
#include <backends/backends.hpp>

#include <chrono>
#include <string_view>

struct alone {
    using confirmation = backends::confirm::written;
};

struct misspelt : backends::default_policies {
    using confirm = backends::confirm::written;
};
struct misspelt_to_the_end final : backends::default_policies {
    using overflows = backends::drop_newest;
};
struct overloaded : backends::default_policies {
    using format = backends::json_plaintext;
};

struct doubled {
    static constexpr std::string_view name = "doubled";
    struct state {
        double v;
    };
    static void add(state& s, double v) noexcept(MISTAKE != 4) { s.v = v; }
    static double result(const state& s, std::uint64_t) noexcept { return 2 * s.v; }
};

template <int Mistake, class Right, class Wrong>
using wrong_if = std::conditional_t<MISTAKE == Mistake, Wrong, Right>;

using policies = wrong_if<
    3,
    wrong_if<6,
             wrong_if<7, wrong_if<8, backends::default_policies, overloaded>, misspelt_to_the_end>,
             misspelt>,
    alone>;
using exporter = backends::exporter<doubled, backends::graphite_plaintext, backends::memory,
                                    backends::host, policies>;

void use(backends::host& h) {
    using namespace std::chrono_literals;
#if MISTAKE == 1
    exporter e{h, {.tags = {{"dc", "fra"}}, .update_every = 500ms}};
#elif MISTAKE == 2
    exporter e{h, {.tags = {"dc", "fra"}, .update_every = 5s}};
#else
    exporter e{h, {.tags = {{"dc", "fra"}}, .update_every = 5s}};
#endif
#if MISTAKE == 5
    e.async_run([](auto) {});
#endif
}
