// SPDX-License-Identifier: BSL-1.0
//
// Whether a class has a member of a name, of whatever kind: function, template, type or constant.
// So an optional part that is there in another form than is asked for can be refused, where a
// requires expression alone would take it for missing.
#pragma once

#include <type_traits>

/// Declares the concept has_NAME<T>: a name that a class has from two sides cannot be taken. From a
/// final class nothing is derived: of one, a public member is seen, but no overloaded function and
/// no template. Use it in a namespace.
#define BACKENDS_MEMBER_NAME(name)                                              \
    struct named_##name {                                                       \
        void name();                                                            \
    };                                                                          \
    template <class T>                                                          \
    struct also_named_##name : T, named_##name {};                              \
    template <class T>                                                          \
    concept has_##name =                                                        \
        std::is_class_v<T> &&                                                   \
        ((!std::is_final_v<T> && !requires { &also_named_##name<T>::name; }) || \
         (std::is_final_v<T> && (requires { &T::name; } || requires { typename T::name; })))
