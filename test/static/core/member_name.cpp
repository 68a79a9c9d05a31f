// SPDX-License-Identifier: BSL-1.0
//
// A member is seen whatever it is; the name of a class is none of its members.
#include <backends/core/member_name.hpp>

namespace member_names {

BACKENDS_MEMBER_NAME(spooling);

struct type {
    using spooling = int;
};
struct function {
    void spooling();
};
struct overloaded {
    void spooling();
    void spooling(int);
};
struct member_template {
    template <class>
    void spooling();
};
struct constant {
    static constexpr int spooling = 1;
};
struct derived : function {};
struct last_one final {
    using spooling = int;
};
static_assert(has_spooling<type> && has_spooling<function> && has_spooling<overloaded>);
static_assert(has_spooling<member_template> && has_spooling<constant>);
static_assert(has_spooling<derived> && has_spooling<last_one>);

struct none {};
struct spooling {};
struct of_that_name : spooling {};
struct final_one final {};
static_assert(!has_spooling<none> && !has_spooling<int> && !has_spooling<final_one>);
static_assert(!has_spooling<spooling> && !has_spooling<of_that_name>);

}  // namespace member_names
