// SPDX-License-Identifier: BSL-1.0
//
// Errors come in two forms. Configuration and registration run before everything else and throw
// config_error, which names the key and the value. Everything later returns a std::error_code, of
// the system or of the category below, and never throws.
#pragma once

#include <backends/core/joined.hpp>
#include <backends/isa.hpp>

#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace backends::inline BACKENDS_ISA {

/// The library's own errors.
enum class errc {
    would_block = 1,  ///< nothing to read or no room to write now; not a failure
    end_of_stream,    ///< the peer closed its side
    timed_out,        ///< a deadline passed: resolving, connecting, or writing without progress
    no_address,       ///< a name resolved to nothing
    self_connected,   ///< the connection's two ends are the same socket
    line_too_long,    ///< the series' longest line exceeds the format's limit
    name_too_long,    ///< one component of a name exceeds the format's limit
    name_refused,     ///< the name rule refuses this name
    too_many_tags,    ///< more tags than the format allows
    tag_refused,      ///< a tag's name or value breaks the format's rules
    malformed_line,   ///< text that the format's grammar cannot produce
    stopped,          ///< the exporter was stopped
    already_driven,   ///< another start(), async_run() or poll() drives the exporter
    not_driven,       ///< nothing has driven the exporter, so it delivered nothing
    other_process,    ///< the exporter belongs to the parent of a fork
    on_executor,      ///< the transport's events come from the user's executor
    no_executor,      ///< the transport has no executor
    tag_repeated,     ///< a line has two tags of this name
    not_now,          ///< the receiver takes nothing for now; io_result::delay says how long
    refused,          ///< the receiver refuses the oldest bytes for good; io_result::count of them
};

namespace detail {
class error_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "backends"; }
    [[nodiscard]] std::string message(int code) const override {
        return detail::string_of(words(code));
    }

private:
    static const char* words(int code) noexcept {
        switch (static_cast<errc>(code)) {
            case errc::would_block: return "the operation would block";
            case errc::end_of_stream: return "the peer closed the connection";
            case errc::timed_out: return "the deadline passed";
            case errc::no_address: return "the name has no address";
            case errc::self_connected: return "the connection reached itself";
            case errc::line_too_long:
                return "the line is longer than format, datagram or unacknowledged_bytes allow";
            case errc::name_too_long: return "the name is longer than the format allows";
            case errc::name_refused: return "the name holds bytes that the name rule refuses";
            case errc::too_many_tags: return "more tags than the format allows";
            case errc::tag_refused: return "the tag breaks the format's rules";
            case errc::malformed_line: return "the line does not follow the format's grammar";
            case errc::stopped: return "the exporter was stopped";
            case errc::already_driven:
                return "the exporter is driven already, by start(), async_run() or poll()";
            case errc::not_driven:
                return "the exporter was never driven: call start(), async_run() or poll()";
            case errc::other_process:
                return "the exporter belongs to the process that forked this one: make one here";
            case errc::on_executor:
                return "the transport is on an executor of yours: drive the exporter by "
                       "async_run()";
            case errc::no_executor:
                return "the transport has no executor: give it one, or use start() or poll()";
            case errc::tag_repeated: return "two tags have this name once it is made safe";
            case errc::not_now: return "the receiver takes nothing for now";
            case errc::refused: return "the receiver refuses these records";
        }
        return "unknown error";
    }
};
}  // namespace detail

/// The category of errc. Thread-safe.
[[gnu::noinline]] inline const std::error_category& error_category() noexcept {
    static const detail::error_category category;
    return category;
}

/// Lets an errc stand where a std::error_code does.
inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), error_category()};
}

namespace detail {
/// Converts the exception being handled to an error code. Precondition: one is being handled.
inline std::error_code handled_error() noexcept {
#if defined(__cpp_exceptions)
    try {
        throw;
    } catch (const std::system_error& e) {
        return e.code();
    } catch (const std::bad_alloc&) {
        return std::make_error_code(std::errc::not_enough_memory);
    } catch (const std::length_error&) {
        return std::make_error_code(std::errc::value_too_large);
    } catch (...) {
        return std::make_error_code(std::errc::io_error);
    }
#else
    return std::make_error_code(std::errc::io_error);
#endif
}
}  // namespace detail

/// An unusable setting. what() reads `KEY = VALUE: why`. Thrown only before anything has started.
class config_error : public std::runtime_error {
public:
    /// what() is a sentence of all three.
    config_error(std::string_view key, std::string_view value, std::string_view why)
        : std::runtime_error{detail::joined({key, " = ", printable(value), ": ", why})},
          key_{detail::string_of(key)},
          value_{detail::string_of(value)},
          why_{detail::string_of(why)} {}

    /// The option or name at fault.
    [[nodiscard]] const std::string& key() const noexcept { return key_; }
    [[nodiscard]] const std::string& value() const noexcept { return value_; }  ///< as it was given
    /// Why it cannot be used.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
    // A value may be any bytes of any length. The message is one short line, safe for a terminal.
    static std::string printable(std::string_view text) {
        constexpr std::size_t shown = 120;
        std::string out = detail::string_of(text.substr(0, shown));
        for (char& c : out) {
            const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
            c = plain ? c : '?';
        }
        if (text.size() > shown) {
            detail::append(out, {"..."});
        }
        return out;
    }

    std::string key_;
    std::string value_;
    std::string why_;
};

}  // namespace backends

template <>
struct std::is_error_code_enum<backends::errc> : std::true_type {};
