// SPDX-License-Identifier: BSL-1.0
//
// Whether a class has a member of a name, of whatever kind: function, template, type or constant.
// So an optional part that is there in another form than is asked for can be refused, where a
// requires expression alone would take it for missing.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// In it the name of T is not that of a constructor.
template <class T>
struct heir_of : T {};

}  // namespace backends::detail

/// Declares the concept has_NAME<T>: a name that a class has from two sides cannot be taken. From a
/// final class nothing is derived: of one, a public member is seen, but no overloaded function and
/// no template. The name of the class itself, or of a base, is no member. Use it in a namespace.
#define BACKENDS_MEMBER_NAME(name)                                                        \
    struct named_##name {                                                                 \
        void name();                                                                      \
    };                                                                                    \
    template <class T>                                                                    \
    struct also_named_##name : T, named_##name {};                                        \
    template <class T>                                                                    \
    concept has_##name =                                                                  \
        std::is_class_v<T> &&                                                             \
        !requires {                                                                       \
            requires !std::is_final_v<T>;                                                 \
            requires std::is_base_of_v<typename ::backends::detail::heir_of<T>::name, T>; \
        } &&                                                                              \
        ((!std::is_final_v<T> && !requires { &also_named_##name<T>::name; }) ||           \
         (std::is_final_v<T> && (requires { &T::name; } || requires { typename T::name; })))
