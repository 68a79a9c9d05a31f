// SPDX-License-Identifier: BSL-1.0
//
// A transport on a driver's queue, which sends from there.
#include <backends/driver/lending.hpp>

#include <backends/driver/shipping.hpp>
#include <backends/transport/http_post.hpp>
#include <backends/transport/memory.hpp>

#include "catch.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using namespace backends;

namespace {

using texts = std::vector<std::string>;

struct silent : default_policies {
    using observer = no_observer;
};
struct at_written : silent {
    using confirmation = confirm::written;
};

/// Notes whether it may borrow.
struct asking : memory {
    using memory::memory;
    bool borrows = false;
    void borrow(lent_bytes from) noexcept { borrows = static_cast<bool>(from); }
    io_result write_some(std::span<const char> bytes) noexcept { return memory::write_some(bytes); }
};

template <class Policies>
bool lends() {
    shipping<asking, Policies> shell{asking{}, parse_destinations("here", 1), {}};
    return shell.transport().borrows;
}

/// The body of the first whole request, which goes; "": there is none.
std::string first_body(std::string& text) {
    constexpr std::string_view key = "Content-Length: ";
    const std::size_t end = text.find("\r\n\r\n");
    std::size_t size = 0;
    if (end == std::string::npos) {
        return {};
    }
    std::from_chars(text.data() + text.find(key) + key.size(), text.data() + end, size);
    if (text.size() < end + 4 + size) {
        return {};
    }
    std::string body = text.substr(end + 4, size);
    text.erase(0, end + 4 + size);
    return body;
}

texts lines_of(std::string_view text) {
    texts all;
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
        all.emplace_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    CHECK(text.empty());
    return all;
}

}  // namespace

TEST_CASE("a queue lends where it keeps what is not acknowledged") {
    CHECK(lends<silent>());
    CHECK_FALSE(lends<at_written>());
}

TEST_CASE("a queue lends no more than it has sent") {
    // Its peer answers nothing.
    shipping<http_post<memory>, silent> shell{
        http_post<memory>{}, parse_destinations("here", 1), {}};
    const std::string_view lines = "a 1\nb 2\n";
    lines.copy(shell.lines().reserve(lines.size()), lines.size());
    shell.lines().commit(lines.size(), 2);
    std::string room(12, '-');
    const auto copy = [&](std::size_t before_end) {
        const auto& queue = shell.lines().queue();
        detail::copy_sent<std::remove_cvref_t<decltype(queue)>>(&queue, before_end, room);
        return room;
    };
    CHECK(copy(0) == "------------");
    for (int i = 0; i < 10 && shell.lines().queue().sent() == 0; ++i) {
        shell.step(system_clock::steady_now());
    }
    CHECK(copy(4) == "b 2\n--------");
    CHECK(copy(8) == "a 1\nb 2\n----");
}

TEST_CASE("lines that are sent from a small queue arrive or are counted, in spite of refusals") {
    std::minstd_rand random{5};
    const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
    for (int round = 0; round < 60; ++round) {
        const auto peer = std::make_shared<memory_peer>();
        const unsigned rarity = 2 + below(100);
        shipping<http_post<memory>, silent> shell{
            http_post<memory>{{.request_bytes = 16'384, .requests = 1 + below(4)}, memory{peer}},
            parse_destinations("here", 1),
            {.queue_bytes = 20'000 + below(30'000), .max_in_flight = 5'000 + below(40'000)}};
        std::size_t bad = 0;
        std::size_t refused = 0;
        texts arrived;
        std::string unread;
        instant now = system_clock::steady_now();
        const auto turn = [&](bool takes_all) {
            now = now + milliseconds(10);
            peer->with(
                [&](auto& p) { p.room = takes_all || below(3) == 0 ? 1'000'000 : below(9'000); });
            shell.step(now);
            peer->with([&](auto& p) { unread += std::exchange(p.received, {}); });
            while (takes_all || below(3) != 0) {
                const std::string body = first_body(unread);
                if (body.empty()) {
                    break;
                }
                const texts lines = lines_of(body);
                const bool refuses = body.find("bad") != std::string::npos;
                refused += refuses && lines.size() == 1;
                if (!refuses) {
                    arrived.insert(arrived.end(), lines.begin(), lines.end());
                }
                peer->with([&](auto& p) {
                    p.replies += refuses ? "HTTP/1.1 400 x\r\nContent-Length: 0\r\n\r\n"
                                         : "HTTP/1.1 204 x\r\n\r\n";
                });
            }
        };
        for (unsigned n = 0; n < 3'000; ++n) {
            const bool is_bad = below(rarity) == 0;
            bad += is_bad;
            const std::string line = std::to_string(n) + (is_bad ? " bad" : " good") +
                                     std::string(below(60), '.') + '\n';
            if (char* const room = shell.lines().reserve(line.size()); room != nullptr) {
                line.copy(room, line.size());
                shell.lines().commit(line.size(), 1);
            } else {
                shell.lines().refuse(line.size(), 1);
            }
            if (below(40) == 0) {
                shell.lines().end_batch(now);
                turn(false);
            }
        }
        for (int i = 0; i < 2'000 && !shell.lines().queue().empty(); ++i) {
            turn(true);
        }
        const delivery_counters& count = shell.lines().counters();
        CHECK(shell.lines().queue().empty());
        CHECK(count.balanced());
        CHECK(count.connections == 1);
        CHECK(count.confirmed.lines == arrived.size());
        CHECK(count.dropped_for(drop_reason::rejected).lines == refused);
        CHECK(refused <= bad);
        std::sort(arrived.begin(), arrived.end());
        CHECK(std::adjacent_find(arrived.begin(), arrived.end()) == arrived.end());
    }
}
