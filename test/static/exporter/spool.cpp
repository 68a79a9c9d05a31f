// SPDX-License-Identifier: BSL-1.0
//
// A spool is a policy, and one that is not chosen is nothing.
#include <backends/exporter/exporter.hpp>

#include <backends/driver/spooling.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/testing/spool_laws.hpp>
#include <backends/transport/memory.hpp>

#include <type_traits>

namespace {

//! [file_spool]
struct outliving : backends::default_policies {
    using spool = backends::file_spool;
};

template <class Source, class Transport>
using outliving_exporter =
    backends::exporter<Source, backends::graphite_plaintext, Transport, backends::host, outliving>;

/// What the options add: a folder for this exporter alone.
inline backends::options options_of_shop() {
    return {.destination = "graphite-1", .spool_directory = "/var/spool/shop"};
}
//! [file_spool]

struct forgetful : backends::default_policies {
    using spool = backends::testing::spool_archetype;
};

// Without a spool there is no byte of one: with the least of spools there are some.
using plain = backends::shipping<backends::memory, backends::default_policies>;
using other = backends::shipping<backends::memory, forgetful>;
static_assert(!std::is_move_constructible_v<plain>);  // its transport knows where its queue is
static_assert(std::is_empty_v<backends::detail::spooling<backends::no_spool>>);
static_assert(sizeof(other) ==
              sizeof(plain) +
                  sizeof(backends::detail::spooling<backends::testing::spool_archetype>));
static_assert(std::is_same_v<backends::default_policies::spool, backends::no_spool>);

struct no_restore {
    static constexpr std::string_view name = "no_restore";
    explicit no_restore(const backends::spool_options&) {}
    std::error_code keep(const backends::queue_view&, backends::instant) noexcept { return {}; }
    backends::spool_counters counters() const noexcept { return {}; }
};
struct keep_may_throw : no_restore {
    using no_restore::no_restore;
    template <class Accept>
    void restore(Accept) {}
    std::error_code keep(const backends::queue_view&, backends::instant) { return {}; }
};
static_assert(!backends::spool<no_restore>);
static_assert(!backends::spool<keep_may_throw>);

}  // namespace

// Used, so that the region that the documentation quotes is compiled whole.
template class backends::exporter<backends::average, backends::graphite_plaintext, backends::memory,
                                  backends::host, outliving>;
backends::options used() { return options_of_shop(); }
static_assert(std::is_same_v<outliving_exporter<backends::average, backends::memory>::observer,
                             backends::event_log<>>);
