// SPDX-License-Identifier: BSL-1.0
//
// Reads the answers of one connection from its transport.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/transport/http_answer.hpp>
#include <backends/transport/transport.hpp>

#include <optional>
#include <system_error>

namespace backends::inline BACKENDS_ISA::detail {

/// The next answer, or an error: that of the transport, of its bytes, or its end. Where it has
/// nothing to read the error is `failure`, if there is one: the connection's, in writing.
template <class Next>
std::optional<http_answer> next_answer(http_answer_reader& answers, Next& from,
                                       const std::error_code& failure,
                                       std::error_code& error) noexcept {
    while (true) {
        if (auto answer = answers.next(error); answer || error) {
            return answer;
        }
        const io_result got = from.read_some(answers.room());
        answers.arrived(got.count);
        if (got.error == errc::end_of_stream) {
            auto answer = answers.ended(error);
            if (!answer && !error) {
                error = got.error;
            }
            return answer;
        }
        if (got.error) {
            error = got.would_block() && failure ? failure : got.error;
            return std::nullopt;
        }
    }
}

}  // namespace backends::detail
