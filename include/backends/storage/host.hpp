// SPDX-License-Identifier: BSL-1.0
//
// Storage: a host owns charts. Charts are added at any time, by any thread, also while an exporter
// walks them; they are never removed and never move.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/text_index.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/struct_chart.hpp>
#include <backends/storage/wait_free.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace backends::inline BACKENDS_ISA {

/// The name that this machine has for itself, "localhost" when it has none.
inline std::string machine_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
        return "localhost";
    }
    return name.data();
}

/// The owner of charts of one type.
template <class Cell = double_cell, std::size_t Capacity = 3600, class Recording = wait_free>
class basic_host {
public:
    using cell = Cell;
    using chart_type = basic_chart<Cell, Capacity, Recording>;
    template <chart_struct S>
    using struct_chart = backends::struct_chart<S, chart_type>;

    explicit basic_host(std::string hostname = machine_name()) : hostname_{std::move(hostname)} {}
    basic_host(const basic_host&) = delete;
    basic_host& operator=(const basic_host&) = delete;
    ~basic_host() {
        for (std::size_t i = 0; i < size(); ++i) {
            entry(i).destroy(entry(i).chart);
        }
        for (slot* const block : blocks_) {
            delete[] block;
        }
    }

    [[nodiscard]] const std::string& hostname() const noexcept { return hostname_; }

    /// Adds a chart whose dimensions are the members of a struct. Throws config_error for an id that
    /// is taken and whatever basic_chart refuses. The reference stays valid as long as the host.
    template <chart_struct S>
    struct_chart<S>& add(const std::string& id, const chart_options& options = {}) {
        return insert<struct_chart<S>>(id, options);
    }

    /// Adds a chart with named dimensions that collect T: add<std::int64_t>("disk.io", {"read",
    /// "write"}, {.algorithm = incremental}).
    template <collectable T = double>
    chart_type& add(const std::string& id, std::initializer_list<new_dimension> dimensions,
                    const chart_options& options = {}) {
        return insert<chart_type>(id, std::vector<new_dimension>(dimensions), kind_of<T>, options);
    }
    /// The same for dimensions that are found at run time.
    template <collectable T = double>
    chart_type& add(const std::string& id, std::span<const new_dimension> dimensions,
                    const chart_options& options = {}) {
        return insert<chart_type>(std::move(id),
                                  std::vector<new_dimension>(dimensions.begin(), dimensions.end()),
                                  kind_of<T>, options);
    }

    // For their sentences alone.

    template <class S, class Member = decltype(detail::first_uncollectable_member<S>())>
        requires(!chart_struct<S> && !collectable<S>)
    auto& add(const std::string&, const chart_options& = {}) {
        static_assert(boost::hana::Struct<S>::value,
                      "backends: the members of this struct are not known: write "
                      "BOOST_HANA_ADAPT_STRUCT(type, members...) behind it, outside of namespaces");
        static_assert(
            !boost::hana::Struct<S>::value || detail::is_number<Member>,
            "backends: every member of a chart's struct is a number; Member, named here, is "
            "none: leave it out of BOOST_HANA_ADAPT_STRUCT");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Names>
        requires(!std::convertible_to<const Names&, std::span<const new_dimension>>)
    auto& add(const std::string&, const Names&, const chart_options& = {}) {
        static_assert(std::convertible_to<const Names&, std::span<const new_dimension>>,
                      "backends: dimensions are a range of backends::new_dimension, which a name "
                      "makes: std::vector<backends::new_dimension>(names.begin(), names.end())");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Id, class... Rest>
        requires(!std::convertible_to<const Id&, std::string>)
    auto& add(const Id&, std::initializer_list<new_dimension>, const Rest&...) {
        static_assert(std::convertible_to<const Id&, std::string>,
                      "backends: the id of a chart is a std::string: add(std::string{id}, ...)");
        return detail::declared<chart_type>();
    }
    template <collectable T = double, class Id, class... Rest>
        requires(!std::convertible_to<const Id&, std::string>)
    auto& add(const Id&, const Rest&...) {
        static_assert(std::convertible_to<const Id&, std::string>,
                      "backends: the id of a chart is a std::string: add(std::string{id}, ...)");
        return detail::declared<chart_type>();
    }

    /// The number of charts; it only grows. Any thread.
    [[nodiscard]] std::size_t size() const noexcept { return wait_free::load(size_); }
    /// Charts in the order in which they were added. Any thread. Precondition: i < size().
    [[nodiscard]] chart_type& chart_at(std::size_t i) noexcept { return *entry(i).chart; }
    [[nodiscard]] const chart_type& chart_at(std::size_t i) const noexcept {
        return *entry(i).chart;
    }

private:
    struct slot {
        chart_type* chart;
        void (*destroy)(chart_type*) noexcept;  // charts of structs are of other types
    };

    /// A mutex of POSIX, because <mutex> and <atomic> would make up a sixth of what it costs to
    /// include this header.
    class lock {
    public:
        explicit lock(pthread_mutex_t& mutex) noexcept : mutex_{mutex} {
            pthread_mutex_lock(&mutex_);
        }
        lock(const lock&) = delete;
        lock& operator=(const lock&) = delete;
        ~lock() { pthread_mutex_unlock(&mutex_); }

    private:
        pthread_mutex_t& mutex_;
    };

    template <class Chart, class... Args>
    Chart& insert(const std::string& id, const Args&... args) {
        const lock adding{adding_};
        const std::uint32_t hash = detail::hash_bytes(id);
        const auto is_its_id = [&](std::uint32_t other) { return chart_at(other).id() == id; };
        if (ids_.contains(hash, is_its_id)) {
            detail::raise(config_error{"chart", id, "the host has a chart of this id"});
        }
        // Room first: after the chart exists nothing may throw.
        const std::size_t at = size_;
        const auto [block, index] = place_of(at);
        if (blocks_[block] == nullptr) {
            wait_free::store(blocks_[block], new slot[first_block << block]);
        }
        ids_.reserve_one();
        auto* const added = new Chart{id, args..., &rows_};
        ids_.insert(hash, static_cast<std::uint32_t>(at), is_its_id);
        blocks_[block][index] = {added,
                                 [](chart_type* one) noexcept { delete static_cast<Chart*>(one); }};
        wait_free::store(size_, at + 1);
        return *added;
    }

    // Blocks double in size, so that nothing ever moves and a reader needs no lock.
    static constexpr std::size_t first_block = 64;
    struct place {
        std::size_t block;
        std::size_t index;
    };
    static constexpr place place_of(std::size_t i) noexcept {
        const auto block = static_cast<std::size_t>(std::bit_width(i / first_block + 1) - 1);
        return {block, i - first_block * ((std::size_t{1} << block) - 1)};
    }
    [[nodiscard]] slot& entry(std::size_t i) const noexcept {
        const auto [block, index] = place_of(i);
        return wait_free::load(blocks_[block])[index];
    }

    std::string hostname_;
    pthread_mutex_t adding_ = PTHREAD_MUTEX_INITIALIZER;
    detail::text_index ids_;
    row_tiles<typename Cell::word> rows_;
    std::array<slot*, 48> blocks_{};
    std::size_t size_ = 0;
};

/// Charts of doubles, an hour at one second, one recording thread each.
using host = basic_host<>;

}  // namespace backends
