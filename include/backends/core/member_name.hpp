// SPDX-License-Identifier: BSL-1.0
//
// Detects a member by its name alone: a function, template, type or constant. A requires expression
// would treat an optional member with a wrong form as missing; this detects it, so it can be
// rejected.
#pragma once

#include <backends/isa.hpp>

#include <type_traits>

namespace backends::inline BACKENDS_ISA::detail {

/// A derived class, in which T's name does not mean a constructor.
template <class T>
struct heir_of : T {};

}  // namespace backends::detail

/// Declares the concept has_NAME<T>: a name inherited from two bases is ambiguous. A final class
/// cannot be a base; there the concept sees public members, but no overloaded functions and no
/// templates. The name of the class itself, or of a base, is no member. Use it in a namespace.
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
