// SPDX-License-Identifier: BSL-1.0
//
// Records that go as the bodies of requests, to a receiver that refuses some of them, and takes the
// first ones of some requests back. The bytes are decisions: the records, how they are cut, when
// the receiver reads, and what it refuses. What it gets is read by Boost.JSON. Each record must
// arrive whole and once, or be told as refused. Lines also go from where they are, and are gone
// there once they are answered.
#include <backends/delivery/random.hpp>
#include <backends/format/opentsdb_http.hpp>
#include <backends/transport/http_requests.hpp>

#include "fuzz/harness.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

using fuzz::require;

/// The numbers of the records in an array, as Boost.JSON reads it.
std::vector<std::size_t> numbers_in(std::string_view body) {
    std::vector<std::size_t> found;
    boost::json::error_code error;
    const boost::json::value all = boost::json::parse(body, error);
    require(!error && all.is_array(), "a body is an array", body);
    for (const boost::json::value& one : all.as_array()) {
        require(one.is_object() && one.as_object().contains("n"), "of records", body);
        found.push_back(one.as_object().at("n").to_number<std::size_t>());
    }
    return found;
}
/// A body as an array.
template <class Body>
std::string as_array(std::string body) {
    if constexpr (std::is_same_v<Body, backends::line_body>) {
        require(body.ends_with(",\n"), "a body is whole records", body);
        body.replace(body.size() - 2, 2, "]");
        body.insert(body.begin(), '[');
    }
    return body;
}

/// Records in a row, and what has become of them.
template <class Body>
class story {
public:
    explicit story(fuzz::decisions& in)
        : in_{in},
          requests_{64 + 16 * std::size_t{in.take<std::uint8_t>()}, 1 + std::size_t{in.up_to(3)},
                    in.up_to(7) != 0} {
        const unsigned rarity = 1 + in.up_to(20);
        backends::split_mix luck{in.take<std::uint8_t>()};
        for (unsigned n = 0, all = 4 * in.up_to(60); n != all; ++n) {
            text_ += "{\"n\":" + std::to_string(n) + ",\"x\":\"" + std::string(luck() % 23, '.') +
                     "\"},\n";
            ends_.push_back(text_.size());
            bad_.push_back(luck() % rarity == 0);
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
        if (const auto all = requests_.go(rest); !all.records.empty()) {
            wire_.append(all.head.data(), all.head.size());
            wire_.append(all.records.data(), all.records.size());
            const std::size_t size = all.head.size() + all.records.size();
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
            const auto bytes = requests_.to_send();
            const std::size_t most =
                in_.empty() ? text_.size() : 1 + std::size_t{in_.up_to(255)} * 8;
            const std::size_t n = (std::min)(bytes.size(), most);
            wire_.append(bytes.data(), n);
            requests_.sent(n);
        }
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
        const std::vector<std::size_t> got =
            numbers_in(as_array<Body>(wire_.substr(end + 4, size)));
        wire_.erase(0, end + 4 + size);
        require(requests_.awaits_answer() && !requests_.answered_early(), "an answer is due");
        const bool refuses =
            std::any_of(got.begin(), got.end(), [this](std::size_t n) { return bad_.at(n); });
        if (refuses) {
            told_refused(requests_.refused());
        } else {
            const std::size_t back = in_.empty() || in_.up_to(3) != 0 ? 0 : in_.up_to(7);
            for (std::size_t i = 0; i < got.size(); ++i) {
                require(fate_.at(got[i]) == fate::none, "no record arrives twice");
                fate_[got[i]] = i < back ? fate::taken_back : fate::arrived;
            }
            told_refused(requests_.accepted(back));
            requests_.pipeline();
        }
        while (const std::size_t n = requests_.answered_before()) {
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
            all_are_good = all_are_good && !bad_[next_] && fate_[next_] != fate::taken_back;
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
    backends::detail::http_requests<backends::not_encoded, Body> requests_;
    std::string text_;
    std::vector<std::size_t> ends_;
    std::vector<bool> bad_;
    std::vector<fate> fate_;
    std::size_t taken_ = 0;
    std::size_t settled_ = 0;
    std::size_t next_ = 0;
    std::string wire_;
};

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    if (size % 2 == 0) {
        story<backends::json_array_body>{in}.tell();
    } else {
        story<backends::line_body>{in}.tell();
    }
    return 0;
}
