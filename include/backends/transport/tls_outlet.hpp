// SPDX-License-Identifier: BSL-1.0
//
// Where OpenSSL puts encrypted bytes. A record of TLS holds 16 KiB at most, and OpenSSL hands each
// over alone: records gather here, so that a request goes to the transport below in one call. What
// that does not take waits.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/transport/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <system_error>
#include <vector>

#include <openssl/bio.h>

namespace backends::inline BACKENDS_ISA::detail {

/// The bytes of one connection on their way out. Not thread-safe.
class tls_outlet {
public:
    /// Begins a connection. Throws std::bad_alloc.
    void start() {
        bytes_.reserve(most);
        forget();
    }
    void forget() noexcept {
        bytes_.clear();
        begin_ = 0;
        made_ = 0;
        failure_.clear();
    }

    /// Takes the bytes. False: there is no memory for them.
    bool put(std::span<const char> bytes) noexcept {
        try {
            bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
            made_ += bytes.size();
            return true;
        } catch (const std::bad_alloc&) {
            failure_ = std::make_error_code(std::errc::not_enough_memory);
            return false;
        }
    }

    /// Moves what waits, as far as it is taken.
    ///
    /// @param more  other bytes follow at once
    template <class Next>
    void flush(Next& to, bool more = false) noexcept {
        while (waiting() != 0 && !failure_) {
            const io_result done = write_pieces(to, {}, std::span{bytes_}.subspan(begin_), more);
            begin_ += done.count;
            if (done.error) {
                return fail(done.error);
            }
        }
        if (waiting() == 0) {
            bytes_.clear();
            begin_ = 0;
        }
    }
    /// Whether another record finds room; if need be, what waits goes before it.
    template <class Next>
    [[nodiscard]] bool make_room(Next& to) noexcept {
        if (bytes_.size() + longest_record > most) {
            flush(to, true);
        }
        return bytes_.size() + longest_record <= most && !failure_;
    }

    /// Encrypted bytes that the transport below has not taken.
    [[nodiscard]] std::size_t waiting() const noexcept { return bytes_.size() - begin_; }
    /// Encrypted bytes made so far.
    [[nodiscard]] std::uint64_t made() const noexcept { return made_; }
    /// Of the transport below, in writing.
    [[nodiscard]] std::error_code failure() const noexcept { return failure_; }

private:
    static constexpr std::size_t longest_record = std::size_t{20} << 10U;
    // A request of 128 KiB, its head and what TLS adds, and then a record's room is left.
    static constexpr std::size_t most = std::size_t{160} << 10U;

    void fail(std::error_code why) noexcept {
        if (!(why == errc::would_block)) {
            failure_ = why;
        }
    }

    std::vector<char> bytes_;
    std::size_t begin_ = 0;  // of what waits
    std::uint64_t made_ = 0;
    std::error_code failure_;
};

/// What OpenSSL writes to: calls Stream::put_out(bytes) of the stream that is its data.
template <class Stream>
class tls_sink {
public:
    /// Throws std::bad_alloc.
    static BIO* make() {
        static const BIO_METHOD* const calls = methods();
        BIO* const made = calls == nullptr ? nullptr : ::BIO_new(calls);
        if (made == nullptr) {
            throw std::bad_alloc{};
        }
        return made;
    }

private:
    static const BIO_METHOD* methods() noexcept {
        BIO_METHOD* const made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "");
        if (made != nullptr) {
            ::BIO_meth_set_write(made, &write);
            ::BIO_meth_set_ctrl(made, &control);
            ::BIO_meth_set_create(made, &create);
        }
        return made;
    }
    static int create(BIO* one) noexcept {
        ::BIO_set_init(one, 1);
        return 1;
    }
    static int write(BIO* one, const char* bytes, int n) noexcept {
        auto& stream = *static_cast<Stream*>(::BIO_get_data(one));
        return stream.put_out({bytes, static_cast<std::size_t>(n)}) ? n : -1;
    }
    static long control(BIO*, int what, long, void*) noexcept {
        return what == BIO_CTRL_FLUSH ? 1 : 0;
    }
};

}  // namespace backends::detail
