// SPDX-License-Identifier: BSL-1.0
//
// Records that go as the bodies of requests, to a receiver that refuses some of them, and takes the
// first ones of some requests back. The bytes are decisions: the records, how they are cut, when
// the receiver reads, and what it refuses. What it gets must be records that follow each other,
// byte by byte, in an array or plainly. Each record must arrive whole and once, or be told as
// refused. Lines also go from where they are, and are gone there once they are answered; arrays
// also go through an encoding.
#include <backends/delivery/random.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/transport/http_requests.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using fuzz::require;

/// Its encoded form is somewhere else, and the same.
struct copied {
    static constexpr std::string_view name = "copied";
    static std::size_t bound(std::size_t n) noexcept { return n; }
    static std::size_t encode(std::span<const char> body, std::span<char> room) noexcept {
        require(body.size() <= room.size(), "there is room for what is encoded");
        std::copy(body.begin(), body.end(), room.begin());
        return body.size();
    }
};

/// Records in a row, and what has become of them.
template <class Body, class Encoding = backends::not_encoded>
class story {
public:
    explicit story(fuzz::decisions& in)
        : in_{in},
          requests_{64 + 16 * std::size_t{in.take<std::uint8_t>()}, 1 + std::size_t{in.up_to(3)},
                    in.up_to(7) != 0, joins} {
        const unsigned rarity = 1 + in.up_to(20);
        backends::split_mix luck{in.take<std::uint8_t>()};
        const unsigned all = 4 * in.up_to(60);
        text_.reserve(std::size_t{all} * 40);
        ends_.reserve(all);
        bad_.reserve(all);
        for (unsigned n = 0; n != all; ++n) {
            text_.append("{\"n\":").append(std::to_string(n)).append(",\"x\":\"");
            text_.append(luck() % 23, '.').append("\"},\n");
            ends_.push_back(text_.size());
            bad_.push_back(luck() % rarity == 0 ? 1 : 0);
        }
        fate_.resize(ends_.size(), fate::none);
        if constexpr (std::is_same_v<Body, backends::line_body>) {
            requests_.borrow({this, &copy});
        }
        requests_.start("POST / HTTP/1.1\r\nContent-Length: ");
    }

    void tell() {
        for (int step = 0; step < 100'000 && settled_ != text_.size(); ++step) {
            write();
            send();
            answer();
        }
        require(settled_ == text_.size(), "all is settled in the end");
        for (std::size_t i = 0; i < fate_.size(); ++i) {
            require(fate_[i] == fate::arrived || fate_[i] == fate::refused,
                    "each record has its answer");
        }
    }

private:
    static constexpr bool joins = !std::is_same_v<Body, backends::line_body>;

    enum class fate : std::uint8_t { none, arrived, taken_back, refused };

    static void copy(const void* keeper, std::size_t before_end, std::span<char> to) noexcept {
        const story& of = *static_cast<const story*>(keeper);
        require(before_end <= of.taken_ - of.settled_ && to.size() <= before_end,
                "what is copied has no answer");
        of.text_.copy(to.data(), to.size(), of.taken_ - before_end);
    }

    void write() {
        const std::size_t most = in_.empty() ? text_.size() : 1 + std::size_t{in_.up_to(255)} * 8;
        const std::string_view rest = std::string_view{text_}.substr(taken_, most);
        if (const auto all = requests_.go(rest); !all.empty()) {
            wire_.append(all.head.data(), all.head.size());
            wire_.append(all.records.data(), all.records.size());
            const std::size_t size = all.size();
            const std::size_t unsent =
                in_.empty() ? 0 : (std::min)(std::size_t{in_.up_to(255)} * 8, size);
            wire_.resize(wire_.size() - unsent);
            requests_.went(all, size - unsent);
            taken_ += all.records.size();
            return;
        }
        taken_ += requests_.take({rest.data(), rest.size()});
        require(!requests_.is_too_long(), "each record fits");
    }

    void send() {
        for (unsigned calls = 1 + in_.up_to(3); calls != 0; --calls) {
            const auto next = requests_.to_send();
            require(!joins || next.head.empty(), "it goes in one piece");
            const std::size_t most =
                in_.empty() ? text_.size() : 1 + std::size_t{in_.up_to(255)} * 8;
            const std::size_t of_head = (std::min)(next.head.size(), most);
            const std::size_t of_records = (std::min)(next.records.size(), most - of_head);
            wire_.append(next.head.data(), of_head).append(next.records.data(), of_records);
            requests_.sent(of_head + of_records);
        }
    }

