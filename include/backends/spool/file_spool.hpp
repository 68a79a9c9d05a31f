// SPDX-License-Identifier: BSL-1.0
//
// Spool stage. The line queue in files, a model of spool: it appends the queue's new lines to the
// newest file, notes there which lines have left, and gives the rest to the next process. Written
// lines survive every end of the process; a loss of power only with spool_options::sync.
#pragma once

#include <backends/core/as.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/extremes.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/core/record_ends.hpp>
#include <backends/core/time.hpp>
#include <backends/queue/queue_view.hpp>
#include <backends/spool/file.hpp>
#include <backends/spool/live_ranges.hpp>
#include <backends/spool/record.hpp>
#include <backends/spool/recovery.hpp>
#include <backends/spool/segment_log.hpp>
#include <backends/spool/spool.hpp>

#include <sys/file.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace backends::inline BACKENDS_ISA {

/// Costs one check sum, and one or two system calls to write, per batch; copies nothing, and
/// allocates nothing after the start. On disk it takes at most twice the queue's capacity and four
/// segments, and once more the queue's bytes while it rewrites them; mostly the queue's bytes and
/// two segments.
///
/// When the disk fails, delivery goes on without it: the spool counts the failure, and every second
/// from then on tries to rewrite the whole queue.
///
/// Not thread-safe. In a child of fork() it does nothing.
class file_spool {
public:
    static constexpr std::string_view name = "file_spool";

    /// Opens the folder for this process alone. Throws config_error when that fails.
    explicit file_spool(const spool_options& options) : options_{options} {
        if (!options.directory.empty()) {
            check_numbers();
            open();
        }
    }
    file_spool(const file_spool&) = delete;
    file_spool& operator=(const file_spool&) = delete;

    /// Leaves no segment when no line is left.
    ~file_spool() {
        if (log_ && !process_.in_child() && !must_rewrite_ && log_->live().size() == 0 &&
            log_->live().end() == log_->end()) {
            log_->remove_all();
        }
    }

    /// Calls accept(lines, ends_batch) for the kept lines, in order: whole lines, and whether the
    /// last one ends its batch. Counts damage and leaves it out. Throws config_error when a file is
    /// not the spool's, or when the queue cannot hold the lines.
    template <class Accept>
    void restore(Accept accept) {
        if (!folder_.is_open()) {
            return;
        }
        detail::recovery found{folder_, options_.directory, options_.contents, options_.queue_bytes,
                               options_.ends};
        counters_.damaged_records = found.damaged;
        for (const auto& piece : found.pieces) {
            counters_.restored.bytes += piece.lines.size();
            counters_.restored.lines += detail::count_records(options_.ends, piece.lines);
            accept(piece.lines, piece.ends_batch);
        }
        must_rewrite_ = !found.segments.empty();
        log_.emplace(std::move(folder_),
                     detail::segment_log::settings{
                         options_.contents, options_.segment_bytes,
                         2 * options_.queue_bytes + 4 * options_.segment_bytes, options_.sync},
                     std::move(found.segments), found.live, found.end, found.next_number);
    }

    /// No error: the queue's lines are on disk, and no others will come back. Without a folder it
    /// always returns an error, and counts no failure.
    std::error_code keep(const queue_view& queue, instant now) noexcept {
        if (!log_) {
            return std::make_error_code(std::errc::operation_not_supported);
        }
        const seen what{queue};
        if (what == seen_ && !must_rewrite_) {
            return {};
        }
        if (process_.in_child()) {
            return std::make_error_code(std::errc::operation_not_permitted);
        }
        if (must_rewrite_ && now < retry_at_) {
            return error_;
        }
        if (must_rewrite_ || what.numbering != seen_.numbering ||
            log_->needs_rewrite(detail::smaller<std::uint64_t>(what.size, what.end - seen_.end))) {
            error_ = write_anew(queue);
        } else {
            error_ = write_changes(queue);
        }
        must_rewrite_ = static_cast<bool>(error_);
        if (error_) {
            ++counters_.spool_failures;
            retry_at_ = now + seconds{1};
        } else {
            seen_ = what;
        }
        return error_;
    }

