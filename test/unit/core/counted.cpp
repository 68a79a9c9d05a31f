// SPDX-License-Identifier: BSL-1.0
#include <backends/core/counted.hpp>

#include "catch.hpp"

#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace {

struct tracked : backends::detail::counted {
    explicit tracked(int& alive) noexcept : alive_{alive} { ++alive_; }
    tracked(const tracked&) = delete;
    tracked& operator=(const tracked&) = delete;
    ~tracked() { --alive_; }

    int& alive_;
};
using owner = backends::detail::counted_ptr<tracked>;

/// What f() returns in a child of fork(): 0 to 255.
template <class F>
int in_a_child(F f) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(f());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("an object lives as long as one of its owners") {
    int alive = 0;
    {
        owner first{new tracked{alive}};
        {
            const owner second = first;
            first = owner{};
            CHECK(alive == 1);
            CHECK(second.get() != nullptr);
        }
        CHECK(alive == 0);
        first = owner{new tracked{alive}};
        first = owner{new tracked{alive}};
        CHECK(alive == 1);
        const owner moved = std::move(first);
        CHECK(alive == 1);
    }
    CHECK(alive == 0);
}

TEST_CASE("an ownership that is handed on counts until somebody takes it over") {
    int alive = 0;
    owner first{new tracked{alive}};
    owner second = first;
    tracked* const handed = second.release();
    first = owner{};
    CHECK(alive == 1);
    { const owner last = owner::taken_over(handed); }
    CHECK(alive == 0);
}

TEST_CASE("the child of a fork deletes nothing that its parent made") {
    int alive = 0;
    owner shared{new tracked{alive}};
    backends::detail::owned_at_home<tracked> alone{new tracked{alive}};
    CHECK(in_a_child([&] {
              shared = owner{};
              { const auto gone = std::move(alone); }
              return alive;
          }) == 2);
    CHECK(in_a_child([&] {
              { const owner own{new tracked{alive}}; }
              return alive;
          }) == 2);
    shared = owner{};
    { const auto gone = std::move(alone); }
    CHECK(alive == 0);
}
