// SPDX-License-Identifier: BSL-1.0
#include "export_machine.hpp"

int agent::export_acked(const program::arguments& given) {
    return export_machine<backends::default_policies>(given);
}
