// SPDX-License-Identifier: BSL-1.0
//
// A data source whose cursor has a member of a known name in another form: taken for one that does
// not count, an exporter would begin with the whole ring.
//
// mistake 1: backends: a cursor's `next` is a public slot_number
// mistake 2: backends: a cursor's `next` is a public slot_number
// mistake 3: backends: a cursor's `next` is a public slot_number
// mistake 4: backends: a cursor's `samples` is a public std::uint64_t beside `next`
// mistake 5: backends: a cursor's `samples` is a public std::uint64_t beside `next`
#include <backends/exporter/exporter.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/source/average.hpp>
#include <backends/testing/data_source_archetype.hpp>
#include <backends/transport/memory.hpp>

#include <cstdint>

using namespace backends;

#if MISTAKE == 1
struct position {
    std::uint64_t next = 0;  // slots before 1970 are below 0
};
#elif MISTAKE == 2
struct position final {
    std::uint64_t next = 0;
};
#elif MISTAKE == 3
class position {
    slot_number next = INT64_MIN;
};
#elif MISTAKE == 4
struct position {
    slot_number next = INT64_MIN;
    unsigned samples = 0;  // of a year at one a second and a thousand dimensions there are more
};
#elif MISTAKE == 5
struct position {
    std::uint64_t samples = 0;  // before which slot?
};
#else
struct position {
    slot_number next = INT64_MIN;
    std::uint64_t samples = 0;
};
#endif

struct own_source : testing::data_source_archetype {
    using cursor = position;

    template <class Chart, class Emit>
    static read_result read(const Chart&, cursor&, unix_seconds, Emit&&) noexcept {
        return {};
    }
};

using line_exporter = exporter<own_source, graphite_plaintext, memory>;
counters use(const line_exporter& e) { return e.counters(); }
line_exporter make(host& from) { return line_exporter{from}; }
