// SPDX-License-Identifier: BSL-1.0
//
// The resolver concept and its default. getaddrinfo() blocks, for ten seconds and more when a name
// server is silent, and nothing can cancel it; so it runs on a thread that nobody ever waits for.
// That thread owns its question and its answer together with whoever still wants them.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/signals.hpp>
#include <backends/delivery/destination.hpp>
#include <backends/transport/keep_module.hpp>
#include <backends/transport/waker.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

namespace backends::inline BACKENDS_ISA {

using tcp_endpoint = boost::asio::ip::tcp::endpoint;

/// What became of one question.
struct resolution {
    std::vector<tcp_endpoint> endpoints;
    std::error_code error;
};

/// Turns a destination into endpoints.
///
/// | call | does |
/// |---|---|
/// | start(destination, wake) | begins; `wake` may be called once, from any thread, when the answer is there |
/// | result() | the answer to the latest question, or nothing yet |
/// | forget() | the answer is no longer wanted; `wake` is not called after this returns |
template <class R>
concept resolver = requires(R r, const destination& where, waker wake) {
    { r.start(where, wake) } -> std::same_as<void>;
    { r.result() } -> std::same_as<std::optional<resolution>>;
    { r.forget() } noexcept -> std::same_as<void>;
};

namespace detail {

/// At most this many addresses of one name are tried: an answer of a thousand must not cost an
/// hour.
inline constexpr std::size_t most_endpoints = 16;

inline std::error_code resolve_error(int code) {
    namespace error = boost::asio::error;
    const auto of = [](auto e) { return std::error_code{boost::system::error_code{e}}; };
    switch (code) {
        case EAI_AGAIN: return of(error::host_not_found_try_again);
        case EAI_FAIL: return of(error::no_recovery);
        case EAI_MEMORY: return of(error::no_memory);
        case EAI_SERVICE: return of(error::service_not_found);
        case EAI_SYSTEM: return {errno, std::system_category()};
        default: return of(error::host_not_found);
    }
}

/// Whether the name servers have answered, and the answer is that there is nothing: no such name,
/// no address of it, no such service. Everything else says that they could not be asked.
inline bool says_there_is_none(std::error_code error) noexcept {
    namespace asio_error = boost::asio::error;
    const boost::system::error_code no_host = asio_error::host_not_found;
    const boost::system::error_code no_service = asio_error::service_not_found;
    return error == std::error_code{no_host} || error == std::error_code{no_service} ||
           error == errc::no_address;
}

/// Blocks. The system's own resolver, in the order that it prefers.
inline resolution look_up(const std::string& host, const std::string& service) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &first); code != 0) {
        return {{}, resolve_error(code)};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{first, &::freeaddrinfo};
    resolution out;
    for (const addrinfo* a = first; a != nullptr && out.endpoints.size() < most_endpoints;
         a = a->ai_next) {
        tcp_endpoint endpoint;
        if (a->ai_addrlen > endpoint.capacity()) {
            continue;
        }
        std::copy_n(reinterpret_cast<const char*>(a->ai_addr), a->ai_addrlen,
                    reinterpret_cast<char*>(endpoint.data()));
        endpoint.resize(a->ai_addrlen);
        out.endpoints.push_back(endpoint);
    }
    if (out.endpoints.empty()) {
        out.error = errc::no_address;
    }
    return out;
}

/// The same where nobody could catch an exception.
inline resolution try_look_up(const std::string& host, const std::string& service) noexcept {
    try {
        return look_up(host, service);
    } catch (const std::bad_alloc&) {
        return {{}, std::make_error_code(std::errc::not_enough_memory)};
    }
}

