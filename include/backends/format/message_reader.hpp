// SPDX-License-Identifier: BSL-1.0
//
// Reads the fields of a message of Protocol Buffers, as far as it is there: the answers of
// receivers, which may be cut.
#pragma once

#include <backends/isa.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backends::inline BACKENDS_ISA::detail {

class message_reader {
public:
    explicit message_reader(std::string_view message) noexcept : rest_{message} {}

    std::uint64_t number = 0;     ///< of the field
    std::uint64_t value = 0;      ///< of a varint
    std::string_view bytes = {};  ///< of a field of length and bytes

    /// Reads the next field. False: there is none, or nobody can tell where it ends.
    bool next() noexcept {
        std::uint64_t tag = 0;
        if (!varint(tag)) {
            return false;
        }
        number = tag >> 3U;
        value = 0;
        bytes = {};
        switch (tag & 7U) {
            case 0: return varint(value);
            case 1: return take(8);
            case 2: {
                std::uint64_t n = 0;
                if (!varint(n)) {
                    return false;
                }
                bytes = n < rest_.size() ? rest_.substr(0, n) : rest_;
                rest_.remove_prefix(bytes.size());
                return true;
            }
            case 5: return take(4);
            default: return false;
        }
    }

private:
    bool take(std::size_t n) noexcept {
        if (rest_.size() < n) {
            return false;
        }
        rest_.remove_prefix(n);
        return true;
    }
    bool varint(std::uint64_t& v) noexcept {
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            v |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) {
                return true;
            }
        }
        return false;
    }

    std::string_view rest_;
};

}  // namespace backends::detail
