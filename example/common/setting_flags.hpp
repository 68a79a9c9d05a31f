// SPDX-License-Identifier: BSL-1.0
//
// Flags for the keys of a file: `update every` is `--update-every`.
#pragma once

#include "arguments.hpp"

#include <backends/core/errors.hpp>
#include <backends/select/settings.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace program {

inline std::string flag_of(std::string_view key) {
    std::string flag{key};
    std::ranges::replace(flag, ' ', '-');
    return flag;
}

/// Sets what the flags for these keys say.
template <class Keys>
void take_flags(const arguments& given, const Keys& keys, backends::select::settings& into) {
    for (const std::string_view key : keys) {
        const std::string flag = flag_of(key);
        if (const auto value = given.value(flag)) {
            into.set(key, std::string{*value}, "--" + flag);
        }
    }
}

}  // namespace program
