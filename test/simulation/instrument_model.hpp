// SPDX-License-Identifier: BSL-1.0
//
// What instruments promise, on simulated threads: whatever the order in which these go on at each
// atomic access and each lock, the sums that are read are those of what was counted. The headers
// of the instruments are the copies that instrument_mutants.py makes.
#pragma once

#include <backends/exporter/cycle.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/shared_cells.hpp>
#include <backends/instrument/thread_number.hpp>
#include <backends/instrument/up_down_counter.hpp>
#include <backends/source/sum.hpp>
#include <backends/storage/host.hpp>

#include "simulated_threads.hpp"

#include <boost/hana/adapt_struct.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulation {

inline void swap_local(backends::detail::thread_state& with) {
    std::swap(with, backends::detail::this_thread);
}
inline void end_of_thread() { backends::detail::end_thread(); }

using threads = simulated_threads<backends::detail::thread_state, swap_local, end_of_thread>;

struct shared_stats {
    backends::counter a, b;
    backends::up_down_counter balance;
    backends::peak<int> high;
};
struct own_stats {
    backends::counter n;
    backends::peak<int> high;
};

}  // namespace simulation

BOOST_HANA_ADAPT_STRUCT(simulation::shared_stats, a, b, balance, high);
BOOST_HANA_ADAPT_STRUCT(simulation::own_stats, n, high);

namespace simulation {

/// The first promise that was not kept.
class verdict {
public:
    void expect(bool is_so, const char* promise) noexcept {
        if (!is_so && broken_ == nullptr) {
            broken_ = promise;
        }
    }
    [[nodiscard]] const char* broken() const noexcept { return broken_; }

private:
    const char* broken_ = nullptr;
};

/// Two numbers are free, so that threads take turns in them, and some have none.
class few_numbers {
public:
    few_numbers() noexcept { backends::detail::taken_thread_numbers = ~(std::uint64_t{3} << 1U); }
    few_numbers(const few_numbers&) = delete;
    few_numbers& operator=(const few_numbers&) = delete;
    ~few_numbers() = default;

    [[nodiscard]] bool are_given_back() const noexcept {
        return backends::detail::taken_thread_numbers == ~(std::uint64_t{3} << 1U);
    }
};

/// What was begun and what was done, of sums that only grow.
struct progress {
    std::uint64_t begun = 0;
    std::uint64_t done = 0;
};

/// Instruments by themselves: any number that is read is between what was done before the reading
/// began and what was begun before it ended.
template <class Cells>
class instruments_alone {
public:
    instruments_alone(threads& all, random_numbers& random) : all_{all}, random_{random} {}

    void run(std::uint64_t seed, verdict& is) {
        const few_numbers numbers;
        for (std::uint64_t n = 2 + random_.below(2); n != 0; --n) {
            all_.begin([this] { mother(); });
        }
        all_.begin([this, &is] { read(1 + random_.below(2), is); });
        all_.run(seed);
        read(1, is);
        sample_peak(false);  // what was given back
        is.expect(counter_.total() == counted_.done, "the sum of a counter is what was counted");
        is.expect(balance_.value() == balanced_, "what was subtracted is subtracted once");
        const auto all = values_.snapshot();
        is.expect(all.count() == recorded_.done, "a histogram counts each value once");
        is.expect(all.sum == sum_, "the sum of a histogram is that of its values");
        is.expect(recorded_.done == 0 || (all.least == static_cast<double>(least_) &&
                                          all.greatest == static_cast<double>(greatest_)),
                  "a histogram has the least and the greatest value");
        judge_peaks(is);
        is.expect(numbers.are_given_back(), "numbers of threads are given back");
    }

private:
    struct peak_event {
        std::uint64_t begin;
        std::uint64_t end;
        int value;
    };

    void mother() {
        // A second child begins when the first one has ended, mostly with its number.
        for (std::uint64_t n = random_.below(3); n != 0; --n) {
            bool has_ended = false;
            all_.begin([this, &has_ended] {
                events(1 + random_.below(2));
                if (random_.below(4) == 0) {  // destructors record, too
                    end_of_thread();
                    events(1);
                }
                has_ended = true;
            });
            if (random_.below(2) == 0) {
                events(1);
            }
            all_.wait(has_ended, true);
        }
        events(1 + random_.below(2));
    }
    void events(std::uint64_t n) {
        for (; n != 0; --n) {
            switch (random_.below(6)) {
                case 0:
                case 1: count(counter_); break;
                case 2: {
                    auto mine = counter_.writer();
                    count(mine);
                    break;
                }
                case 3: {
                    const auto by = static_cast<std::int64_t>(random_.below(5));
                    balance_.add(by);
                    balance_.subtract(1);
                    balanced_ += by - 1;
                    break;
                }
                case 4: record(static_cast<int>(random_.below(40))); break;
                default: {
                    const int value = ++last_value_ * 7919 % 1009;
                    const std::uint64_t begin = ++now_;
                    high_.record(value);
                    records_.push_back({begin, ++now_, value});
                    level_.set(value);
                    break;
                }
            }
        }
    }
    template <class Counter>
    void count(Counter& into) {
        const std::uint64_t n = 1 + random_.below(3);
        counted_.begun += n;
        into.add(n);
        counted_.done += n;
    }
    void record(int value) {
        ++recorded_.begun;
        values_.record(value);
        ++recorded_.done;
        sum_ += value;
        least_ = value < least_ ? value : least_;
        greatest_ = value > greatest_ ? value : greatest_;
    }

