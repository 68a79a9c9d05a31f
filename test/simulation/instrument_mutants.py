#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Instruments for the simulation. Copies their headers to a folder that is searched before the real
ones, with two changes: simulated threads take turns at each atomic access and each lock, and the
seeded defects are there (see mutants.py).

    instrument_mutants.py INCLUDE_FOLDER OUTPUT_FOLDER
"""

import re
import sys
from pathlib import Path

import mutants

DEFECTS = [
    ("the sampler passes over the blocks of threads that have ended",
     "instrument/thread_cells.hpp",
     "for (std::uint64_t left = «__atomic_load_n(&present_, __ATOMIC_ACQUIRE)»; left",
     "__atomic_load_n(&present_, __ATOMIC_ACQUIRE) & detail::taken_thread_numbers"),
    ("a thread begins its number's block at 0", "instrument/thread_cells.hpp",
     "if («own == nullptr») { own = detail::new_words(words_);", "true"),
    ("two threads take one number", "instrument/thread_number.hpp",
     "if («__atomic_compare_exchange_n(&taken_thread_numbers, &taken, taken | std::uint64_t{1} << "
     "n, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)») {",
     "__atomic_store_n(&taken_thread_numbers, taken | std::uint64_t{1} << n, __ATOMIC_RELAXED), "
     "true"),
    ("a thread uses its number after it gave it back", "instrument/thread_number.hpp",
     "«this_thread = {0, true};» if (had", ";"),
    ("two writers hold one block", "instrument/thread_cells.hpp",
     "if (!«__atomic_exchange_n(&one->is_taken, true, __ATOMIC_ACQUIRE)»)",
     "(__atomic_load_n(&one->is_taken, __ATOMIC_RELAXED) || "
     "(__atomic_store_n(&one->is_taken, true, __ATOMIC_RELAXED), false))"),
    ("a new writer's block takes another one's place", "instrument/thread_cells.hpp",
     "while (!«__atomic_compare_exchange_n(&held_, &made->next, made, true, __ATOMIC_RELEASE, "
     "__ATOMIC_RELAXED)») {}",
     "__atomic_store_n(&held_, made, __ATOMIC_RELAXED), true"),
    ("the block for all is added to as one's own", "instrument/thread_cells.hpp",
     "if (number == 0) { return {shared_, «true»}; }", "false"),
    ("the block for all is not in the sum", "instrument/thread_cells.hpp",
     "std::uint64_t all = «detail::load_word(shared_ + i)»; each_run", "0"),
    ("blocks are marked as present by a load and a store", "instrument/thread_cells.hpp",
     "«__atomic_fetch_or(&present_, std::uint64_t{1} << number, __ATOMIC_RELEASE);»",
     "__atomic_store_n(&present_, present_ | std::uint64_t{1} << number, __ATOMIC_RELAXED);"),
    ("numbers are given back by a load and a store", "instrument/thread_number.hpp",
     "«__atomic_fetch_and(&taken_thread_numbers, ~(std::uint64_t{1} << n), __ATOMIC_RELEASE);»",
     "__atomic_store_n(&taken_thread_numbers, "
     "taken_thread_numbers & ~(std::uint64_t{1} << n), __ATOMIC_RELAXED);"),
    ("shared words are added to by a load and a store", "instrument/counting_cells.hpp",
     "«__atomic_fetch_add(words_ + i, n, __ATOMIC_RELAXED);»",
     "__atomic_store_n(words_ + i, words_[i] + n, __ATOMIC_RELAXED);"),
    ("shared words are updated by a load and a store", "instrument/counting_cells.hpp",
     "if («__atomic_compare_exchange_n(words_ + i, &before, after, true, __ATOMIC_RELAXED, "
     "__ATOMIC_RELAXED)») {",
     "__atomic_store_n(words_ + i, after, __ATOMIC_RELAXED), true"),
    ("a peak is recorded by a load and a store", "instrument/peak.hpp",
     "while (is_beyond(k, now) && !«__atomic_compare_exchange_n( &key_, &now, k, true, "
     "__ATOMIC_RELAXED, __ATOMIC_RELAXED)») {",
     "__atomic_store_n(&key_, k, __ATOMIC_RELAXED), true"),
    ("a peak is sampled by a load and a store", "instrument/peak.hpp",
     "return of(«__atomic_exchange_n(&key_, key::none, __ATOMIC_ACQ_REL)»);",
     "[&] { const std::int64_t had = key_; "
     "__atomic_store_n(&key_, key::none, __ATOMIC_RELAXED); return had; }()"),
    ("what a peak takes back takes the place of what came since", "instrument/peak.hpp",
     "if (not_stored.exists) { «record(not_stored.value);» }",
     "__atomic_store_n(&key_, key::of(not_stored.value), __ATOMIC_RELAXED);"),
    ("a peak forgets what it takes back", "instrument/peak.hpp",
     "if (not_stored.exists) { «record(not_stored.value);» }", ";"),
    ("a gauge shows a value before it has one", "instrument/gauge.hpp",
     "«__atomic_store(&value_, &value, __ATOMIC_RELAXED); if (!__atomic_load_n(&is_set_, "
     "__ATOMIC_RELAXED)) [[unlikely]] { __atomic_store_n(&is_set_, true, __ATOMIC_RELEASE); }»",
     "__atomic_store_n(&is_set_, true, __ATOMIC_RELAXED); "
     "__atomic_store(&value_, &value, __ATOMIC_RELAXED);"),
    ("a removed chart's last slot is not sampled", "storage/sampler.hpp",
     "«take_rest(all_[at], wall_clock_of<typename Chart::recording>().second);»", ";"),
    ("a removed chart's last slot is not exported", "storage/chart_registry.hpp",
     "one.waiting = «followers_»;", "0"),
    ("a slot is taken again, in place of what it had", "storage/sampler.hpp",
     "one.slot == none || slot > one.slot ? slot : «one.slot + 1»", "one.slot"),
    ("two sample a chart at once", "storage/sampler.hpp",
     "const lock sampling{«guard»};", "*new mutex"),
    ("charts come while others are sampled", "storage/sampler.hpp",
     "made->kept.instruments); const lock changing{«guard»};", "*new mutex"),
    ("a lease is let go of by a load and a store", "storage/lease.hpp",
     "} while (!«__atomic_compare_exchange_n(&users, &n, n - 1, true, __ATOMIC_ACQ_REL, "
     "__ATOMIC_RELAXED)»); if (n == 1)",
     "(__atomic_store_n(&users, n - 1, __ATOMIC_RELAXED), true)"),
    ("the last lease goes without an end", "storage/lease.hpp",
     "if (n == «(sampled | 1U)») { return let_go_last();", "0"),
]

# Headers in which each access is a turn.
STEPPED = ["instrument/thread_number.hpp", "instrument/thread_cells.hpp",
           "instrument/counting_cells.hpp", "instrument/gauge.hpp", "instrument/peak.hpp",
           "storage/lease.hpp", "storage/wait_free.hpp"]
ACCESS = re.compile(r"\b__(atomic_(?:load|store|exchange|compare_exchange|fetch_\w+?)(?:_n)?)\(")

# The mutex is one of simulated threads.
LOCK = [("#include <pthread.h>", ""),
        ("pthread_mutex_t native_ = PTHREAD_MUTEX_INITIALIZER;", "bool native_ = false;"),
        ("pthread_mutex_lock(&mutex_)", "::simulation::acquire(mutex_)"),
        ("pthread_mutex_unlock(&mutex_)", "::simulation::release(mutex_)"),
        ("pthread_mutex_t& mutex_;", "bool& mutex_;")]


def with_turns(text):
    return text.replace("#pragma once", '#pragma once\n#include "simulated_atomics.hpp"', 1)


def main(include, output):
    mutants.main(include, output, DEFECTS)
    for header in STEPPED + ["core/lock.hpp"]:
        changed = Path(output) / "backends" / header
        original = changed if changed.exists() else Path(include) / "backends" / header
        text = original.read_text()
        if header in STEPPED:
            text, found = ACCESS.subn(r"::simulation::\1(", text)
            if found == 0:
                sys.exit(f"{header}: no atomic access")
        else:
            for part, instead in LOCK:
                if text.count(part) != 1:
                    sys.exit(f"{header}: {text.count(part)} times {part}, not once")
                text = text.replace(part, instead)
        mutants.write(changed, with_turns(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
