// SPDX-License-Identifier: BSL-1.0
//
// The resolver concept and its default. getaddrinfo() blocks, for ten seconds and more when a name
// server is silent, and nothing can cancel it; so it runs on a thread that nobody ever joins. That
// thread shares ownership of its question and answer with the resolver.
#pragma once

#include <backends/core/counted.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/list.hpp>
#include <backends/core/lock.hpp>
#include <backends/core/thread.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/endpoint.hpp>
#include <backends/transport/keep_module.hpp>
#include <backends/transport/known_name.hpp>
#include <backends/transport/waker.hpp>

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// The errors of getaddrinfo(), in its own words.
class look_up_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "getaddrinfo"; }
    [[nodiscard]] std::string message(int code) const override {
        return string_of(::gai_strerror(code));
    }

    static const look_up_category& get() noexcept {
        static const look_up_category category;
        return category;
    }
};

inline std::error_code resolve_error(int code) noexcept {
    return code == EAI_SYSTEM ? std::error_code{errno, std::system_category()}
                              : std::error_code{code, look_up_category::get()};
}

/// Whether the name servers have answered that there is nothing: no such name, no address of it, no
/// such service. Every other error means that they could not be asked.
inline bool says_there_is_none(std::error_code error) noexcept {
    if (error.category() != look_up_category::get()) {
        return error == errc::no_address;
    }
    switch (error.value()) {
        case EAI_AGAIN:
        case EAI_FAIL:
        case EAI_MEMORY: return false;
        default: return true;
    }
}

}  // namespace detail

/// The result of one question.
struct resolution {
    /// In the order in which they are tried; empty after an error.
    std::vector<tcp_endpoint> endpoints;
    std::error_code error;  ///< why there is none, or no error

    /// Whether the name servers have answered: these are the addresses, or there are none.
    [[nodiscard]] bool is_answer() const noexcept {
        return !error || detail::says_there_is_none(error);
    }
};

/// Resolves a destination to endpoints.
///
/// | call | does |
/// |---|---|
/// | start(destination, wake) | begins; any thread may call `wake` once, when the answer is there |
/// | result() | the answer to the latest question, or nothing yet |
/// | forget() | drops the question; nobody calls `wake` after this returns |
template <class R>
concept resolver = requires(R r, const destination& where, waker wake) {
    { r.start(where, wake) } -> std::same_as<void>;
    { r.result() } -> std::same_as<std::optional<resolution>>;
    { r.forget() } noexcept -> std::same_as<void>;
};

namespace detail {

/// The maximum number of addresses tried per name: an answer of a thousand must not cost an hour.
inline constexpr std::size_t max_addresses = 16;

struct addresses {
    addrinfo* first;

    ~addresses() { ::freeaddrinfo(first); }
};

/// Blocks. Asks the system's own resolver, and keeps its order.
inline resolution look_up(const std::string& host, const std::string& service, int flags = 0) {
    addrinfo hints{};
    hints.ai_flags = flags;
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &first); code != 0) {
        return {{}, resolve_error(code)};
    }
    const addresses owner{first};
    resolution out;
    for (const addrinfo* a = first; a != nullptr && out.endpoints.size() < max_addresses;
         a = a->ai_next) {
        if (tcp_endpoint::fits(a->ai_addrlen)) {
            out.endpoints.emplace_back(a->ai_addr, a->ai_addrlen);
        }
    }
    if (out.endpoints.empty()) {
        out.error = errc::no_address;
    }
    return out;
}

/// The same, for a thread on which nobody could catch an exception.
inline resolution try_look_up(const std::string& host, const std::string& service) noexcept {
    try {
        return look_up(host, service);
    } catch (const std::bad_alloc&) {
        return {{}, std::make_error_code(std::errc::not_enough_memory)};
    }
}

