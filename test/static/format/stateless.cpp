// SPDX-License-Identifier: BSL-1.0
#include <backends/format/stateless.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

#include <type_traits>

namespace {

using backends::detail::each_stateless;
using backends::detail::unpack_stateless;

template <int N>
using number = std::integral_constant<int, N>;
constexpr boost::hana::tuple<number<1>, number<2>, number<3>> numbers{};
constexpr boost::hana::tuple<> nothing{};

// In the order of the tuple, as Hana's.
constexpr auto digits = [](auto... each) {
    int all = 0;
    ((all = all * 10 + each()), ...);
    return all;
};
static_assert(unpack_stateless(numbers, digits) == 123);
static_assert(unpack_stateless(numbers, digits) == boost::hana::unpack(numbers, digits));
static_assert(unpack_stateless(nothing, digits) == 0);

constexpr int visited() {
    int all = 0;
    each_stateless(numbers, [&](auto one) { all = all * 10 + one(); });
    each_stateless(nothing, [&](auto one) { all += one(); });
    return all;
}
static_assert(visited() == 123);

}  // namespace
