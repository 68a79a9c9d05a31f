// SPDX-License-Identifier: BSL-1.0
//
// Bodies compressed by zlib, for http_post. A program that includes this links zlib.
#pragma once

#include <backends/core/as.hpp>
#include <backends/isa.hpp>
#include <backends/transport/http_encoding.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include <zlib.h>

namespace backends::inline BACKENDS_ISA {

/// Compresses bodies. Models http_encoding. Allocates its 260 KiB at construction; throws
/// std::bad_alloc.
///
/// @tparam Level  1, the fastest, to 9, the smallest
template <int Level = 1>
    requires(Level >= 1 && Level <= 9)
class basic_gzip {
public:
    static constexpr std::string_view name = "gzip";

    basic_gzip() : stream_{new z_stream{}} {
        constexpr int gzip_header = 15 + 16;
        if (::deflateInit2(stream_.get(), Level, Z_DEFLATED, gzip_header, 8, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            throw std::bad_alloc{};
        }
    }

    [[nodiscard]] std::size_t bound(std::size_t n) const noexcept {
        ::deflateReset(stream_.get());  // once it has ended zlib counts no header
        return ::deflateBound(stream_.get(), detail::as<uLong>(n));
    }

    std::size_t encode(std::span<const char> body, std::span<char> room) noexcept {
        z_stream& s = *stream_;
        ::deflateReset(&s);
        s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // it only reads
        s.avail_in = static_cast<uInt>(body.size());
        s.next_out = reinterpret_cast<Bytef*>(room.data());
        s.avail_out = static_cast<uInt>(room.size());
        return ::deflate(&s, Z_FINISH) == Z_STREAM_END ? room.size() - s.avail_out : 0;
    }

private:
    struct end {
        void operator()(z_stream* s) const noexcept {
            ::deflateEnd(s);
            delete s;
        }
    };
    std::unique_ptr<z_stream, end> stream_;  // apart: zlib keeps its address
};

/// The fastest level: the network, not the processor, is what compressing spares.
using gzip = basic_gzip<>;

}  // namespace backends
