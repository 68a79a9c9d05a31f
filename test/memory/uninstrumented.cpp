// SPDX-License-Identifier: BSL-1.0
//
// For programs under the memory sanitizer, in front of a standard library that is not instrumented:
// the few of its functions that write into memory of ours, each of which tells that it has.
// Together with _GLIBCXX_EXTERN_TEMPLATE=0, which compiles strings here instead of taking the
// library's, the programs that are built with it report nothing that is not so.
#include <charconv>
#include <cstddef>
#include <set>

#include <dlfcn.h>
#include <sanitizer/msan_interface.h>

namespace {

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

namespace std {  // NOLINT(cert-dcl58-cpp): they take the place of the library's own

to_chars_result to_chars(char* first, char* last, double value, chars_format format,
                         int precision) noexcept {
    using function = to_chars_result(char*, char*, double, chars_format, int);
    static function* const as_it_is = real<function>("_ZSt8to_charsPcS_dSt12chars_formati");
    const to_chars_result result = as_it_is(first, last, value, format, precision);
    __msan_unpoison(first, static_cast<size_t>(result.ptr - first));
    return result;
}

void _Rb_tree_insert_and_rebalance(bool left, _Rb_tree_node_base* node, _Rb_tree_node_base* parent,
                                   _Rb_tree_node_base& header) noexcept {
    using function = void(bool, _Rb_tree_node_base*, _Rb_tree_node_base*, _Rb_tree_node_base&);
    static function* const as_it_is =
        real<function>("_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_");
    __msan_unpoison(node, sizeof *node);  // its colour and its links are about to be written
    as_it_is(left, node, parent, header);
}

}  // namespace std
