// SPDX-License-Identifier: BSL-1.0
#include <backends/core/list.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using backends::detail::list;

namespace {

/// Owns memory, so that the sanitizers see an element that is lost, or destroyed twice.
using owner = std::unique_ptr<int>;

int of(int value) { return value; }
int of(const owner& value) { return *value; }

template <class T>
T made(int value) {
    if constexpr (std::is_same_v<T, owner>) {
        return std::make_unique<int>(value);
    } else {
        return value;
    }
}

template <class T>
void check_equal(const list<T>& one, const std::vector<int>& other) {
    REQUIRE(one.size() == other.size());
    REQUIRE(one.empty() == other.empty());
    REQUIRE(one.capacity() >= one.size());
    REQUIRE(std::equal(one.begin(), one.end(), other.begin(), other.end(),
                       [](const T& own, int known) { return of(own) == known; }));
    REQUIRE((one.empty() || of(one.back()) == other.back()));
}

}  // namespace

TEMPLATE_TEST_CASE("a list does what a vector does", "", int, owner) {
    std::minstd_rand random{7};
    list<TestType> real;
    std::vector<int> model;
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t place = model.empty() ? 0 : random() % model.size();
        const auto at = model.begin() + static_cast<std::ptrdiff_t>(place);
        switch (random() % 16) {
            case 0:
                if (!model.empty()) {
                    real.erase(place);
                    model.erase(at);
                }
                break;
            case 1:
                if (!model.empty()) {
                    real.pop_back();
                    model.pop_back();
                }
                break;
            case 2:
                real.insert(place, made<TestType>(step));
                model.insert(at, step);
                break;
            case 3: real.shrink_to_fit(); break;
            case 4: real.reserve(place + 10); break;
            case 5: {
                list<TestType> other{std::move(real)};
                real = std::move(other);
                break;
            }
            case 6:
                if (step % 64 == 0) {
                    real.truncate(place);
                    model.resize(place);
                }
                break;
            default:
                REQUIRE(of(real.push_back(made<TestType>(step))) == step);
                model.push_back(step);
        }
        check_equal(real, model);
    }
    real.clear();
    check_equal(real, {});
}

TEST_CASE("a list that grows keeps what it has and gives new elements the value") {
    list<char> bytes(3, 'a');
    bytes.resize(5, 'b');
    bytes.resize(4);
    CHECK(std::string(bytes.begin(), bytes.end()) == "aaab");
    bytes.resize(6);
    CHECK(std::string(bytes.begin(), bytes.end()) == std::string("aaab\0\0", 6));
}

TEST_CASE("a list has room for what was reserved, and no more after shrink_to_fit()") {
    list<int> all;
    all.reserve(100);
    const int* const place = all.data();
    all.resize(100);
    CHECK(all.data() == place);
    CHECK(all.capacity() == 100);
    all.truncate(1);
    all.shrink_to_fit();
    CHECK(all.capacity() == 1);
}

TEST_CASE("a list whose content was moved is empty") {
    list<int> from(2, 1);
    list<int> to{std::move(from)};
    CHECK(from.empty());
    CHECK(from.capacity() == 0);
    CHECK(to.size() == 2);
    from = std::move(to);
    CHECK(from.size() == 2);
}
