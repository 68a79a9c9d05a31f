// SPDX-License-Identifier: BSL-1.0
//
// Transport. What is known about one name while its look-ups come and go. Nothing can cancel a
// look-up: one that was given up goes on, and its late answer is still newer than the known one.
// Nothing here blocks or waits, so a simulated network asks in the same way as a thread does.
#pragma once

#include <backends/isa.hpp>

#include <optional>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// Decides which answer a question gets.
///
/// @tparam Resolution  `endpoints`, empty or not; `error`; and is_answer(): whether the name
///                     servers have answered, also that there is no such name
///
/// Not thread-safe. Copies the endpoints of one answer per question.
template <class Resolution>
class known_name {
public:
    /// Begins a question. Returns true when it must wait for the look-up under way.
    ///
    /// @param found  gives the result of the look-up under way, once it has finished
    /// @param ask    begins a look-up; its exceptions pass through, and nothing was asked then
    template <class Found, class Ask>
    bool question(Found found, Ask ask) {
        answer_.reset();
        // A look-up that ended between two questions is old, so it does not answer this one.
        static_cast<void>(collect(found));
        if (!is_asked_) {
            ask();
            is_asked_ = true;
        } else if (!is_empty()) {
            answer_ = last_good_;  // the old look-up hangs: nobody waits for it
        }
        return !answer_;
    }

    /// The question's answer, once there is one.
    template <class Found>
    [[nodiscard]] const std::optional<Resolution>& answer(Found found) {
        if (!answer_) {
            answer_ = collect(found);
        }
        return answer_;
    }

private:
    [[nodiscard]] bool is_empty() const { return last_good_.endpoints.empty(); }

    /// If the name servers could not be asked, their last answer stands. "No such name" is an
    /// answer: somebody else may have the old addresses by now.
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
