// SPDX-License-Identifier: BSL-1.0
//
// Unpacks a block of snappy, after the format's description. A program that everybody builds needs
// no package for fifty lines, and no block makes these ones take more memory than they allow.
#pragma once

#include "binary_requests.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace receiver {

/// A block, while it is unpacked.
class snappy_block {
public:
    /// Throws damaged_request.
    static std::string unpacked(std::string_view block) {
        snappy_block one{block};
        const std::uint64_t size = one.length();
        // A byte of a block stands for 32 bytes at most: a false length takes no memory.
        one.out_.reserve(std::min<std::size_t>(size, block.size() * 32));
        while (!one.rest_.empty()) {
            one.element(size);
        }
        if (one.out_.size() != size) {
            fail("says another length than it has");
        }
        return std::move(one.out_);
    }

private:
    explicit snappy_block(std::string_view block) : rest_{block} {}

    [[noreturn]] static void fail(const char* why) {
        throw damaged_request{std::string{"The block of snappy "} + why + "."};
    }

    /// An integer of n bytes, the lowest first.
    std::size_t number(std::size_t n) {
        if (n > rest_.size()) {
            fail("ends inside an element");
        }
        return static_cast<std::size_t>(cut_little_endian(rest_, n));
    }

    std::uint64_t length() {
        std::uint64_t size = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            if (rest_.empty()) {
                fail("ends inside its length");
            }
            const std::uint64_t byte = number(1);
            size |= (byte & 0x7fU) << shift;
            if (byte < 0x80) {
                if (size > longest_message) {
                    fail("is longer than this receiver takes");
                }
                return size;
            }
        }
        fail("has a length of more than 32 bits");
    }

    void element(std::uint64_t size) {
        const std::size_t tag = number(1);
        switch (tag & 3U) {
            case 0: {
                const std::size_t n = tag >> 2U;
                literal(1 + (n < 60 ? n : number(n - 59)), size);
                break;
            }
            case 1: copy(4 + (tag >> 2U & 7U), (tag >> 5U) << 8U | number(1), size); break;
            case 2: copy(1 + (tag >> 2U), number(2), size); break;
            default: copy(1 + (tag >> 2U), number(4), size);
        }
    }
    void literal(std::size_t n, std::uint64_t size) {
        if (n > rest_.size()) {
            fail("ends inside a literal");
        }
        if (n > size - out_.size()) {
            fail("says another length than it has");
        }
        out_ += rest_.substr(0, n);
        rest_.remove_prefix(n);
    }
    /// Byte by byte: a copy may read what it writes.
    void copy(std::size_t n, std::size_t offset, std::uint64_t size) {
        if (offset == 0 || offset > out_.size()) {
            fail("copies from where nothing is");
        }
        if (n > size - out_.size()) {
            fail("says another length than it has");
        }
        for (; n != 0; --n) {
            out_ += out_[out_.size() - offset];
        }
    }

    std::string_view rest_;
    std::string out_;
};

}  // namespace receiver
