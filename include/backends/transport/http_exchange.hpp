// SPDX-License-Identifier: BSL-1.0
//
// The exchange of requests and answers on another transport: all of http_post but its waiting.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/evidence.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/request_body.hpp>
#include <backends/core/wall_clock.hpp>
#include <backends/transport/http_answer.hpp>
#include <backends/transport/http_answer_source.hpp>
#include <backends/transport/http_body.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_memory.hpp>
#include <backends/transport/http_options.hpp>
#include <backends/transport/http_reply_text.hpp>
#include <backends/transport/http_requests.hpp>
#include <backends/transport/http_status.hpp>
#include <backends/transport/transport.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {
/// All of http_post but its waiting.
template <class Next, class Encoding, class Body>
class http_exchange : public Next {
    static_assert(Encoding::name.empty() || !encodes<Body>(),
                  "backends: the bodies of this format have an encoding of their own: it goes over "
                  "http_post without gzip");

public:
    using body = Body;
    static constexpr evidence proves = evidence::application;
    /// `http` or `https`, with a path; a socket's path where the transport below has that.
    static constexpr std::span<const scheme> schemes = schemes_over<Next>();

    explicit http_exchange(http_options options = {}, Next next = Next{})
        : Next{std::move(next)},
          options_{options_of<Body>(std::move(options))},
          requests_{options_.request_bytes, options_.requests, options_.divide_refused,
                    !gathering_transport<Next>},
          answers_{new http_answer_reader} {
        if (!options_.bearer_token_file.empty()) {
            token_file_ = &token_file_category::of(options_.bearer_token_file);
            std::error_code error;
            read_token(*token_file_, error);
            if (error) {
                refuse("bearer_token_file", options_.bearer_token_file,
                       token_file_category::why(error.value()));
            }
        }
    }

    /// See resource_transport.
    void resource(std::string_view text)
        requires begins_with_resource<Body>
    {
        requests_.resource(text);
    }

    /// See borrowing_transport.
    void borrow(lent_bytes from) noexcept
        requires gathering_transport<Next> && goes_as_it_is<Encoding, Body>
    {
        requests_.borrow(from);
    }

    void resolve(const destination& where) {
        host_ = authority(where);
        target_ = where.path;
        Next::resolve(where);
    }

    void connect(std::size_t index) {
        close();
        failure_.clear();
        const std::string token =
            token_file_ == nullptr ? std::string{} : read_token(*token_file_, failure_);
        if (failure_) {
            return;
        }
        requests_.start(head_of(options_, host_, target_, Encoding::name, token));
        answers_.reset(new http_answer_reader);
        Next::connect(index);
    }
    io_result connected() {
        if (failure_) {
            return {0, failure_};
        }
        const io_result done = Next::connected();
        is_open_ = !done.error;
        return done;
    }

    /// Takes whole records into requests, and sends what can be sent.
    io_result write_some(std::span<const char> bytes) noexcept {
        if (failure_) {
            return {0, failure_};
        }
        if (is_last_ || is_ending_) {
            return io_result::pending();  // nobody would answer
        }
        if (const http_wire all = requests_.go(bytes); !all.empty()) {
            const io_result done =
                detail::write_pieces(static_cast<Next&>(*this), all.head, all.records);
            requests_.went(all, done.count);
            note(done);
            send();
            return {all.records.size(), {}};
        }
        const std::size_t n = requests_.take(bytes);
        if (requests_.is_too_long()) {
            return {0, errc::line_too_long};
        }
        send();
        return n == 0 && !bytes.empty() ? io_result::pending() : io_result{n, {}};
    }

    /// Reads answers: the words of those that are not 2xx, what they refuse, what they put off.
    io_result read_some(std::span<char> room) noexcept {
        send();
        while (true) {
            if (!text_.is_empty()) {
                return {text_.give(room), {}};
            }
            if (verdict_.error) {
                return std::exchange(verdict_, {});
            }
            const std::size_t n = requests_.settle();
            send();
            if (n != 0) {
                return {n, errc::refused};
            }
            if (is_last_) {
                return {0, errc::end_of_stream};
            }
            std::error_code error;
            auto answer = next_answer(*answers_, static_cast<Next&>(*this), failure_, error);
            if (!answer) {
                return {0, error};
            }
            judge(*answer);
        }
    }

    /// Of records without an answer; those of {n, errc::refused} until it is returned.
    [[nodiscard]] std::optional<std::size_t> unacknowledged() const noexcept {
        return is_open_ ? std::optional{requests_.unanswered() + verdict_.count} : std::nullopt;
    }
    /// Bytes of requests: a long one may need more than the stall time-out until it has arrived.
    [[nodiscard]] std::uint64_t arrived() noexcept {
        const auto below = Next::unacknowledged();
        return below ? sent_ - detail::smaller<std::uint64_t>(*below, sent_) : sent_;
    }
    /// The receiver's program has said yes to every acknowledged byte.
    [[nodiscard]] static std::size_t unread() noexcept { return 0; }

