// SPDX-License-Identifier: BSL-1.0
//
// Transport. What is known of one name while look-ups of it come and go. A look-up cannot be
// cancelled: one that was given up goes on, and what it finds later is newer than what was known.
// Nothing here blocks or waits, so a simulated network asks in the same way as a thread does.
#pragma once

#include <backends/isa.hpp>

#include <optional>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Decides which answer a question gets.
///
/// @tparam Resolution  `endpoints`, which are empty or not; `error`; and is_answer(): whether the
///                     name servers have spoken, also to say that there is no such name
///
/// Not thread-safe. Copies the endpoints of one answer a question.
template <class Resolution>
class known_name {
public:
    /// Begins a question. True: it waits for the look-up that is under way.
    ///
    /// @param found  gives what the look-up under way has found, if it has come to its end
    /// @param ask    begins a look-up; what it throws is passed on, and nothing has been asked
    template <class Found, class Ask>
    bool question(Found found, Ask ask) {
        answer_.reset();
        // What came to its end between two questions is old, so it is not this one's answer.
        static_cast<void>(collect(found));
        if (!is_asked_) {
            ask();
            is_asked_ = true;
        } else if (!is_empty()) {
            answer_ = last_good_;  // the old look-up hangs: nobody waits for it
        }
        return !answer_;
    }

    /// What the question has been answered with, if it has.
    template <class Found>
    [[nodiscard]] const std::optional<Resolution>& answer(Found found) {
        if (!answer_) {
            answer_ = collect(found);
        }
        return answer_;
    }

private:
    [[nodiscard]] bool is_empty() const { return last_good_.endpoints.empty(); }

    /// Where the name servers could not be asked, their last answer stands. That there is no such
    /// name is an answer: the addresses it had may be somebody else's by now.
    template <class Found>
    std::optional<Resolution> collect(Found& found) {
        std::optional<Resolution> got = is_asked_ ? found() : std::nullopt;
        if (!got) {
            return std::nullopt;
        }
        is_asked_ = false;
        if (got->is_answer()) {
            last_good_.endpoints = got->endpoints;
        } else if (!is_empty()) {
            return last_good_;
        }
        return got;
    }

    bool is_asked_ = false;
    Resolution last_good_{};
    std::optional<Resolution> answer_;
};

}  // namespace backends::detail
