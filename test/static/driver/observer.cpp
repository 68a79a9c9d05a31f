// SPDX-License-Identifier: BSL-1.0
#include <backends/driver/observer.hpp>

#include <backends/driver/event_log.hpp>
#include <backends/driver/policies.hpp>

namespace {

using namespace backends;

// A hook may be static, a template, or one of several of its name.
struct plain {
    void on_failure(const destination&, std::error_code) noexcept {}
};
struct with_static {
    static void on_dropped(drop_reason, amount) noexcept {}
};
struct with_template {
    template <class T>
    void on_tick(const T&) noexcept {}
};
struct with_several {
    void on_tick(int) noexcept {}
    void on_tick(const counters&) noexcept {}
};
static_assert(observer<no_observer> && observer<event_log<>> && observer<plain>);
static_assert(std::is_same_v<default_policies::observer, event_log<>>, "nothing is silent");
static_assert(observer<with_static> && observer<with_template> && observer<with_several>);

// One that is there and cannot be called so is seen, also where it is private.
struct other_arguments {
    void on_tick(int) noexcept {}
};
struct may_throw {
    void on_tick(const counters&) {}
};
class hidden {
    void on_tick(const counters&) noexcept {}
};
struct inherited : may_throw {};
template <class T>
constexpr bool is_wrong = detail::has_on_tick<T> && !detail::calls_on_tick<T>;
static_assert(is_wrong<other_arguments> && is_wrong<may_throw> && is_wrong<hidden> &&
              is_wrong<inherited>);
static_assert(!detail::has_on_tick<plain> && !detail::has_a_hook<no_observer>);

}  // namespace