/// An address and a port in figures need no resolver at all.
inline std::optional<tcp_endpoint> numeric_endpoint(const std::string& host,
                                                    const std::string& service) {
    std::uint32_t port = 0;
    for (const char c : service) {
        if (c < '0' || c > '9' ||
            (port = port * 10 + static_cast<std::uint32_t>(c - '0')) > 65535) {
            return std::nullopt;
        }
    }
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    if (error || service.empty()) {
        return std::nullopt;
    }
    return tcp_endpoint{address, static_cast<std::uint16_t>(port)};
}

}  // namespace detail

/// The default resolver: numeric addresses at once, names on a detached thread each. A name whose
/// look-up hangs never holds up another one, nor a stop; while it hangs, or when no name server can
/// be asked, the last good answer for it is used. That there is no such name is an answer: the
/// addresses it had before may be somebody else's by now. At most one thread per name is under way.
class thread_resolver {
public:
    thread_resolver() = default;
    thread_resolver(thread_resolver&&) noexcept = default;
    thread_resolver& operator=(thread_resolver&&) = delete;
    ~thread_resolver() { forget(); }

    void start(const destination& where, waker wake) {
        forget();
        answer_.reset();
        if (auto endpoint = detail::numeric_endpoint(where.host, where.service)) {
            answer_ = resolution{{*endpoint}, {}};
            return;
        }
        current_ = &name_of(where);
        // A look-up that was given up may have come to its end since. Its answer is old, so it is
        // not this question's, but it is newer than what was known.
        static_cast<void>(collect());
        if (current_->pending != nullptr && !current_->last_good.empty()) {
            answer_ =
                resolution{current_->last_good, {}};  // the old thread hangs; do not wait for it
            return;
        }
        if (current_->pending == nullptr) {
            current_->pending = ask(where, wake);
        } else {
            const std::scoped_lock lock{current_->pending->mutex};
            current_->pending->wake = wake;
        }
    }

    std::optional<resolution> result() {
        if (!answer_ && current_ != nullptr) {
            answer_ = collect();
        }
        return answer_;
    }

    void forget() noexcept {
        for (const auto& name : names_) {
            if (name->pending != nullptr) {
                const std::scoped_lock lock{name->pending->mutex};
                name->pending->wake = {};
            }
        }
    }

private:
    /// Shared with the thread, which outlives everybody when the name server is silent.
    struct question {
        std::mutex mutex;
        std::optional<resolution> answer;
        waker wake;
    };

    struct known_name {
        std::string host;
        std::string service;
        std::shared_ptr<question> pending;
        std::vector<tcp_endpoint> last_good;
    };

    known_name& name_of(const destination& where) {
        for (const auto& name : names_) {
            if (name->host == where.host && name->service == where.service) {
                return *name;
            }
        }
        names_.push_back(
            std::make_unique<known_name>(known_name{where.host, where.service, nullptr, {}}));
        return *names_.back();
    }

    static std::shared_ptr<question> ask(const destination& where, waker wake) {
        auto asked = std::make_shared<question>();
        asked->wake = wake;
        detail::keep_this_module();
        const signals_blocked meanwhile;
        std::thread{[asked, host = where.host, service = where.service] {
            resolution answer = detail::try_look_up(host, service);
            const std::scoped_lock lock{asked->mutex};
            asked->answer = std::move(answer);
            asked->wake();
        }}.detach();
        return asked;
    }

    /// What the current name's look-up has found, if it is finished.
    std::optional<resolution> collect() {
        if (current_->pending == nullptr) {
            return std::nullopt;
        }
        std::optional<resolution> got;
        {
            const std::scoped_lock lock{current_->pending->mutex};
            got = std::move(current_->pending->answer);
        }
        if (!got) {
            return std::nullopt;
        }
        current_->pending.reset();
        if (!got->error || detail::says_there_is_none(got->error)) {
            current_->last_good = got->endpoints;
        } else if (!current_->last_good.empty()) {
            got = resolution{current_->last_good, {}};
        }
        return got;
    }

    std::vector<std::unique_ptr<known_name>> names_;
    known_name* current_ = nullptr;
    std::optional<resolution> answer_;
};

}  // namespace backends