    /// Ends our direction after the last answer: many receivers give a request up whose sender has
    /// ended its direction.
    void half_close() noexcept {
        is_ending_ = true;
        send();
    }
    void close() noexcept {
        forget();
        Next::close();
    }
    void abort() noexcept {
        forget();
        Next::abort();
    }

protected:
    [[nodiscard]] bool waits_for_answer() const noexcept { return requests_.awaits_answer(); }
    [[nodiscard]] bool waits_for_room() const noexcept { return requests_.is_sending(); }

private:
    void forget() noexcept {
        requests_.clear();
        text_.clear();
        verdict_ = {};
        sent_ = 0;
        is_open_ = is_last_ = is_ending_ = has_ended_ = false;
    }

    /// Moves what can be moved now. An error shows when the answers have been read: the receiver
    /// may have said why it closes.
    void send() noexcept {
        while (!failure_ && !is_last_) {
            const http_wire& next = requests_.to_send();
            if (requests_.is_broken()) {
                failure_ = http_errc::not_encoded;
            }
            if (next.empty()) {
                break;
            }
            const io_result done =
                detail::write_pieces(static_cast<Next&>(*this), next.head, next.records);
            requests_.sent(done.count);
            note(done);
            if (done.error) {
                break;
            }
        }
        if (is_ending_ && requests_.empty() && !std::exchange(has_ended_, true)) {
            Next::half_close();
        }
    }

    void note(const io_result& done) noexcept {
        sent_ += done.count;
        failure_ = done.would_block() ? std::error_code{} : done.error;
    }

    void judge(const http_answer& answer) noexcept {
        is_last_ = !answer.keep_alive;
        if (!requests_.awaits_answer()) {
            // A receiver that closes an idle connection may say so.
            verdict_ = {0, is_last_ ? make_error_code(errc::end_of_stream)
                                    : make_error_code(http_errc::unasked)};
            return;
        }
        http_outcome outcome = outcome_of(answer.status, *options_.retry);
        if (outcome != http_outcome::accepted) {
            text_.set(answer.status, answer.body);
        }
        const bool is_early = requests_.answered_early(holds_bytes<Next>(*this));
        if (is_early && answer.status == 413 && requests_.shrink_early()) {
            outcome = http_outcome::later;  // shorter ones go on the next connection
        } else if (is_early &&
                   (outcome == http_outcome::accepted || outcome == http_outcome::refused)) {
            outcome = http_outcome::failed;
        }
        requests_.pipeline(!is_last_);
        switch (outcome) {
            case http_outcome::accepted: accept(answer); break;
            case http_outcome::later:
                verdict_ = {0, errc::not_now,
                            answer.retry_after ? answer.retry_after->delay(wall_clock().second)
                                               : nanoseconds{}};
                break;
            case http_outcome::refused:
                if (rejected_by<Body>(answer.body).records != 0) {
                    accept(answer);  // it has the others
                } else if (const std::size_t n = requests_.refused(); n != 0) {
                    verdict_ = {n, errc::refused};
                } else if (is_last_) {
                    requests_.shrink();
                    verdict_ = {0, errc::not_now};  // its parts go on the next connection
                }
                break;
            case http_outcome::failed:
                verdict_ = {
                    0, answer.status / 100 == 2
                           ? make_error_code(http_errc::too_early)
                           : std::error_code{static_cast<int>(answer.status), http_category()}};
                break;
        }
    }

    void accept(const http_answer& answer) noexcept {
        const body_rejection back = rejected_by<Body>(answer.body);
        if (!back.why.empty() || (back.records != 0 && answer.status / 100 == 2)) {
            text_.set(answer.status, back.why);
        }
        if (const std::size_t n = requests_.accepted(back.records); n != 0) {
            verdict_ = {n, errc::refused};
        }
    }

    http_options options_;
    const token_file_category* token_file_ = nullptr;
    std::string host_;
    std::string target_;
    http_requests<Encoding, Body> requests_;
    std::unique_ptr<http_answer_reader> answers_;
    http_reply_text text_;
    io_result verdict_;        // for the next call
    std::uint64_t sent_ = 0;   // bytes that the transport below took
    std::error_code failure_;  // the connection's, in writing
    bool is_open_ = false;
    bool is_last_ = false;    // the receiver answers nothing more
    bool is_ending_ = false;  // we write nothing more
    bool has_ended_ = false;  // and have said so
};

}  // namespace detail

}  // namespace backends
