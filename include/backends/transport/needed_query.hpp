// SPDX-License-Identifier: BSL-1.0
//
// Transport: a part of the query without which receivers misread what they get, such as InfluxDB
// the times of its lines. A path that lacks it is refused before anything starts.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/core/request_body.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/destination_text.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace backends::inline BACKENDS_ISA::detail {

/// Why a path cannot do; empty: it has the words `needed` in its query.
[[gnu::noinline]] inline std::string lack_of(std::string_view needed, std::string_view path) {
    const std::string_view place = path.substr(0, path.find('?'));
    const std::string words = joined({path.substr(place.size()), "&"});
    const bool has_it = needed.empty() ||
                        words.find(joined({"?", needed, "&"})) != std::string::npos ||
                        words.find(joined({"&", needed, "&"})) != std::string::npos;
    return has_it ? std::string{}
                  : joined({"this format needs ", needed, " in the query: ", place, "?", needed});
}

/// Throws config_error for a destination whose path lacks what the body needs. One without a path
/// has the target of the options, which is checked there.
template <class Body>
void require_query(const std::vector<destination>& all) {
    for (const destination& one : all) {
        const std::string why =
            one.path.empty() ? std::string{} : lack_of(query_of<Body>(), one.path);
        if (!why.empty()) {
            refuse_destination(to_string(one), why);
        }
    }
}

}  // namespace backends::detail
