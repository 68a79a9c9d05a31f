// SPDX-License-Identifier: BSL-1.0
//
// mistake 1: backends: a family's at() takes one value for each of its labels
// mistake 2: backends: two labels of a family have the same name
// mistake 3: backends: the value of a label is text or an integer
// mistake 4: backends: a label of a family has no name
// mistake 5: backends: a family has at least one label
// mistake 6: backends: instruments of host.instrument() stay as long as the host
// mistake 6: those of host.lease() can be removed
#include <backends/instrument/counter.hpp>
#include <backends/storage/family.hpp>
#include <backends/storage/host.hpp>

using backends::counter;
using backends::family;

void use(backends::host& h, family<counter, "endpoint", "status">& by) {
    by.at("/cart", 200)->add();
    auto& hits = h.instrument<counter>("hits");
    hits.add();
#if MISTAKE == 1
    by.at("/cart")->add();
#elif MISTAKE == 2
    const family<counter, "a", "b", "a"> twice{h, "c"};
#elif MISTAKE == 3
    by.at("/cart", 0.5)->add();
#elif MISTAKE == 4
    const family<counter, "a", ""> unnamed{h, "c"};
#elif MISTAKE == 5
    const family<counter> none{h, "c"};
#elif MISTAKE == 6
    h.remove(hits);
#endif
}