    void read(std::uint64_t times, verdict& is) {
        for (; times != 0; --times) {
            const std::uint64_t counted = counted_.done;
            const std::uint64_t total = counter_.total();
            is.expect(total >= counted && total <= counted_.begun,
                      "a reading has what was counted before it, and nothing that was not");
            is.expect(total >= last_total_, "a total never goes back");
            last_total_ = total;
            const std::uint64_t recorded = recorded_.done;
            const std::uint64_t values = values_.snapshot().count();
            is.expect(values >= recorded && values <= recorded_.begun,
                      "a snapshot has what was recorded before it, and nothing that was not");
            const auto level = level_.value();
            is.expect(!level.exists || level.value != 0, "a gauge has a value that was set");
            sample_peak(random_.below(3) == 0);
        }
    }
    /// A sample that a chart refuses is given back, and was none.
    void sample_peak(bool is_refused) {
        const std::uint64_t begin = ++now_;
        const auto high = high_.sample();
        if (is_refused) {
            high_.take_back(high);
        } else {
            samples_.push_back({begin, ++now_, high.exists ? high.value : -1});
        }
    }
    /// A value that was recorded before a sampling is in that slot or an earlier one, one that is
    /// recorded after is in a later one, none is in neither. No value is recorded twice.
    void judge_peaks(verdict& is) const {
        for (const peak_event& one : records_) {
            int greatest = -1;
            for (const peak_event& sample : samples_) {
                if (sample.end > one.begin) {
                    greatest = sample.value > greatest ? sample.value : greatest;
                    if (sample.begin > one.end) {
                        break;
                    }
                }
            }
            is.expect(greatest >= one.value, "a peak is not less than a value of its slot");
        }
        for (const peak_event& sample : samples_) {
            bool was_recorded = sample.value == -1;
            for (const peak_event& one : records_) {
                was_recorded =
                    was_recorded || (one.value == sample.value && one.begin < sample.end);
            }
            is.expect(was_recorded, "a peak is a value that was recorded");
        }
        for (std::size_t i = 1; i < samples_.size(); ++i) {
            is.expect(samples_[i].value == -1 || samples_[i].value != samples_[i - 1].value,
                      "a peak is in one slot");
        }
    }

    threads& all_;
    random_numbers& random_;
    backends::basic_counter<Cells> counter_;
    backends::basic_up_down_counter<Cells> balance_;
    backends::histogram<int, 0, 4, 0, Cells> values_;
    backends::peak<int> high_;
    backends::gauge<int> level_;

    progress counted_;
    progress recorded_;
    std::uint64_t last_total_ = 0;
    std::int64_t balanced_ = 0;
    std::int64_t sum_ = 0;
    int least_ = 1'000'000;
    int greatest_ = 0;
    int last_value_ = 0;
    std::uint64_t now_ = 0;
    std::vector<peak_event> records_;
    std::vector<peak_event> samples_;
};

/// The time of all scenes, which go on.
inline backends::unix_seconds scene_time = 1'700'000'000;

struct by_scene_time : backends::wait_free {
    static backends::wall_time wall_clock() noexcept { return {scene_time}; }
};
using host_type = backends::basic_host<backends::double_cell, 64, by_scene_time>;

/// An exporter as far as a receiver sees it: the samples of its lines, added up.
class exporting {
public:
    explicit exporting(const host_type& host) : host_{host} { run(); }

    void run() {
        lines_.follow(host_, nobody_, count_);
        lines_.run(scene_time, *this, count_);
    }
    void finish() {
        do {
            run();
        } while (lines_.has_last_readings() || lines_.has_successors());
        run();
    }
    void forget() { totals_ = {}; }
    [[nodiscard]] double total(std::size_t of) const noexcept { return totals_[of]; }
    [[nodiscard]] std::uint64_t overrun() const noexcept { return count_.overrun; }

    static constexpr std::size_t a = 0;
    static constexpr std::size_t b = 1;
    static constexpr std::size_t own = 2;  // and 3
    static constexpr std::size_t others = 4;

