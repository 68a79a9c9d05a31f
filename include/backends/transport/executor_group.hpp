// SPDX-License-Identifier: BSL-1.0
//
// Several asynchronous operations as one: include this where a program calls
// exporters::async_run().
#pragma once

#include <backends/transport/composed_operation.hpp>
#include <backends/transport/executor.hpp>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <system_error>
#include <type_traits>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// The last of `left` operations to end completes the handler with the first error.
template <class Handler, class Done>
struct joined_completion {
    Handler handler;
    Done done;
    std::atomic<std::size_t> left;
    std::atomic<bool> has_failed{false};
    boost::system::error_code error{};

    void end(boost::system::error_code why) {
        if (why && !has_failed.exchange(true)) {
            error = why;
        }
        if (--left == 0) {
            done();
            std::move(handler)(error);
        }
    }
};

/// The handler of one of them, on the executor of the whole's.
template <class Joined>
struct joined_handler {
    std::shared_ptr<Joined> joined;
    void operator()(boost::system::error_code error) const { joined->end(error); }
};

template <class Token>
struct joined_operation {
    static constexpr bool is_here = true;

    template <class Given, class Done, class First, class... Others>
    static auto start(Given&& token, Done done, First& first, Others&... others) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [done](auto handler, First* one, Others*... more) {
                using joined = joined_completion<decltype(handler), Done>;
#if defined(BACKENDS_CANCELLATION_SLOTS)
                auto slot = boost::asio::get_associated_cancellation_slot(handler);
                if (slot.is_connected()) {
                    slot.assign([one, more...](boost::asio::cancellation_type) {
                        one->request_stop(one->settings().stop_within);
                        (more->request_stop(more->settings().stop_within), ...);
                    });
                }
#endif
                const std::shared_ptr<joined> all{
                    new joined{std::move(handler), done, {1 + sizeof...(Others)}}};
                one->async_run(joined_handler<joined>{all});
                (begin(*more, all, *one, *more...), ...);
            },
            token, &first, &others...);
    }

private:
    /// Begins one more; if it cannot run, all stop.
    template <class Joined, class Exporter, class... All>
    static void begin(Exporter& one, const std::shared_ptr<Joined>& joined, All&... all) {
        try {
            one.async_run(joined_handler<Joined>{joined});
        } catch (const std::system_error& e) {
            (static_cast<void>(all.request_stop(all.settings().stop_within)), ...);
            joined->end(e.code());
        }
    }
};

}  // namespace backends::detail

namespace boost::asio {

/// Where the handler of the whole belongs.
template <class Joined, class Candidate>
struct associated_executor<backends::detail::joined_handler<Joined>, Candidate> {
    using handler = decltype(Joined::handler);
    using type = associated_executor_t<handler, Candidate>;
    static type get(const backends::detail::joined_handler<Joined>& one,
                    const Candidate& otherwise = Candidate()) noexcept {
        return associated_executor<handler, Candidate>::get(one.joined->handler, otherwise);
    }
};

}  // namespace boost::asio
