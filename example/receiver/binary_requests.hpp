// SPDX-License-Identifier: BSL-1.0
//
// Requests of binary records: what a format must say so that a receiver can read and answer them.
#pragma once

#include "tally.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace receiver {

/// Nobody can tell what a request says. what() is a sentence.
class damaged_request : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Cuts an integer of n bytes, the lowest first, off a text. Precondition: it has them; n <= 8.
inline std::uint64_t cut_little_endian(std::string_view& from, std::size_t n) {
    std::uint64_t all = 0;
    for (std::size_t i = n; i != 0; --i) {
        all = all << 8U | static_cast<unsigned char>(from[i - 1]);
    }
    from.remove_prefix(n);
    return all;
}

/// A message in memory is no longer than that, whatever a small block of snappy says.
inline constexpr std::size_t longest_message = std::size_t{64} << 20U;

/// The labels of a series are no longer than that as text, as each of its samples repeats them.
inline constexpr std::size_t longest_labels = std::size_t{64} << 10U;

/// The lines of one request are no longer than that together: each of its samples, of a few bytes,
/// repeats the labels.
inline constexpr std::size_t longest_text = std::size_t{64} << 20U;

/// Adds up the lines of a request, before anybody is told one.
class text_length {
public:
    /// @param words  of a line, without its time and the marks between. Throws damaged_request.
    void add(std::size_t words) {
        constexpr std::size_t marks_and_time = 32;
        all_ += words + marks_and_time;
        if (all_ > longest_text) {
            throw damaged_request{"The samples are more than 64 MiB as text."};
        }
    }

private:
    std::size_t all_ = 0;
};

/// Is told each sample: its line of text without newline, and what it says, which is always there.
using on_sample = std::function<void(std::string_view line, const std::optional<line_seen>& seen)>;

/// What a request held.
struct request_account {
    std::uint64_t samples = 0;   ///< that were told
    std::uint64_t bytes = 0;     ///< of the records whose samples were all told
    std::uint64_t rejected = 0;  ///< samples that cannot be taken
    std::string why = {};        ///< a sentence about the first of them
};

/// A format whose records are binary, and come in requests alone.
struct message_format {
    std::string_view encoding;  ///< the Content-Encoding of its bodies; empty: none
    std::uint64_t status;       ///< of an answer that accepts
    /// Throws damaged_request, before the first sample is told.
    request_account (*read)(std::string_view body, const on_sample& tell);
    std::string (*answer)(const request_account& account);  ///< the body of one that accepts
    std::string (*refusal)(std::string_view why);           ///< the body of one that does not
    std::string_view refusal_type;                          ///< its Content-Type
    /// What a Content-Type may have as `proto`, in lower case; empty: anything, in any version.
    std::string_view message = {};
};

}  // namespace receiver
