// SPDX-License-Identifier: BSL-1.0
//
// Renders the lines of a grammar. Makes names safe and lays them out once, when a series is
// registered. A line is then one block copy per run and one number: no allocation, no branch that
// the format could decide at compile time.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/inline.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/list.hpp>
#include <backends/core/quantity.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/time.hpp>
#include <backends/format/label_texts.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/line_writer.hpp>
#include <backends/format/number_form.hpp>
#include <backends/format/safe_export_names.hpp>
#include <backends/format/series_text.hpp>
#include <backends/format/stateless.hpp>
#include <backends/format/text_twins.hpp>
#include <backends/format/wire_format.hpp>
#include <backends/number/number.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Renders the lines of one exporter. `Format` is a wire format, `Rule` a name rule. Not
/// thread-safe: add() and line() belong to the exporting thread.
template <wire_format Format, name_rule Rule = replace>
class renderer {
    using grammar_type = std::remove_cvref_t<decltype(Format::line)>;
    using lines = detail::line_layout<grammar_type>;
    using texts = detail::series_texts<lines::count(varies::with_series)>;
    using form = detail::number_form<grammar_type>;
    friend class detail::histogram_text<Format, Rule>;  // looks for names of other kinds

public:
    using format = Format;  ///< whose lines it renders
    /// Room past max_line() that line() needs: it may write there, but no part of the line.
    static constexpr std::size_t line_slack = detail::copy_slack;
    /// The maximum length of a line of the format.
    static constexpr std::size_t line_limit = Format::limits.line;
    /// Whether a line has the values of a whole chart.
    static constexpr bool has_fields = lines::has_fields;
    /// What is between two of them.
    static constexpr std::string_view between = lines::between;

    /// `number_chars`: the longest number to print, max_number_chars of the value type. `longest`:
    /// the bytes of a line, where that is less than the format's limit. Throws config_error, naming
    /// the key, if the format cannot carry a name or a tag.
    explicit renderer(const identity& names, std::size_t number_chars = max_number_chars<double>,
                      std::size_t longest = Format::limits.line)
        : names_{detail::make_safe<Format, Rule>(names)},
          limit_{longest < line_limit ? longest : line_limit},
          constant_{form::longest(number_chars)} {
        shared_.resize(shared_room() + detail::copy_slack);
        std::size_t offset = 0;
        each_run([&]<std::size_t I>() {
            using run = typename lines::template run_at<I>;
            if constexpr (run::changes == varies::never || run::changes == varies::with_tick) {
                shared_places_[I].offset = static_cast<std::uint32_t>(offset);
                write_shared<I>(0);
                offset += longest_shared<I>();
                constant_ += longest_shared<I>();
            }
        });
        longest_ = constant_;
        check_room(names);
    }

    /// Registers a series and sets its number: 0, 1, 2, ... Names and labels may hold any bytes.
    /// Returns an error and registers nothing if the rule refuses a name, a label repeats a tag, or
    /// the series exceeds a limit of the format. Allocates.
    [[nodiscard]] std::error_code add(std::string_view id, std::string_view dimension,
                                      std::uint32_t& series, label_list labels = {},
                                      quantity says = quantity::level) {
        detail::series_text<lines> one;
        if (auto error = one.template set<Format, Rule>(names_, id, dimension, labels, says)) {
            return error;
        }
        const std::size_t longest = constant_ + one.text.size() + one.more_bytes;
        if (longest > limit_) {
            return errc::line_too_long;
        }
        series = static_cast<std::uint32_t>(texts_.size());
        const std::uint32_t hash = one.hash();
        const auto same = [&](std::uint32_t other) {
            return texts_.text(other) == one.text && label_texts_[other] == one.shared;
        };
        const std::uint32_t first = index_.number_of(hash, same);
        const bool is_merged = first != detail::text_index::nobody;
        twins_.reserve_one(series, is_merged);  // everything that may throw comes first
        index_.reserve_one();
        label_texts_.reserve_one(series, one.shared);
        texts_.add(one.text, one.lengths);
        label_texts_.add(series, one.shared);
        if (is_merged) {
            twins_.join(series, first);
        } else {
            index_.insert(hash, series, same);
            twins_.add_alone(series);
        }
        longest_ = longest_ < longest ? longest : longest_;
        return {};
    }

    /// Removes a series: its name is free, its number is not reused before keep().
    void remove(std::uint32_t series) noexcept {
        const std::uint32_t hash =
            detail::series_text<lines>::hash_of(texts_.text(series), label_texts_[series]);
        if (const std::uint32_t heir = twins_.remove(series); heir == series) {
            index_.erase(hash, series);
        } else if (heir != detail::text_index::nobody) {
            index_.renumber(hash, series, heir);
        }
        ++removed_;
    }
    /// True if the removed series' memory is worth a walk over all others.
    [[nodiscard]] bool is_wasteful() const noexcept { return removed_ > texts_.size() / 4; }
    /// The count of numbers from add() since the last keep().
    [[nodiscard]] std::size_t numbers() const noexcept { return texts_.size(); }
    /// Releases the memory of removed series. Renumbers the others to to[series], which is 0, 1, 2,
    /// ... in their order; removed ones have text_twins::nobody there.
    void keep(const detail::list<std::uint32_t>& to) noexcept {
        index_.renumber(to);
        texts_.keep(to);
        label_texts_.keep(to);
        twins_.keep(to);
        removed_ = 0;
    }

