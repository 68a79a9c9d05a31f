// SPDX-License-Identifier: BSL-1.0
//
// An observer that writes a log: one short line of printable ASCII per event, and at most one of a
// kind per interval. So no receiver and no broken network can fill a disk or a terminal, or write
// bytes of its own into it.
#pragma once

#include <backends/core/counters.hpp>
#include <backends/core/time.hpp>
#include <backends/driver/clock.hpp>
#include <backends/transport/destination.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Foreign bytes, to be quoted.
struct quoted {
    std::string_view bytes;  ///< of any kind; must outlive the call
};

/// Foreign words, such as an error category's, to be escaped.
struct escaped {
    std::string_view words;  ///< of any kind; must outlive the call
};

/// A line of a log in memory of fixed size. Longer text is cut off, and dots at the end say so.
class log_line {
public:
    /// Writes our own words as they are.
    log_line& operator<<(std::string_view words) noexcept {
        for (const char c : words) {
            put(c);
        }
        return *this;
    }
    log_line& operator<<(std::uint64_t n) noexcept {
        std::array<char, 20> digits;
        char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
        return *this << std::string_view{digits.data(),
                                         static_cast<std::size_t>(end - digits.data())};
    }
    log_line& operator<<(quoted other) noexcept {
        put('"');
        *this << escaped{other.bytes};
        put('"');
        return *this;
    }
    /// Writes each byte that is no printable ASCII, a quote or a backslash as `\xHH`.
    log_line& operator<<(escaped other) noexcept {
        constexpr std::string_view hex = "0123456789abcdef";
        for (const char c : other.words) {
            const auto code = static_cast<unsigned char>(c);
            if (code >= 0x20 && code < 0x7f && c != '"' && c != '\\') {
                put(c);
            } else {
                *this << "\\x" << hex.substr(code >> 4U, 1) << hex.substr(code & 15U, 1);
            }
        }
        return *this;
    }

    /// Writes the words of its category. Allocates for them.
    log_line& operator<<(std::error_code why) noexcept {
        try {
            *this << escaped{why.message()};
        } catch (...) {  // no memory for the words
            *this << escaped{why.category().name()} << " error "
                  << static_cast<unsigned>(why.value());
        }
        return *this;
    }

    /// One of the above, in the form for a function that is no template.
    class part {
    public:
        // NOLINTBEGIN(google-explicit-constructor)
        /// Takes what operator<< takes.
        part(const char* own) noexcept : part{std::string_view{own}} {}
        part(std::string_view own) noexcept
            : what_{is::own}, from_{own.data()}, number_{own.size()} {}
        part(quoted other) noexcept
            : what_{is::quoted}, from_{other.bytes.data()}, number_{other.bytes.size()} {}
        part(std::uint64_t n) noexcept : what_{is::number}, number_{n} {}
        part(std::error_code why) noexcept
            : what_{is::error},
              from_{&why.category()},
              number_{static_cast<std::uint64_t>(why.value())} {}
        // NOLINTEND(google-explicit-constructor)

        /// Appends it.
        void write(log_line& to) const noexcept {
            switch (what_) {
                case is::own: to << bytes(); break;
                case is::quoted: to << backends::quoted{bytes()}; break;
                case is::number: to << number_; break;
                case is::error:
                    to << std::error_code{static_cast<int>(number_),
                                          *static_cast<const std::error_category*>(from_)};
                    break;
            }
        }

    private:
        enum class is : std::uint8_t { own, quoted, number, error };

        [[nodiscard]] std::string_view bytes() const noexcept {
            return {static_cast<const char*>(from_), static_cast<std::size_t>(number_)};
        }

        // Few words, because every event writes several parts.
        is what_;
        const void* from_ = nullptr;  // bytes, or an error's category
        std::uint64_t number_;        // or the number of bytes
    };
    using parts = std::initializer_list<part>;  ///< a line's parts in order

    log_line& operator<<(parts all) noexcept {
        for (const part& one : all) {
            one.write(*this);
        }
        return *this;
    }

    /// The line so far; dots end one that was cut off.
    [[nodiscard]] std::string_view text() noexcept {
        if (length_ > shown) {
            std::memset(text_.data() + shown, '.', dots);
            length_ = text_.size();
        }
        return {text_.data(), length_};
    }

private:
    static constexpr std::size_t shown = 509;
    static constexpr std::size_t dots = 3;

    void put(char c) noexcept {
        if (length_ <= shown) {
            text_[length_++] = c;
        }
    }

    std::array<char, shown + dots> text_;
    std::size_t length_ = 0;
};

/// Writes to standard error.
struct to_standard_error {
    /// Writes the line and a newline with one call; an error is ignored.
    void operator()(std::string_view line) const noexcept {
        std::fprintf(stderr, "backends: %.*s\n", static_cast<int>(line.size()), line.data());
    }
};

