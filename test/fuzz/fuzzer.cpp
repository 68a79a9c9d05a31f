// SPDX-License-Identifier: BSL-1.0
//
// The entry that libFuzzer calls; tools/fuzz builds it.
#include "fuzz/harness.hpp"

// The name and the arguments are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return fuzz::run(data, size);
}