/// A numeric address and port need no resolver at all.
inline std::optional<tcp_endpoint> numeric_endpoint(const std::string& host,
                                                    const std::string& service) {
    std::uint32_t port = 0;
    for (const char c : service) {
        if (c < '0' || c > '9' ||
            (port = port * 10 + static_cast<std::uint32_t>(c - '0')) > 65535) {
            return std::nullopt;
        }
    }
    in_addr address{};
    const bool is_numeric =
        ::inet_pton(AF_INET, host.c_str(), &address) == 1 || host.find(':') != std::string::npos;
    if (!is_numeric || service.empty()) {
        return std::nullopt;
    }
    const resolution found = look_up(host, service, AI_NUMERICHOST | AI_NUMERICSERV);
    return found.endpoints.empty() ? std::nullopt : std::optional{found.endpoints.front()};
}

}  // namespace detail

/// The default resolver: resolves numeric addresses at once, and each name on a detached thread of
/// its own. A name whose look-up hangs holds up no other name, and no stop. While it hangs, or when
/// no name server can be asked, the name's last good answer serves. "No such name" is an answer:
/// somebody else may have the old addresses by now. At most one thread per name is under way.
class thread_resolver {
public:
    thread_resolver() = default;
    thread_resolver(thread_resolver&&) noexcept = default;
    thread_resolver& operator=(thread_resolver&&) = delete;
    ~thread_resolver() { forget(); }

    void start(const destination& where, waker wake) {
        forget();
        current_ = nullptr;
        numeric_ = detail::numeric_endpoint(where.host, where.service);
        if (numeric_) {
            return;
        }
        name& asked = name_of(where);
        const bool waits =
            asked.known.question(finding{asked}, [&asked] { asked.pending = ask(asked); });
        current_ = &asked;
        if (waits) {
            const detail::lock asking{asked.pending->mutex};
            asked.pending->wake = wake;
            if (asked.pending->answer) {
                wake();
            }
        }
    }

    std::optional<resolution> result() {
        if (current_ != nullptr) {
            return current_->known.answer(finding{*current_});
        }
        return numeric_ ? std::optional{resolution{{*numeric_}, {}}} : std::nullopt;
    }

    [[gnu::noinline]] void forget() noexcept {
        for (const auto& known : names_) {
            if (known->pending.get() != nullptr) {
                const detail::lock forgetting{known->pending->mutex};
                known->pending->wake = {};
            }
        }
    }

private:
    /// Shared with the thread, which outlives the resolver when the name server is silent.
    struct question : detail::counted {
        std::string host;
        std::string service;
        detail::mutex mutex;
        std::optional<resolution> answer;
        waker wake;
    };
    using question_ptr = detail::counted_ptr<question>;

    struct name {
        std::string host;
        std::string service;
        question_ptr pending;
        detail::known_name<resolution> known;
    };

    struct finding {
        const name& which;

        std::optional<resolution> operator()() const { return found(which); }
    };

    name& name_of(const destination& where) {
        for (const auto& known : names_) {
            if (known->host == where.host && known->service == where.service) {
                return *known;
            }
        }
        detail::owned_at_home<name> added{new name};
        detail::append(added->host, {where.host});
        detail::append(added->service, {where.service});
        return *names_.push_back(std::move(added));
    }

    static question_ptr ask(const name& which) {
        question_ptr asked{new question};
        detail::append(asked->host, {which.host});
        detail::append(asked->service, {which.service});
        detail::keep_this_module();
        question_ptr of_thread = asked;
        ::pthread_detach(detail::start_thread(&thread_resolver::answer, of_thread.get()));
        of_thread.release();
        return asked;
    }

    /// Runs on the thread.
    static void* answer(void* which) noexcept {
        const auto owner = question_ptr::taken_over(static_cast<question*>(which));
        question& asked = *owner;
        resolution found = detail::try_look_up(asked.host, asked.service);
        const detail::lock answering{asked.mutex};
        asked.answer = std::move(found);
        asked.wake();
        return nullptr;
    }

    /// The result of the name's look-up, once it has finished.
    static std::optional<resolution> found(const name& which) {
        const detail::lock taking{which.pending->mutex};
        return std::exchange(which.pending->answer, std::nullopt);
    }

    detail::list<detail::owned_at_home<name>> names_;
    name* current_ = nullptr;
    std::optional<tcp_endpoint> numeric_;
};

}  // namespace backends
