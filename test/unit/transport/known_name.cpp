// SPDX-License-Identifier: BSL-1.0
//
// Which answer a question gets while look-ups of one name come and go.
#include <backends/transport/known_name.hpp>

#include <catch.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

struct resolution {
    std::string endpoints;
    bool error = false;

    [[nodiscard]] bool is_answer() const { return !error; }
};

/// A look-up at a time; what it has found is taken once.
struct look_up {
    std::optional<resolution> found;
    int asked = 0;
    backends::detail::known_name<resolution> name;

    bool question() {
        return name.question([this] { return take(); }, [this] { ++asked; });
    }
    std::optional<resolution> answer() {
        return name.answer([this] { return take(); });
    }
    std::optional<resolution> take() { return std::exchange(found, std::nullopt); }
};

}  // namespace

TEST_CASE("a question waits for its look-up") {
    look_up up;
    CHECK(up.question());
    CHECK(up.asked == 1);
    CHECK_FALSE(up.answer());
    up.found = resolution{"a", false};
    CHECK(up.answer().value().endpoints == "a");
    CHECK(up.answer().value().endpoints == "a");  // as often as it is asked
}

TEST_CASE("a look-up that hangs is waited for only where nothing is known") {
    look_up up;
    CHECK(up.question());
    CHECK(up.question());
    CHECK(up.asked == 1);
    up.found = resolution{"a", false};
    CHECK(up.answer().value().endpoints == "a");
    CHECK(up.question());  // and is given up
    CHECK_FALSE(up.question());
    CHECK(up.asked == 2);
    CHECK(up.answer().value().endpoints == "a");
}

TEST_CASE("what was found between two questions is known, and asked for again") {
    look_up up;
    static_cast<void>(up.question());
    up.found = resolution{"a", false};
    CHECK(up.question());
    CHECK(up.asked == 2);
    up.found = resolution{"b", true};
    const auto answer = up.answer();
    CHECK(answer.value().endpoints == "a");  // nobody could be asked
    CHECK_FALSE(answer.value().error);
}

TEST_CASE("no such name is an answer, which makes the addresses of before void") {
    look_up up;
    static_cast<void>(up.question());
    up.found = resolution{"a", false};
    static_cast<void>(up.answer());
    static_cast<void>(up.question());
    up.found = resolution{"", false};
    CHECK(up.answer().value().endpoints.empty());
    static_cast<void>(up.question());
    up.found = resolution{"", true};
    CHECK(up.answer().value().error);
}

TEST_CASE("a look-up that could not begin is not under way") {
    look_up up;
    CHECK_THROWS_AS(
        up.name.question([&] { return up.take(); }, [] { throw std::runtime_error{""}; }),
        std::runtime_error);
    CHECK_FALSE(up.answer());
    CHECK(up.question());
    CHECK(up.asked == 1);
}