    /// Writes one whole line of one value and returns its end. Preconditions: `out` has
    /// max_line() + line_slack bytes; add() set `series`; has_time(at); is_printable(v).
    template <class Value>
    BACKENDS_INLINE char* line(char* out, std::uint32_t series, unix_seconds at, Value v) noexcept {
        auto one = text_of(series);
        return lines_at(at, series).write(out, one, [v](char* number) BACKENDS_INLINE {
            return write_value(number, v);
        });
    }

    /// The numbers of a block of values.
    template <class Value, std::size_t Most>
    using number_block = typename form::template block<Value, Most>;
    /// Writes a number and returns its end. Precondition: is_printable(v).
    template <class Value>
    BACKENDS_INLINE static char* write_value(char* out, Value v) noexcept {
        return form::write(out, v);
    }
    /// Whether a line can have this time: from 1970 to the format's last one.
    static constexpr bool has_time(unix_seconds at) noexcept { return form::has_time(at); }

    /// The lines of one time, of any chart with the labels of this series, valid until the
    /// renderer's next call. Precondition: has_time(at).
    [[nodiscard]] BACKENDS_INLINE detail::line_writer<lines> lines_at(
        unix_seconds at, std::uint32_t series) noexcept {
        if (at != rendered_) [[unlikely]] {
            render_tick(at);
        }
        detail::line_writer<lines> all{shared_.data(), shared_places_};
        label_texts_.put(series, all);
        return all;
    }
    /// A series' text for these lines; writing a line advances it to the next added series. Valid
    /// until the next add().
    [[nodiscard]] BACKENDS_INLINE auto text_of(std::uint32_t series) const noexcept {
        return texts_.of(series);
    }

    /// Bytes of this series' text and of the next ones', n in all.
    [[nodiscard]] static std::size_t text_bytes(const typename texts::position& from,
                                                std::size_t n) noexcept {
        return detail::line_writer<lines>::text_bytes(from, n);
    }

    /// The bytes of the longest possible line so far, at most limit(). Only add() increases it.
    [[nodiscard]] std::size_t max_line() const noexcept { return longest_; }
    /// Bytes that a line may have here.
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    /// The number of series.
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    /// Bytes of all series' texts.
    [[nodiscard]] std::size_t text_bytes() const noexcept {
        return texts_.bytes() + label_texts_.bytes();
    }

    /// The number of series whose text equals an earlier one's: receivers cannot tell them apart.
    [[nodiscard]] std::uint64_t merged() const noexcept { return twins_.later(); }
    /// Whether an earlier series has this one's text. Precondition: it is registered.
    [[nodiscard]] bool is_merged(std::uint32_t series) const noexcept {
        return twins_.is_later(series);
    }

private:
    template <class F>
    static constexpr void each_run(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f.template operator()<I>(), ...);
        }(std::make_index_sequence<lines::size>{});
    }

    /// Throws config_error if prefix, hostname and tags alone make every line too long. Otherwise
    /// add() would refuse every series, one by one, for a configuration error.
    void check_room(const identity& names) const {
        if (constant_ + detail::series_text<lines>::template shortest<Format, Rule>(names_) <=
            limit_) {
            return;
        }
        const auto why = detail::joined(
            {make_error_code(errc::line_too_long).message(), ", whatever the series"});
        if (names_.tags.size() > names_.prefix.size() &&
            names_.tags.size() > names_.hostname.size()) {
            detail::refuse("tags", detail::told_tags(names.tags), why);
        }
        if (names_.prefix.size() < names_.hostname.size()) {
            detail::refuse("hostname", names.hostname, why);
        }
        detail::refuse("prefix", names.prefix, why);
    }

    template <std::size_t I>
    [[nodiscard]] std::size_t longest_shared() const {
        std::size_t n = 0;
        detail::each_stateless(lines::template run_at<I>::elements, [&](auto element) {
            using time = detail::time_form<decltype(element)>;
            if constexpr (time::is_time) {
                n += time::longest;
            } else {
                n += names_.text(element).size();
            }
        });
        return n;
    }

    [[nodiscard]] std::size_t shared_room() const {
        std::size_t n = 0;
        each_run([&]<std::size_t I>() {
            if constexpr (lines::kinds[I] == varies::never ||
                          lines::kinds[I] == varies::with_tick) {
                n += longest_shared<I>();
            }
        });
        return n;
    }

    template <std::size_t I>
    void write_shared(unix_seconds at) noexcept {
        char* const begin = shared_.data() + shared_places_[I].offset;
        char* out = begin;
        detail::each_stateless(lines::template run_at<I>::elements, [&](auto element) noexcept {
            using time = detail::time_form<decltype(element)>;
            if constexpr (time::is_time) {
                out = time::write(out, at);
            } else {
                const std::string_view text = names_.text(element);
                std::memcpy(out, text.data(), text.size());
                out += text.size();
            }
        });
        shared_places_[I].length = static_cast<std::uint32_t>(out - begin);
    }

    [[gnu::noinline]] void render_tick(unix_seconds at) noexcept {
        each_run([&]<std::size_t I>() {
            if constexpr (lines::kinds[I] == varies::with_tick) {
                write_shared<I>(at);
            }
        });
        rendered_ = at;
    }

    detail::safe_identity names_;
    std::size_t limit_;
    detail::list<char> shared_;  // constant and tick runs, each with room for its longest text
    std::array<detail::text_place, lines::size> shared_places_{};
    unix_seconds rendered_ = 0;
    std::size_t constant_;  // the longest line without its series' text, in bytes
    std::size_t longest_ = 0;
    texts texts_;
    detail::label_texts<lines> label_texts_;
    detail::text_index index_;
    detail::text_twins twins_;
    std::size_t removed_ = 0;  // series
};

}  // namespace backends