    [[nodiscard]] const spool_counters& counters() const noexcept { return counters_; }
    /// Bytes on disk.
    [[nodiscard]] std::uint64_t disk_bytes() const noexcept { return log_ ? log_->bytes() : 0; }

private:
    /// Differs whenever the queue's lines do.
    struct seen {
        seen() = default;
        explicit seen(const queue_view& q) noexcept
            : size{q.size()},
              front{q.position(0)},
              end{q.position(size)},
              numbering{q.numbering()} {}
        friend bool operator==(const seen&, const seen&) = default;

        std::size_t size = 0;
        std::uint64_t front = 0;
        std::uint64_t end = 0;
        std::uint64_t numbering = 0;
    };

    void check_numbers() const {
        if (options_.segment_bytes < 4096) {
            throw config_error{"segment_bytes", std::to_string(options_.segment_bytes),
                               "must be 4096 or more"};
        }
        if (options_.queue_bytes > std::size_t{1} << 31U) {
            throw config_error{"queue_bytes", std::to_string(options_.queue_bytes),
                               "must be 2147483648 or less with a spool"};
        }
    }

    void open() {
        const auto refuse = [this](std::string_view why) {
            throw config_error{"spool_directory", options_.directory, why};
        };
        folder_ = detail::file::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY);
        if (!folder_.is_open()) {
            refuse(detail::last_error().message());
        }
        lock_ = detail::file::open("spool.lock", O_RDWR | O_CREAT, folder_.number());
        if (!lock_.is_open()) {
            refuse("cannot be written to: " + detail::last_error().message());
        }
        if (::flock(lock_.number(), LOCK_EX | LOCK_NB) != 0) {
            refuse(errno == EWOULDBLOCK ? "is in use by another exporter or process"
                                        : detail::last_error().message());
        }
    }

    /// The position in the log of the queue's position.
    [[nodiscard]] std::uint64_t in_log(std::uint64_t position) const noexcept {
        return position + shift_;
    }

    /// Appends the lines from `offset` on.
    std::error_code append(detail::record_kind kind, const queue_view& queue,
                           std::size_t offset) noexcept {
        if (offset == queue.size()) {
            return {};
        }
        while (offset != queue.size()) {
            const queue_stretch next = queue.from(offset);
            if (const auto error = log_->append(kind, next.ends_batch, in_log(next.position),
                                                next.first, next.second)) {
                return error;
            }
            offset += next.size();
        }
        return log_->sync();
    }

    /// The logged part of the queue, and the queue's offset at which it ends.
    std::pair<detail::live_ranges, std::size_t> logged(const queue_view& queue) const noexcept {
        detail::live_ranges live{log_->end()};
        std::size_t offset = 0;
        while (offset != queue.size()) {
            const queue_stretch next = queue.from(offset);
            const std::uint64_t begin = in_log(next.position);
            if (begin >= log_->end()) {
                break;
            }
            const std::uint64_t end = detail::smaller(begin + next.size(), log_->end());
            live.add({begin, end});
            offset += detail::as<std::size_t>(end - begin);
        }
        return {live, offset};
    }

    std::error_code write_changes(const queue_view& queue) noexcept {
        // Notes what is gone first: the disk never holds more lines than the queue can.
        const auto [live, offset] = logged(queue);
        if (!(live == log_->live())) {
            if (const std::error_code error = log_->note(live)) {
                return error;
            }
        }
        return append(detail::record_kind::lines, queue, offset);
    }

    /// Writes all lines again after the older segments, and only then lets those go.
    std::error_code write_anew(const queue_view& queue) noexcept {
        shift_ = log_->end() - queue.position(0);
        const std::uint64_t first_segment = log_->begin_anew();
        std::error_code error = append(detail::record_kind::copies, queue, 0);
        if (!error) {
            error = log_->note(logged(queue).first, true);
        }
        if (error) {
            log_->undo(first_segment);
        }
        return error;
    }

    spool_options options_;
    detail::file folder_;
    detail::file lock_;
    std::optional<detail::segment_log> log_;
    std::uint64_t shift_ = 0;  // from a position in the queue to one in the log
    seen seen_;
    bool must_rewrite_ = false;
    std::error_code error_;
    instant retry_at_ = {};
    spool_counters counters_;
    fork_detector process_;
};

}  // namespace backends
