// SPDX-License-Identifier: BSL-1.0
//
// Testing. Where records end in a stream, byte by byte, as a receiver finds it. Shares no code with
// the queue.
#pragma once

#include <backends/core/record_end.hpp>
#include <backends/isa.hpp>

#include <cstddef>

namespace backends::inline BACKENDS_ISA::testing {

/// Cuts one stream.
class record_cutter {
public:
    /// At a record's first byte.
    explicit record_cutter(record_end ends = record_end::newline) noexcept : ends_{ends} {}

    /// Takes the next byte, and says whether it ends a record.
    bool ends_with(char c) noexcept {
        if (ends_ == record_end::newline) {
            return c == '\n';
        }
        const auto byte = static_cast<unsigned char>(c);
        if (part_ == part::tag) {
            part_ = part::length;
        } else if (part_ == part::length) {
            left_ += (byte % 128U) * unit_;
            unit_ *= 128;
            part_ = byte < 128 ? part::body : part::length;
        } else {
            --left_;
        }
        if (part_ != part::body || left_ != 0) {
            return false;
        }
        *this = record_cutter{ends_};
        return true;
    }

private:
    enum class part : unsigned char { tag, length, body };

    record_end ends_;
    part part_ = part::tag;
    std::size_t left_ = 0;
    std::size_t unit_ = 1;
};

}  // namespace backends::testing
