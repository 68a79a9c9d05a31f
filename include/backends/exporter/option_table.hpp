// SPDX-License-Identifier: BSL-1.0
//
// The options of an exporter, each once: a row gives its name in C++ and in files, its values and
// its meaning. validate() checks by this table, select/settings.hpp reads by it,
// docs/configuration.md shows it. A new option needs a member of `options` and a row here; a static
// test counts both.
#pragma once

#include <backends/core/raise.hpp>
#include <backends/exporter/option_values.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/pattern_text.hpp>

#include <boost/hana/tuple.hpp>
#include <boost/hana/unpack.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// A row of the table.
///
/// @tparam T       the member's type
/// @tparam Values  models option_values of T
template <class T, class Values>
    requires option_values<Values, T>
struct option {
    T options::* member;       ///< where options have it
    std::string_view name;     ///< in C++, and in errors there
    std::string_view key;      ///< in an INI file; a flag has dashes for the blanks
    Values values;             ///< the allowed values
    std::string_view meaning;  ///< one line
};
template <class T, class Values>
option(T options::*, std::string_view, std::string_view, Values, std::string_view)
    -> option<T, Values>;

namespace detail {
inline constexpr std::int64_t max_bytes = std::int64_t{1} << 40;  // 1 TiB
inline constexpr nanoseconds a_year = seconds{31'536'000};
inline constexpr nanoseconds a_second = seconds{1};
inline constexpr nanoseconds a_millisecond = milliseconds(1);
}  // namespace detail

/// Every option, in the order of the struct: a Hana tuple of option<...>.
inline constexpr auto option_table = boost::hana::make_tuple(
    option{&options::destination, "destination", "destination", any_text{},
           "receivers, tried in order: `[SCHEME://]HOST[:PORT][/PATH]`, separated by blanks or "
           "commas"},
    option{&options::prefix, "prefix", "prefix", dotted_name{},
           "first part of every name; empty: left out"},
    option{&options::hostname, "hostname", "hostname", dotted_name{},
           "the host in every line; empty: the host's own name"},
    option{&options::tags, "tags", "tags", tag_texts{}, "extra name=value of every line"},
    option{&options::charts_matching, "charts_matching", "charts matching", pattern_text{},
           "the charts that are exported: `!` takes out, `*` is any text, the first match decides"},
    option{&options::dimensions_matching, "dimensions_matching", "dimensions matching",
           pattern_text{}, "the dimensions that are exported, in the same way"},
    option{&options::update_every, "update_every", "update every",
           spans<seconds>{seconds{1}, seconds{31'536'000}, seconds{1}, "seconds"},
           "time between exports"},
    option{&options::align, "align", "align", yes_or_no{},
           "whether stamps are multiples of update every, one for each period"},
    option{
        &options::begin, "begin", "begin",
        one_of<begin_at, 3>{
            {{{"latest", begin_at::latest}, {"oldest", begin_at::oldest}, {"now", begin_at::now}}}},
        "where it begins on a host with a past: at most a period back, with all, with nothing"},
    option{&options::buffer_on_failures, "buffer_on_failures", "buffer on failures",
           whole_numbers{1, 1'000'000, "batches"}, "batches kept while no destination takes them"},
    option{&options::max_age, "max_age", "max age",
           spans<nanoseconds>{detail::a_second, detail::a_year * 100, detail::a_second, "seconds",
                              "no line is too old"},
           "lines that have waited this long are dropped as expired"},
    option{&options::timeout, "timeout", "timeout ms",
           spans<nanoseconds>{detail::a_millisecond, detail::a_year, detail::a_millisecond,
                              "milliseconds", "twice update_every"},
           "for connecting, and for a write without progress"},
    option{
        &options::renew_every, "renew_every", "renew every",
        spans<nanoseconds>{detail::a_second, detail::a_year, detail::a_second, "seconds", "never"},
        "a receiver used this long is left in order for the first one, looked up anew"},
    option{&options::queue_bytes, "queue_bytes", "queue bytes",
           whole_numbers{65'536, detail::max_bytes, "bytes"},
           "bytes of lines kept, allocated once"},
    option{&options::unacknowledged_bytes, "unacknowledged_bytes", "unacknowledged bytes",
           whole_numbers{1, detail::max_bytes, "bytes"},
           "bytes written beyond what the receiver's machine has acknowledged"},
    option{&options::spool_directory, "spool_directory", "spool directory", folder_path{},
           "the spool's folder; needs a spool among the policies"},
    option{&options::spool_sync, "spool_sync", "spool sync", yes_or_no{},
           "whether the spool survives a loss of power too"},
    option{&options::stop_within, "stop_within", "stop within ms",
           spans<nanoseconds>{nanoseconds{}, detail::a_year, detail::a_millisecond, "milliseconds"},
           "what the destructor allows for what is left"},
    option{&options::self_monitoring, "self_monitoring", "self monitoring", yes_or_no{},
           "whether the exporter's own charts are exported"});

namespace detail {
template <class T, class Values>
void check_row(const options& o, const option<T, Values>& row) {
    const T& value = o.*row.member;
    if (const std::string why = row.values.why_not(value); !why.empty()) {
        refuse(row.name, row.values.text(value), why);
    }
}
}  // namespace detail

/// Throws config_error that names the member and its value, for the first option that cannot work.
/// The destination is checked when it is parsed.
inline void validate(const options& o) {
    boost::hana::unpack(option_table,
                        [&o](const auto&... row) { (detail::check_row(o, row), ...); });
}

namespace detail {
/// The options of an exporter on a host of that name. Throws config_error.
[[gnu::noinline]] inline options&& checked(options&& o, std::string_view own_name) {
    if (o.hostname.empty()) {
        o.hostname = own_name;
    }
    validate(o);
    return std::move(o);
}
}  // namespace detail

}  // namespace backends