    [[nodiscard]] std::size_t begin_of(std::size_t n) const { return n == 0 ? 0 : ends_[n - 1]; }

    /// The number of the first record in a body, and the one after its last. A body is the bytes of
    /// the records. In an array they stand in brackets, of which one takes the last comma's place.
    [[nodiscard]] std::pair<std::size_t, std::size_t> numbers_in(std::string_view body) const {
        constexpr bool is_array = !std::is_same_v<Body, backends::line_body>;
        require(!is_array || body.starts_with('['), "a body is an array", body);
        body.remove_prefix(is_array ? 1 : 0);
        constexpr std::string_view begins = "{\"n\":";
        require(body.starts_with(begins) && body.ends_with(is_array ? "]\n" : ",\n"),
                "of whole records", body);
        std::size_t first = ends_.size();
        std::from_chars(body.data() + begins.size(), body.data() + body.size(), first);
        require(first < ends_.size(), "that are known", body);
        const std::size_t begin = begin_of(first);
        const auto last = std::lower_bound(ends_.begin(), ends_.end(), begin + body.size());
        require(last != ends_.end() && *last == begin + body.size(), "to an end", body);
        require(std::string_view{text_}.substr(begin, body.size() - 2) ==
                    body.substr(0, body.size() - 2),
                "as they are", body);
        return {first, static_cast<std::size_t>(last - ends_.begin()) + 1};
    }

    /// The receiver reads a request, and answers it.
    void answer() {
        constexpr std::string_view key = "Content-Length: ";
        const std::size_t end = wire_.find("\r\n\r\n");
        if (end == std::string::npos || (!in_.empty() && in_.up_to(2) == 0)) {
            return;
        }
        const std::size_t size = std::strtoul(wire_.c_str() + wire_.find(key) + key.size(), {}, 10);
        if (wire_.size() < end + 4 + size) {
            return;
        }
        const auto [first, last] = numbers_in(std::string_view{wire_}.substr(end + 4, size));
        wire_.erase(0, end + 4 + size);
        require(requests_.awaits_answer() && !requests_.answered_early(false), "an answer is due");
        const auto bad = [this](std::size_t n) {
            return bad_.begin() + static_cast<std::ptrdiff_t>(n);
        };
        const bool refuses = std::find(bad(first), bad(last), 1) != bad(last);
        if (refuses) {
            told_refused(requests_.refused());
        } else {
            const std::size_t back = in_.empty() || in_.up_to(3) != 0 ? 0 : in_.up_to(7);
            for (std::size_t n = first; n != last; ++n) {
                require(fate_[n] == fate::none, "no record arrives twice");
                fate_[n] = n - first < back ? fate::taken_back : fate::arrived;
            }
            told_refused(requests_.accepted(back));
            requests_.pipeline(true);
        }
        while (const std::size_t n = requests_.settle()) {
            told_refused(n);
        }
        settle(taken_ - requests_.unanswered());
    }

    /// The oldest n bytes without an answer are refused.
    void told_refused(std::size_t n) {
        if (n == 0) {
            return;
        }
        const std::size_t begin = taken_ - requests_.unanswered() - n;
        settle(begin);
        bool all_are_good = true;
        for (const std::size_t end = begin + n; settled_ != end;) {
            require(settled_ < end && fate_.at(next_) != fate::arrived, "it did not arrive");
            all_are_good = all_are_good && bad_[next_] == 0 && fate_[next_] != fate::taken_back;
            fate_[next_] = fate::refused;
            settled_ = ends_[next_++];
        }
        require(!all_are_good, "who is refused has a record that is");
    }
    /// What was acknowledged up to here arrived.
    void settle(std::size_t upto) {
        while (settled_ < upto) {
            require(fate_.at(next_) == fate::arrived, "what is acknowledged has arrived");
            settled_ = ends_[next_++];
        }
        require(settled_ == upto, "whole records are settled");
    }

    fuzz::decisions& in_;
    backends::detail::http_requests<Encoding, Body> requests_;
    std::string text_;
    std::vector<std::size_t> ends_;
    std::vector<char> bad_;  // whether the receiver refuses it
    std::vector<fate> fate_;
    std::size_t taken_ = 0;
    std::size_t settled_ = 0;
    std::size_t next_ = 0;
    std::string wire_;
};

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    if (size % 4 == 0) {
        story<backends::json_array_body, copied>{in}.tell();
    } else if (size % 2 == 0) {
        story<backends::json_array_body>{in}.tell();
    } else {
        story<backends::line_body>{in}.tell();
    }
    return 0;
}
