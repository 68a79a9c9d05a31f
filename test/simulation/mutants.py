#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Seeded defects. Copies the headers that they are in to a folder that is searched before the real
ones; there each listed site is

    (::backends::testing::mutant == K ? (defect) : (original))

or the same as a statement, so that one program holds all defects and picks one at run time.

    mutants.py INCLUDE_FOLDER OUTPUT_FOLDER

Fails when a site is not found exactly once: then a header has changed and the list must follow.
Blanks and line ends in a site stand for any blanks and line ends."""

import re
import sys
from pathlib import Path

# (what is wrong, header, text around the site with the site in «», the defect)
# A site that ends with ; is a statement, everything else is an expression.
DEFECTS = [
    ("a new connection resumes at a byte, not at a line", "queue/line_queue.hpp",
     "known_ = detail::larger(known_, begun_); sent_ = «0»;",
     "detail::smaller<std::size_t>(sent_, 1)"),
    ("a half-confirmed line leaves the queue", "queue/line_queue.hpp",
     "const std::size_t end = «line_start(held_ + n)»; const bool known", "held_ + n"),
    ("off by one at the wrap", "queue/byte_block.hpp",
     "return data_.data() + («offset < first» ? head_ + offset : offset - first);",
     "offset <= first"),
    ("one byte too much room behind the wrap", "queue/byte_block.hpp",
     "if («n <= head_» && (may_turn_early", "n <= head_ + 1"),
    ("what was written behind an early turn does not move", "queue/byte_block.hpp",
     "«std::memcpy(data_.data() + wrap_, data_.data(), tail_);» tail_ += wrap_;", ";"),
    ("what an earlier connection had begun is forgotten", "queue/line_queue.hpp",
     "«known_ = detail::larger(known_, begun_);» sent_ = 0;", ";"),
    ("dropping does not move what had begun before", "queue/line_queue.hpp",
     "«known_ = moved(known_);»", ";"),
    ("dropping the oldest batch takes lines that have begun", "queue/line_queue.hpp",
     "return erase(«begun_», batches_.after(begun_, size()));", "0"),
    ("the begun lines do not move up behind a dropped batch", "queue/byte_block.hpp",
     "«move_up(first, last - first);» drop_front(last - first);", ";"),
    ("dropping the newest batch takes lines that have begun", "queue/line_queue.hpp",
     "return erase(«detail::larger(begun_, batches_.before(size()))», size());",
     "batches_.before(size())"),
    ("half a line is dropped with the batch behind it", "queue/line_queue.hpp",
     "const std::size_t end = «line_end(sent_)»; const bool all", "sent_"),
    ("all that waits counts as begun, although a part was written", "queue/line_queue.hpp",
     "const bool all = «end == size()» && waiting != unknown", "true"),
    ("all in flight counts as confirmed, although a part was acknowledged", "queue/line_queue.hpp",
     "const bool known = «end == begun_» && in_flight != unknown;", "true"),
    ("the length of a record has one byte", "core/record_ends.hpp",
     "if (n < 2 || «byte(1) < 128»)", "true"),
    ("a header in two pieces is read in one", "queue/block_records.hpp",
     "return «*block.at(offset + i)»;", "block.at(offset)[i]"),
    ("a record that is not whole counts", "queue/block_records.hpp",
     "if («next.bytes > last - at») { break; }", "next.bytes > block.size() - at"),
    ("the rest of a record is not known", "queue/block_records.hpp",
     "return «rest == 0» ? ends::first({first, size})", "true"),
    ("an accepted line is not counted as queued", "queue/account.hpp",
     "queue_.commit(lines.bytes); counters.accepted += lines; «counters.queued += lines;»", ";"),
    ("a refused line is not counted as dropped", "queue/account.hpp",
     "counters.queued += lines; «drop(lines, reason);»", ";"),
    ("a dropped line is still counted as queued", "queue/account.hpp",
     "if (lines.lines != 0) { «counters.queued -= lines;»", ";"),
    ("a torn tail is not counted", "queue/account.hpp", "«++counters.torn_tails;»", ";"),
    ("an acknowledged half of a line is not seen as torn", "queue/account.hpp",
     "if (queue_.inside_line() || «!queue_.starts_line(queue_.held() + acknowledged)»)", "false"),
    ("a confirmed line stays in flight", "queue/account.hpp",
     "«counters.in_flight -= lines;» counters.confirmed += lines;", ";"),
    ("a lost connection's lines stay in flight", "queue/account.hpp",
     "counters.queued += counters.in_flight; «counters.in_flight = {};»", ";"),
    ("replayed lines are not counted", "queue/account.hpp",
     "«counters.replayed += lines.again;»", ";"),
    ("lines are released when they are written", "delivery/connection.hpp",
     "detail::smaller(«Confirmation::confirmed(bytes)», bytes.written)", "bytes.written"),
    ("one byte more than was acknowledged", "delivery/connection.hpp",
     "detail::smaller(«Confirmation::confirmed(bytes)», bytes.written)",
     "Confirmation::confirmed(bytes) + 1"),
    ("what the peer may not have read is not doubted", "delivery/machine_end.hpp",
     "account_.counters.acked_unconfirmed += «connection_.in_doubt(queue())»;", "0"),
    ("lines that are too old stay", "delivery/machine_next.hpp",
     "if («options_.max_age.value != 0») { account_.expire(", "false"),
    ("lines expire too early", "delivery/machine_next.hpp",
     "account_.expire(now + nanoseconds{«-options_.max_age.value»});",
     "-options_.max_age.value / 2"),
    ("a batch forgets since when it waits", "queue/batch_ends.hpp",
     "ends_[kept++] = {end, «ends_[i].at»};", "instant{}"),
    ("poison is never dropped", "delivery/quarantine.hpp",
     "«places_[here_].evidence >= limit_ + caution(detail::smaller(failures_, patience))»",
     "false"),
    ("poison is dropped too early", "delivery/quarantine.hpp",
     "«places_[here_].evidence >= limit_ + caution(detail::smaller(failures_, patience))»",
     "places_[here_].evidence + 1 >= limit_"),
    ("a line is poison although nothing else was confirmed", "delivery/quarantine.hpp",
     "return «refused» && limit_ != 0 && ++here.evidence >= limit_;", "true"),
    ("a probe that fails takes no evidence back", "delivery/quarantine.hpp",
     "++passed_over_; «here = {};»", "here.failed = false;"),
    ("destinations are one to the evidence", "delivery/quarantine.hpp",
     "here_ = «detail::smaller(destination, places_.size() - 1)»;", "0"),
    ("a line is held back as long as the connection lives", "delivery/connection.hpp",
     "if («queue.held() != 0 && (unconfirmed(queue) == 0 || Confirmation::holds != 0)»)",
     "false"),
    ("lines that never began are held back too", "queue/line_queue.hpp",
     "if (lines != 0 || «end > known_» || end == size())", "false"),
    ("a confirmed probe takes what was held back along", "queue/line_queue.hpp",
     "return erase(«held_», end, known", "0"),
    ("another line than the poison is dropped", "queue/line_queue.hpp",
     "const std::size_t first = «held_ != 0 ? 0 : begun_»;", "begun_"),
    ("a connection that is given up ends in the ordinary way", "delivery/machine_end.hpp",
     "release(«connection_.must_reset(queue())»);",
     "blame ? false : connection_.must_reset(queue())"),
    ("a stop that gives up ends in the ordinary way", "delivery/machine_next.hpp",
     "if (living()) { «end_connection(false);»",
     "end_connection(false); release_ = action_kind::close;"),
    ("what our kernel still has is left to it", "delivery/connection.hpp",
     "return queue.inside_line() || («queue.in_flight() != 0» && !all_acknowledged);", "false"),
    ("half a line ends in the ordinary way when it is acknowledged", "delivery/connection.hpp",
     "return «queue.inside_line()» || (queue.in_flight() != 0 && !all_acknowledged);", "false"),
    ("a connection is never renewed", "delivery/machine_next.hpp",
     "const bool renews = «failover_.is_due(now, options_.renew_every)»;", "false"),
    ("a connection is renewed wherever it is", "delivery/machine_next.hpp",
     "connection_.bytes.written != 0 && «queue().at_batch_end()»", "true"),
    ("a renewed connection goes where the last one went", "delivery/failover.hpp",
     "if («is_due(now, renew_every)») { return restart(now);", "false"),
    ("a failure is counted and not told", "delivery/machine.hpp", "«untold_ = true;»", ";"),
    ("a failure is told of the first destination", "delivery/machine.hpp",
     "last_ = {«failover_.destination()», why};", "std::size_t{0}"),
    ("a stalled destination that took something is tried again", "delivery/machine_end.hpp",
     "enter(useful && «!leaves» ?", "true"),
    ("a suspected line does not travel alone", "delivery/quarantine.hpp",
     "allowance_ = «in_a_row_ < most» ? allowance_ : 1;", "true"),
    ("the bound on unacknowledged bytes is not kept", "delivery/connection.hpp",
     "if («n > room»)", "false"),
    ("an epoch never comes to its end", "delivery/connection.hpp",
     "return «Confirmation::remaining(bytes) == 0» ||", "false"),
    ("an epoch ends inside a line", "delivery/connection.hpp",
     "if (bytes.written == 0 || «queue.inside_line()») { return false; }", "false"),
    ("a blocked transport is asked again at once", "delivery/connection.hpp",
     "if («write_blocked») { return {}; }", "false"),
    ("the back-off is reset when a connection is established", "delivery/machine_events.hpp",
     "«++account_.counters.connections;»",
     "++account_.counters.connections; failover_.confirmed();"),
    ("a lost connection is not closed", "delivery/machine_end.hpp",
     "release_ = «with_reset ? action_kind::abort : action_kind::close»;",
     "living() ? action_kind::none : action_kind::close"),
    ("a stalled destination is not left", "delivery/machine_next.hpp",
     "else if («living() && now >= patience()») { const bool open", "false"),
    ("an end of stream is believed with bytes unacknowledged", "delivery/machine_end.hpp",
     "connection_.peer_ended && «connection_.bytes.unacknowledged == 0»", "true"),
    ("a stop ends the connection before everything is written", "delivery/machine_next.hpp",
     "(stopping() && «queue().sent() == queue().size()»)", "true"),
    ("a useful connection is renewed without a pause", "delivery/machine_end.hpp",
     "failover_.restart(«began + options_.min_backoff»)", "now"),
    ("a connection is closed without the last question", "delivery/machine_next.hpp",
     "if («gives_up && connection_.final_query(now, queue())»)", "false"),
    ("a stop ignores its deadline", "delivery/machine_next.hpp",
     "if («stopping() && now >= stop_at_») { halt();", "false"),
    ("a stop forgets what is queued", "delivery/machine_next.hpp",
     "«account_.drop_all(drop_reason::shutdown);»", ";"),
    ("every second destination is passed over", "delivery/failover.hpp",
     "if («++destination_ < destinations_»)", "(destination_ += 2) < destinations_"),
    ("after a failure the walk does not start again", "delivery/failover.hpp",
     "asked_for_ = {}; «destination_ = 0;»", ";"),
    ("a look-up never times out", "delivery/failover.hpp",
     "until_ = now + «options.resolve_timeout»;", "nanoseconds{seconds{100'000'000}}"),
    ("what a late look-up has found is thrown away", "transport/known_name.hpp",
     "static_cast<void>(«collect(found)»);", "found()"),
    ("addresses of a name that is gone are used on", "transport/known_name.hpp",
     "if («got->is_answer()») {", "!got->endpoints.empty()"),
    ("every question counts as progress", "delivery/connection.hpp",
     "if (bytes.acknowledged() == before) { «return false;» }",
     "progress_at_ = now; return false;"),
    ("a transport that says it is writable cannot stall", "delivery/connection.hpp",
     "return bytes.unacknowledged != 0 || «starved_»;", "write_blocked"),
    ("a flood of replies is read without end", "delivery/connection.hpp",
     "return readable && !peer_ended && «budget_ != 0»;", "true"),
    ("the back-off grows beyond its longest delay", "delivery/backoff.hpp",
     "ceiling_ = «ceiling_ > longest_ / 2» ? longest_ : 2 * ceiling_;", "false"),
    ("the back-off has no shortest delay", "delivery/backoff.hpp",
     "return nanoseconds{«shortest_» + static_cast", "0"),
    ("nobody asks what is unacknowledged when a connection fails", "driver/shipping.hpp",
     "machine_.failed(now, attempt, done.error, «known()»);", "ack_report{}"),
    ("what the machine closes stays open", "driver/shipping.hpp",
     "case action_kind::close: «transport_.close();»", ";"),
    ("a receiver's delay is forgotten", "delivery/failover.hpp",
     "return restart(detail::larger(now + backoff_.next(random_), «asked_for_»));", "instant{}"),
    ("a delay outlives its round", "delivery/failover.hpp",
     "renewed_ = false; «asked_for_ = {};»", ";"),
    ("a delay has no bound", "delivery/machine_end.hpp",
     "«detail::smaller(delay, options_.max_delay)»", "delay"),
    ("a line is blamed for a receiver without time", "delivery/machine_end.hpp",
     "end_connection(«why != make_error_code(errc::not_now)»)", "true"),
    ("a receiver without time is tried again after use", "delivery/machine_end.hpp",
     "lose(now, make_error_code(errc::not_now), «true»,", "false"),
    ("what was accepted and what was refused is one", "delivery/machine_events.hpp",
     "report.unacknowledged.value_or(0) + «n»", "0"),
    ("refused lines count as confirmed", "delivery/machine_events.hpp",
     "const amount lines = «account_.reject(before, connection_.kept_acknowledged(queue()) - "
     "before)»;", "account_.confirm(connection_.kept_acknowledged(queue()))"),
    ("lines without an answer are rejected with those before", "delivery/machine_events.hpp",
     "const amount lines = «account_.reject(before, connection_.kept_acknowledged(queue()) - "
     "before)»;", "account_.reject(before, queue().sent() - queue().held() - before)"),
    ("a rejected line stays in flight", "queue/account.hpp",
     "«counters.in_flight -= lines;» counters.queued += lines; drop(", ";"),
    ("a rejected line counts as poison", "queue/account.hpp",
     "drop(lines, «drop_reason::rejected»);", "drop_reason::poison"),
    ("a refusal ends the connection", "driver/shipping.hpp",
     "if («done.error == errc::refused && done.count != 0»)", "false"),
    ("a receiver without time counts as a broken connection", "driver/shipping.hpp",
     "if («done.error == errc::not_now»)", "false"),
    ("nobody passes on how long a receiver needs", "driver/shipping.hpp",
     "machine_.not_now(now, attempt, «done.delay», known());", "nanoseconds{}"),
    ("bytes that arrive are no progress", "driver/shipping.hpp",
     "«machine_.arrived(now, machine_.attempt(), transport_.arrived());»", ";"),
    ("bytes that have arrived are progress for ever", "delivery/connection.hpp",
     "if («n > std::exchange(arrived_, n)»)", "n >= std::exchange(arrived_, n)"),
    ("a refusal confirms what has no answer yet", "driver/shipping.hpp",
     "machine_.refused(now, attempt, done.count, «known()»);", "ack_report{}"),
    ("a connect is begun again while it lasts", "delivery/machine_next.hpp",
     "return «begun_» ? action{} : begin(action_kind::connect", "false"),
    ("a look-up that is given up goes on", "delivery/machine_next.hpp",
     "failure(make_error_code(errc::timed_out)); «release();» leave(now);", ";"),
    ("a renewed connection begins its time anew", "delivery/failover.hpp",
     "«renewed_ = true;» return phase::idle;", ";"),
    ("the last sample of a cycle is in the next one too", "source/stored.hpp",
     "at.next = «range.end»;", "range.end - 1"),
    ("overwritten samples are not counted", "source/stored.hpp",
     "return «recorded - std::exchange(at.samples, recorded)»;", "0"),
    ("the first sample that is new is passed over", "source/stored.hpp",
     "recorded.kept.within({«at.next», INT64_MAX});",
     "at.next == INT64_MIN ? at.next : at.next + 1"),
    ("missed cycles are made up for one by one", "exporter/schedule.hpp",
     "go_on(«late / length()»);", "1"),
    ("missed cycles are not counted", "exporter/tick.hpp",
     "«count_.missed_ticks += now.missed;»", ";"),
    ("a clock that was set back repeats the stamps of its periods", "exporter/schedule.hpp",
     "if («was_set && is_taken()» && *last_", "false"),
    ("unaligned cycles of one second have one stamp", "exporter/schedule.hpp",
     "return had ? *last_ + «1» : now;", "0"),
    ("a late cycle's successor follows it at once", "exporter/schedule.hpp",
     "now + nanoseconds{«length() / 2»}", "0"),
    ("what a cycle found overwritten is forgotten", "exporter/told_losses.hpp",
     "«count.overrun += overrun;» count.not_finite += not_finite;", ";"),
]

SWITCH = "::backends::testing::mutant"


def pattern(text):
    """Any blanks where the text has some, and also around punctuation."""
    return r"\s*".join(re.escape(word) for word in re.findall(r"\w+|[^\w\s]", text))


def sites(source, site):
    """Where the part in «» stands, each as (begin, end)."""
    before, rest = site.split("«")
    good, after = rest.split("»")
    whole = f"({pattern(before)}\\s*)({pattern(good)})(?=\\s*{pattern(after)})"
    return [match.span(2) for match in re.finditer(whole, source)]


def with_defect(number, good, defect):
    if good.endswith((";", "}")):
        return f"{{ if ({SWITCH} == {number}) {{ {defect} }} else {{ {good} }} }}"
    return f"({SWITCH} == {number} ? ({defect}) : ({good}))"


def main(include, output, defects):
    edits = {}
    mistakes = []
    for number, (name, header, site, defect) in enumerate(defects, 1):
        source = (Path(include) / "backends" / header).read_text()
        found = sites(source, site)
        if len(found) == 1:
            edits.setdefault(header, {}).setdefault(found[0], []).append((number, defect))
        else:
            mistakes.append(f"defect {number} ({name}): {len(found)} sites in {header}, not 1")
    if mistakes:
        sys.exit("\n".join(mistakes))
    for header, spans in edits.items():
        text = (Path(include) / "backends" / header).read_text()
        last = len(text)
        for (begin, end), there in sorted(spans.items(), reverse=True):
            if end > last:
                sys.exit(f"{header}: two sites overlap")
            last = begin
            replacement = text[begin:end]
            for number, defect in there:
                replacement = with_defect(number, replacement, defect)
            text = text[:begin] + replacement + text[end:]
        text = text.replace("#pragma once",
                            "#pragma once\n#include <backends/testing/mutant.hpp>", 1)
        write(Path(output) / "backends" / header, text)
    folder = Path(output) / "backends" / "testing"
    write(folder / "mutant.hpp", "#pragma once\n#include <backends/isa.hpp>\n"
          "namespace backends::inline BACKENDS_ISA::testing {\ninline int mutant = 0;\n}\n")
    names = "".join(f'    "{name}",\n' for name, *_ in defects)
    write(folder / "mutant_names.hpp",
          f"#pragma once\ninline constexpr const char* mutant_names[] = {{\n{names}}};\n")


def write(file, text):
    """Only when it differs, so that nothing is compiled again for nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists() or file.read_text() != text:
        file.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:], DEFECTS)
