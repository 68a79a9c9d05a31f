// SPDX-License-Identifier: BSL-1.0
//
// Gives the body of a request to whoever counts, and says what is answered.
#pragma once

#include "binary_requests.hpp"
#include "counted_lines.hpp"
#include "post_requests.hpp"
#include "tally.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace receiver {

/// An answer of HTTP. Without a body, and without a type for one, `X` is its reason.
inline std::string http_answer(std::uint64_t status, std::string_view type = {},
                               std::string_view body = {}) {
    std::string all{"HTTP/1.1 "};
    all.append(std::to_string(status));
    if (status == 204) {
        return all.append(" No Content\r\n\r\n");
    }
    all.append(status == 200 ? " OK\r\n" : status == 400 ? " Bad Request\r\n" : " X\r\n");
    if (!type.empty()) {
        all.append("Content-Type: ").append(type).append("\r\n");
    }
    all.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return all.append(body);
}

/// An answer to what is not taken: a sentence, as the format has it.
inline std::string refusal(const message_format* format, std::string_view why) {
    return format != nullptr ? http_answer(400, format->refusal_type, format->refusal(why))
                             : http_answer(400, "text/plain", std::string{why} + "\n");
}

/// What is wrong with the head of a request; empty: nothing.
inline std::string wrong_head(const message_format* format, const post_request& one) {
    const std::string_view encoding = format != nullptr ? format->encoding : "";
    const std::string said = one.encoding == "identity" ? "" : one.encoding;
    if (said != encoding) {
        return std::string{"The body has the Content-Encoding "} + (said.empty() ? "none" : said) +
               ", not " + (encoding.empty() ? "none" : std::string{encoding}) + ".";
    }
    if (format != nullptr && !one.type.empty() && one.type != "application/x-protobuf") {
        return "The body has the Content-Type " + one.type + ", not application/x-protobuf.";
    }
    return {};
}

/// Counts what a request holds, unless it is asked for a status that accepts nothing.
/// @param status  of the answer; 0: what the format has
/// @param lines   is added what lines or samples there were
template <class OnLine>
std::string answer_to(const post_request& one, counted_lines<OnLine>& into, std::uint64_t status,
                      std::uint64_t& lines) {
    const message_format* const format = into.format().messages;
    if (status != 0 && status / 100 != 2) {
        into.refused(false);
        return http_answer(status);
    }
    std::string why = wrong_head(format, one);
    request_account account;
    if (why.empty() && format != nullptr) {
        try {
            account = into.take_request(one.body);
        } catch (const damaged_request& e) {
            why = e.what();
        }
    } else if (why.empty()) {
        const body_reader records_of = into.format().records;
        const std::optional<std::string> records =
            records_of != nullptr ? records_of(one.body) : std::optional{std::string{one.body}};
        if (records) {
            account.samples = into.take_body(*records);
        } else {
            why = "The body has not the form of the format.";
        }
    }
    if (!why.empty()) {
        into.refused(true, why);
        return refusal(format, why);
    }
    into.count([](tally& t) { ++t.requests; });
    lines += account.samples;
    if (format == nullptr) {
        return http_answer(status == 0 ? 204 : status);
    }
    const std::string body = format->answer(account);
    const std::uint64_t code = status == 0 ? format->status : status;
    return http_answer(code, code == 204 ? "" : "application/x-protobuf", body);
}

}  // namespace receiver
