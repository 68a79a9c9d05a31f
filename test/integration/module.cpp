// SPDX-License-Identifier: BSL-1.0
//
// A shared object that looks a name up and does not wait for the answer.
#include <backends/transport/resolver.hpp>

extern "C" [[gnu::visibility("default")]] void ask_and_leave() {
    backends::destination where;
    where.host = "slow.example";
    where.service = "2003";
    backends::thread_resolver names;
    names.start(where, {});
}
