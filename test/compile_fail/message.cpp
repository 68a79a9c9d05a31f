// SPDX-License-Identifier: BSL-1.0
//
// A binary record that no receiver could read.
//
// mistake 1: a record holds field::value_f64 exactly once
// mistake 2: a record holds its time exactly once
// mistake 3: a record names its series: field::chart and field::dimension, each exactly once
// mistake 4: a record holds field::prefix and field::hostname at most once
// mistake 5: the number of a field is 1 to 15 here
// mistake 6: the number of a field is 1 to 15 here
#include <backends/format/message.hpp>

using namespace backends;

#if MISTAKE == 0
constexpr auto line =
    message_grammar<1>(field::message<1>(field::chart, lit<".">, field::dimension),
                       field::value_f64<2>, field::unix_nanos_f64<3>);
#elif MISTAKE == 1
constexpr auto line = message_grammar<1>(
    field::message<1>(field::chart, lit<".">, field::dimension), field::unix_nanos_f64<3>);
#elif MISTAKE == 2
constexpr auto line = message_grammar<1>(
    field::message<1>(field::chart, lit<".">, field::dimension), field::value_f64<2>);
#elif MISTAKE == 3
constexpr auto line = message_grammar<1>(field::message<1>(field::chart), field::value_f64<2>,
                                         field::unix_nanos_f64<3>);
#elif MISTAKE == 4
constexpr auto line = message_grammar<1>(
    field::labels<4>(field::label<"a">(field::hostname), field::label<"b">(field::hostname)),
    field::message<1>(field::chart, lit<".">, field::dimension), field::value_f64<2>,
    field::unix_millis_varint<3>);
#elif MISTAKE == 5
constexpr auto line =
    message_grammar<1>(field::message<1>(field::chart, lit<".">, field::dimension),
                       field::value_f64<16>, field::unix_nanos_f64<3>);
#elif MISTAKE == 6
constexpr auto line =
    message_grammar<1>(field::message<17>(field::chart, lit<".">, field::dimension),
                       field::value_f64<2>, field::unix_nanos_f64<3>);
#endif
