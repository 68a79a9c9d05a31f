// SPDX-License-Identifier: BSL-1.0
#include "export_machine.hpp"

namespace {
struct written_policies : backends::default_policies {
    using confirmation = backends::confirm::written;
};
}  // namespace

int agent::export_written(const program::arguments& given) {
    return export_machine<written_policies>(given);
}
