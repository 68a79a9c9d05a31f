// SPDX-License-Identifier: BSL-1.0
//
// The forward declarations are those of the definitions, whichever comes first.
#include <backends/fwd.hpp>

// What a header can say with them alone.
void collect(backends::host& host);
void show(const backends::counters& now);
template <class Source>
using to_graphite = backends::exporter<Source, backends::graphite_plaintext, backends::memory,
                                       backends::host, backends::default_policies>;

#include <backends/backends.hpp>

#include <backends/fwd.hpp>

#include <type_traits>

static_assert(std::is_same_v<backends::host, backends::basic_host<>>);
static_assert(std::is_same_v<backends::chart, backends::basic_chart<>>);
static_assert(std::is_same_v<to_graphite<backends::average>,
                             backends::exporter<backends::average, backends::graphite_plaintext,
                                                backends::memory>>);
