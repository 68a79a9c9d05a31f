// SPDX-License-Identifier: BSL-1.0
//
// Gives the body of a request to whoever counts, and says what is answered.
#pragma once

#include "binary_requests.hpp"
#include "counted_lines.hpp"
#include "post_requests.hpp"
#include "sample_text.hpp"
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
    all.append(status == 200   ? " OK\r\n"
               : status == 400 ? " Bad Request\r\n"
               : status == 415 ? " Unsupported Media Type\r\n"
                               : " X\r\n");
    if (!type.empty()) {
        all.append("Content-Type: ").append(type).append("\r\n");
    }
    all.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    return all.append(body);
}

/// An answer to what is not taken: a sentence, as the format has it.
inline std::string refusal(const message_format* format, std::string_view why,
                           std::uint64_t status = 400) {
    return format != nullptr ? http_answer(status, format->refusal_type, format->refusal(why))
                             : http_answer(status, "text/plain", std::string{why} + "\n");
}

/// Why nobody can read the body, as its encoding is another one; empty: it is the format's.
inline std::string wrong_encoding(const message_format* format, const post_request& one) {
    const std::string_view encoding = format != nullptr ? format->encoding : "";
    const std::string said = one.encoding == "identity" ? "" : one.encoding;
    if (said != encoding) {
        return std::string{"The body has the Content-Encoding "} +
               (said.empty() ? "none" : shown(said)) + ", not " +
               (encoding.empty() ? "none" : std::string{encoding}) + ".";
    }
    return {};
}

/// Why the body is none of the format's, as its head says; empty: nothing speaks against it. A body
/// of another version may be read as an empty one: it must not be.
inline std::string wrong_type(const message_format* format, const post_request& one) {
    if (format == nullptr) {
        return {};
    }
    if (!one.type.empty() && one.type != "application/x-protobuf") {
        return "The body has the Content-Type " + shown(one.type) + ", not application/x-protobuf.";
    }
    if (format->message.empty()) {
        return {};
    }
    if (!one.message.empty() && one.message != format->message) {
        return "The body is of the type " + shown(one.message) +
               ", which this receiver does not read.";
    }
    if (!one.version.empty() && !one.version.starts_with("0.") && !one.version.starts_with("1.")) {
        return "The body is remote write " + shown(one.version) +
               ", which this receiver does not read.";
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
    std::string why = wrong_encoding(format, one);
    std::uint64_t refused_with = 400;
    if (why.empty()) {
        why = wrong_type(format, one);
        refused_with = why.empty() ? 400 : 415;
    }
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
        return refusal(format, why, refused_with);
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
