// SPDX-License-Identifier: BSL-1.0
//
// A line grammar that no receiver could read.
//
// mistake 1: a line holds field::value exactly once
// mistake 2: a line holds field::unix_time exactly once
// mistake 3: a line names its series: field::chart and field::dimension, each exactly once
// mistake 4: a line holds field::prefix and field::hostname at most once
// mistake 5: a line ends with its only newline
// mistake 6: a line ends with its only newline
// mistake 7: what repeats is field::dimension and field::value, once each, and literals
// mistake 8: something stands between two dimensions, but no newline
// mistake 9: a line does not begin with the part that repeats
#include <backends/format/grammar.hpp>

using namespace backends;

#if MISTAKE == 0
constexpr auto line = grammar(field::chart, lit<".">, field::dimension, lit<" ">, field::value,
                              lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 1
constexpr auto line =
    grammar(field::chart, lit<".">, field::dimension, lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 2
constexpr auto line =
    grammar(field::chart, lit<".">, field::dimension, lit<" ">, field::value, lit<"\n">);
#elif MISTAKE == 3
constexpr auto line =
    grammar(field::chart, lit<" ">, field::value, lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 4
constexpr auto line =
    grammar(field::prefix, lit<".">, field::prefix, lit<".">, field::chart, lit<".">,
            field::dimension, lit<" ">, field::value, lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 5
constexpr auto line = grammar(field::chart, lit<".">, field::dimension, lit<" ">, field::value,
                              lit<" ">, field::unix_time);
#elif MISTAKE == 6
constexpr auto line = grammar(field::chart, lit<"\n">, field::dimension, lit<" ">, field::value,
                              lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 7
constexpr auto line =
    grammar(field::chart, lit<" ">, field::each_dimension<",">(field::dimension, field::unix_time),
            field::value, lit<"\n">);
#elif MISTAKE == 8
constexpr auto line = grammar(field::chart, lit<" ">,
                              field::each_dimension<"\n">(field::dimension, lit<"=">, field::value),
                              lit<" ">, field::unix_time, lit<"\n">);
#elif MISTAKE == 9
constexpr auto line = grammar(field::each_dimension<",">(field::dimension, lit<"=">, field::value),
                              lit<" ">, field::chart, lit<" ">, field::unix_time, lit<"\n">);
#endif
