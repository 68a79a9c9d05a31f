// SPDX-License-Identifier: BSL-1.0
//
// A script drives a delivery machine step by step and says what it expects: the counterpart of the
// random world, for behaviour that is to be read.
#pragma once

#include <backends/delivery/machine.hpp>

#include "catch.hpp"
#include "support/records.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

template <class Machine>
struct script {
    using kind = backends::action_kind;
    /// Of its records: those of text, or fields with as many bytes.
    using records = std::conditional_t<
        std::is_same_v<decltype(std::declval<Machine>().queue()), const backends::line_queue&>,
        test::text_records, test::field_records>;

    Machine machine;
    backends::instant now{1'000'000'000};
    backends::action last{};

    explicit script(const backends::delivery_options& options = {}, std::size_t destinations = 1)
        : machine{options, destinations} {}

    static std::error_code refused() { return std::make_error_code(std::errc::connection_refused); }
    static std::error_code reset() { return std::make_error_code(std::errc::connection_reset); }

    const backends::delivery_counters& counters() const { return machine.counters(); }
    std::uint64_t dropped(backends::drop_reason reason) const {
        return counters().dropped[static_cast<std::size_t>(reason)].lines;
    }

    void put(std::string_view text) {
        const std::string lines = test::like<records>(text);
        char* room = machine.reserve(lines.size());
        REQUIRE(room != nullptr);
        std::copy(lines.begin(), lines.end(), room);
        machine.commit(lines.size(),
                       static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
    }
    void batch(std::string_view lines) {
        put(lines);
        machine.end_batch(now);
    }
    void pass(backends::nanoseconds time) { now = now + time; }

    /// The next action, which must be this one. Reads that the script does not care about find
    /// nothing.
    backends::action expect(kind wanted) {
        const std::uint64_t attempt = last.attempt;
        last = machine.next(now);
        while (last.kind == kind::read && wanted != kind::read) {
            machine.would_block(now, last.attempt);
            last = machine.next(now);
        }
        if (last.kind == kind::none) {
            last.attempt = attempt;  // for the news that come by themselves
        }
        REQUIRE(std::string{backends::to_string(last.kind)} == backends::to_string(wanted));
        CHECK(counters().balanced());
        return last;
    }
    std::string expect_write() {
        const auto a = expect(kind::write);
        return {a.bytes.data(), a.bytes.size()};
    }
    void expect_nothing() {
        expect(kind::none);
        CHECK(machine.deadline() > now);
    }
    void wrote(std::size_t n, backends::ack_report unacknowledged) {
        machine.wrote(now, last.attempt, n, unacknowledged);
        CHECK(counters().balanced());
    }
    /// Writes all that the machine has to write, and nothing of it is acknowledged.
    std::string write_all(std::size_t unacknowledged_before = 0) {
        const std::string text = expect_write();
        wrote(text.size(), unacknowledged_before + text.size());
        return text;
    }
    void acknowledged(backends::ack_report unacknowledged) {
        machine.acknowledged(now, last.attempt, unacknowledged);
        CHECK(counters().balanced());
    }
    void resolve(std::size_t endpoints = 1) {
        expect(kind::resolve);
        machine.resolved(now, last.attempt, endpoints);
    }
    void connect() {
        resolve();
        expect(kind::connect);
        machine.connected(now, last.attempt);
    }
    void refuse() {
        expect(kind::connect);
        machine.connect_failed(now, last.attempt, refused());
    }
    void fail(backends::ack_report unacknowledged) {
        machine.failed(now, last.attempt, reset(), unacknowledged);
        CHECK(counters().balanced());
    }
    void end_of_stream(backends::ack_report unacknowledged = 0) {
        machine.end_of_stream(now, last.attempt, unacknowledged);
        CHECK(counters().balanced());
    }
};
