// SPDX-License-Identifier: BSL-1.0
#include <backends/format/grammar.hpp>
#include <backends/format/graphite_plaintext.hpp>

#include <type_traits>

namespace {

using backends::lit;
namespace field = backends::field;

static_assert(std::remove_cvref_t<decltype(lit<"ab">)>::text == "ab");
static_assert(std::remove_cvref_t<decltype(lit<"">)>::text.empty());

// A literal is a type, made of its bytes: equal bytes, equal type.
static_assert(std::is_same_v<decltype(lit<".">), decltype(lit<".">)>);
static_assert(!std::is_same_v<decltype(lit<".">), decltype(lit<",">)>);

constexpr auto line = backends::grammar(field::chart, lit<" ">, field::dimension, lit<" ">,
                                        field::value, lit<" ">, field::unix_time, lit<"\n">);
static_assert(backends::detail::is_line_grammar<std::remove_const_t<decltype(line)>>);
static_assert(line.newlines() == 1 && line.ends_with_newline());
static_assert(line.count<backends::value_element> == 1);
static_assert(line.count<backends::name_element<backends::name_field::prefix>> == 0);

// A prefix is there once, whether it may be missing or not.
static_assert(line.prefixes == 0);
static_assert(backends::graphite_plaintext::line.prefixes == 1);

// A grammar is nothing but a type.
static_assert(std::is_empty_v<std::remove_const_t<decltype(backends::graphite_plaintext::line)>>);

}  // namespace