    [[nodiscard]] bool fits(std::size_t) const noexcept { return true; }
    char* reserve(std::size_t n) {
        if (text_.size() < n) {
            text_.resize(n);
        }
        return text_.data();
    }
    void commit(std::size_t bytes, std::size_t) noexcept {
        std::string_view lines{text_.data(), bytes};
        while (!lines.empty()) {
            const std::size_t value = lines.find(' ') + 1;
            totals_[series_of(lines)] += std::strtod(lines.data() + value, nullptr);
            lines.remove_prefix(lines.find('\n') + 1);
        }
    }
    void refuse(std::size_t, std::size_t) noexcept {}

private:
    static std::size_t series_of(std::string_view line) noexcept {
        return line.starts_with("p.h.s.a ")      ? a
               : line.starts_with("p.h.s.b ")    ? b
               : line.starts_with("p.h.own0.n ") ? own
               : line.starts_with("p.h.own1.n ") ? own + 1
                                                 : others;
    }

    const host_type& host_;
    backends::cycle<backends::sum, backends::graphite_plaintext, host_type> lines_{
        backends::identity{"p", "h", {}}};
    backends::no_observer nobody_;
    backends::cycle_counters count_;
    std::string text_;
    std::array<double, 5> totals_{};
};

/// A host with two exporters, and charts and threads that come and go: each exporter has each event
/// once.
class host_with_exporters {
public:
    host_with_exporters(threads& all, random_numbers& random) : all_{all}, random_{random} {}

    void run(std::uint64_t seed, verdict& is) {
        const few_numbers numbers;
        for (std::size_t m = 0; m < 2; ++m) {
            all_.begin([this, m] { mother(m); });
        }
        all_.begin([this] {
            for (int n = 0; n < 2; ++n) {
                host_.sample(scene_time += static_cast<std::int64_t>(random_.below(2)));
            }
        });
        all_.begin([this] {
            host_.sample(++scene_time);
            often_.run();
            host_.sample(++scene_time);
            often_.run();
        });
        all_.begin([this] { rarely_.run(); });
        all_.run(seed);
        host_.sample_rest(scene_time);
        for (exporting* const one : {&often_, &rarely_}) {
            one->finish();
            is.expect(one->overrun() == 0, "no sample is overwritten");
            is.expect(one->total(exporting::a) == a_ && one->total(exporting::b) == b_,
                      "each exporter has each event of a chart that stays once");
            is.expect(
                one->total(exporting::own) == own_[0] && one->total(exporting::own + 1) == own_[1],
                "each exporter has each event of charts that come and go once");
        }
        is.expect(shared_.balance.value() == 0, "what was subtracted is subtracted once");
        is.expect(host_.size() == 1, "removed charts are gone");
        is.expect(numbers.are_given_back(), "numbers of threads are given back");
    }

private:
    void mother(std::size_t m) {
        for (std::uint64_t n = 1 + random_.below(2); n != 0; --n) {
            auto own = host_.lease<own_stats>(m == 0 ? "own0" : "own1");
            const bool ends_by_itself = random_.below(2) == 0;
            bool has_counted = false;
            bool has_ended = false;
            all_.begin([&, m, childs = own]() mutable {
                count(m, *childs, 1);
                shared_.balance.add();
                count(m, *childs, 2);
                has_counted = true;
                childs = {};
                has_ended = true;
            });
            count(m, *own, 3);
            shared_.balance.subtract();
            if (ends_by_itself) {
                own = {};  // the last copy ends the chart, whoever has it
            }
            if (!ends_by_itself) {
                all_.wait(has_counted, true);
                host_.remove(own);
                count_for_nobody(*own);
            }
            all_.wait(has_ended, true);
        }
    }
    void count(std::size_t m, own_stats& own, std::uint64_t n) {
        own.n.add(n);
        own.high.record(static_cast<int>(n));
        own_[m] += static_cast<double>(n);
        if (random_.below(2) == 0) {
            shared_.a.add();
            a_ += 1;
        } else {
            shared_.b.add(n);
            b_ += static_cast<double>(n);
        }
    }
    static void count_for_nobody(own_stats& own) {
        own.n.add(1000);
        own.high.record(1000);
    }

    threads& all_;
    random_numbers& random_;
    host_type host_{"h"};
    shared_stats& shared_ = host_.instrument<shared_stats>("s");
    exporting often_{host_};
    exporting rarely_{host_};
    double a_ = 0;
    double b_ = 0;
    std::array<double, 2> own_{};
};

/// One interleaving. Gives what is broken, nullptr where nothing is.
inline const char* run_interleaving(threads& all, std::uint64_t seed) {
    random_numbers random{seed};
    verdict is;
    switch (seed % 4) {
        case 0: host_with_exporters{all, random}.run(random.next(), is); break;
        case 1:
            instruments_alone<backends::shared_cells>{all, random}.run(random.next(), is);
            break;
        default: instruments_alone<backends::thread_cells>{all, random}.run(random.next(), is);
    }
    return is.broken();
}

}  // namespace simulation