/// @tparam Write  called with each line, without an end of line; must be noexcept
/// @tparam Clock  models clock; measures the interval
///
/// The default observer; `using observer = backends::no_observer;` in the policies silences it.
/// Allocates only for the words of an error. Called on the thread that drives the exporter.
template <class Write = to_standard_error, clock Clock = system_clock>
class event_log {
    static_assert(noexcept(std::declval<Write&>()(std::string_view{})),
                  "backends: what an event_log writes with must be noexcept");

public:
    /// @param interval  at most one line of each kind of event in this time
    explicit event_log(Write write, nanoseconds interval = seconds{10})
        : write_{std::move(write)}, interval_{interval} {}
    event_log() : event_log{Write{}} {}

    void on_connected(const destination& where) noexcept {
        say(kind::connected,
            {"connected to ", quoted{where.host}, " port ", quoted{where.service}});
    }
    void on_failure(const destination& where, std::error_code why) noexcept {
        say(kind::failure, {quoted{where.host}, " port ", quoted{where.service}, ": ", why});
    }
    void on_reply(const destination& where, std::string_view reply) noexcept {
        say(kind::reply,
            {quoted{where.host}, " port ", quoted{where.service}, " says ", quoted{reply}});
    }
    void on_dropped(drop_reason why, amount what) noexcept {
        say(kind::dropped,
            {"dropped ", what.lines, " lines, ", what.bytes, " bytes: ", to_string(why)});
    }
    void on_restored(amount what, std::uint64_t damaged) noexcept {
        say(kind::restored, {"the spool had ", what.lines, " lines, ", what.bytes, " bytes, and ",
                             damaged, " damaged records"});
    }
    void on_spool_failure(std::error_code why) noexcept {
        say(kind::spool_failure, {"spool: ", why});
    }
    void on_refused_series(std::string_view chart_id, std::string_view dimension,
                           std::error_code why) noexcept {
        say(kind::refused_series,
            {"not exported: ", quoted{chart_id}, " ", quoted{dimension}, ": ", why});
    }
    void on_refused_rows(std::string_view chart_id, std::uint64_t rows) noexcept {
        say(kind::refused_rows,
            {quoted{chart_id}, " refused ", rows,
             " rows: one row a slot, none of a time that is gone or a day ahead"});
    }
    void on_clock_steps(std::string_view chart_id, std::uint64_t times) noexcept {
        say(kind::clock_steps, {quoted{chart_id}, " found the clock set back ", times, " times"});
    }
    void on_folded(std::string_view family, std::uint64_t times) noexcept {
        say(kind::folded, {quoted{family}, " had no room for ", times,
                           " look-ups: they got its series of other"});
    }
    void on_merged_name(std::string_view chart_id, std::string_view dimension) noexcept {
        say(kind::merged_name, {quoted{chart_id}, " ", quoted{dimension},
                                " has the same safe name as another series"});
    }
    void on_postponed(std::string_view chart_id, std::error_code why) noexcept {
        say(kind::postponed, {"not exported yet: ", quoted{chart_id}, ": ", why});
    }
    void on_overrun(std::string_view chart_id, std::uint64_t samples) noexcept {
        say(kind::overrun, {quoted{chart_id}, ": ", samples,
                            " samples were overwritten before they were exported"});
    }
    void on_not_finite(std::string_view chart_id, std::uint64_t values) noexcept {
        say(kind::not_finite, {quoted{chart_id}, ": ", values,
                               " values are not sent, not finite or of a time before 1970"});
    }
    void on_missed_ticks(std::uint64_t cycles) noexcept {
        say(kind::missed_ticks, {"late: ", cycles, " exports are folded into the next one"});
    }
    void on_stamp_step(seconds by) noexcept {
        const auto n = static_cast<std::uint64_t>(by.value);
        say(kind::stamp_step, {"the system's clock was set ", by.value < 0 ? "back" : "forward",
                               " by ", by.value < 0 ? 0 - n : n, " s"});
    }

private:
    enum class kind : std::uint8_t {
        connected,
        failure,
        reply,
        dropped,
        restored,
        spool_failure,
        refused_series,
        merged_name,
        postponed,
        overrun,
        not_finite,
        missed_ticks,
        stamp_step,
        refused_rows,
        clock_steps,
        folded,
        count_
    };
    struct pace {
        bool began = false;
        instant next;
        std::uint64_t left_out = 0;
    };

    /// One function for all kinds of events; none of them is on the hot path.
    [[gnu::cold, gnu::noinline]] void say(kind what, log_line::parts all) noexcept {
        pace& p = paces_[static_cast<std::size_t>(what)];
        const instant now = Clock::steady_now();
        if (p.began && now < p.next) {
            ++p.left_out;
            return;
        }
        log_line line;
        line << all;
        if (p.left_out != 0) {
            line << " (and " << p.left_out << " more of the kind)";
        }
        p = {true, now + interval_, 0};
        write_(line.text());
    }

    [[no_unique_address]] Write write_;
    nanoseconds interval_;
    std::array<pace, static_cast<std::size_t>(kind::count_)> paces_{};
};

}  // namespace backends
