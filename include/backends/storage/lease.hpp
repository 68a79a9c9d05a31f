// SPDX-License-Identifier: BSL-1.0
//
// Storage: shared ownership of instruments that come and go. The chart of a lease ends with the
// last copy. A copy that outlives the chart, or the host, records into memory that nobody reads.
#pragma once

#include <backends/core/lock.hpp>
#include <backends/core/time.hpp>
#include <backends/isa.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {

struct lease_state;

/// A family, as its desk knows it.
struct desk_family {
    /// Looks for what is idle. Runs after each sampling, with the desk's guard.
    void (*sweep)(desk_family&, unix_seconds now) noexcept = nullptr;
    std::string_view family_id;
    std::uint64_t number = 0;  ///< of all that the desk ever had, from 1 on
    std::uint64_t folded = 0;  ///< look-ups that had no room; any thread adds to it
    desk_family* next = nullptr;
};

/// Where leases end. A host and its leases share it.
struct lease_desk {
    mutex guard;
    desk_family* families = nullptr;  ///< under the guard
    std::uint64_t families_made = 0;  ///< under the guard
    std::uint64_t ended_folded = 0;   ///< by families that have ended; under the guard
    bool is_closed = false;           ///< the host is gone; under the guard
    /// Ends the chart of a lease that nobody has any more. Precondition: the caller has the guard.
    /// The first lease sets it, so that programs without one do not compile it.
    void (*end)(lease_desk&, lease_state&) noexcept = nullptr;
    void (*destroy)(lease_desk&) noexcept;
    std::uint32_t shares = 1;

    void share() noexcept { __atomic_fetch_add(&shares, 1U, __ATOMIC_RELAXED); }
    void leave() noexcept {
        if (__atomic_fetch_sub(&shares, 1U, __ATOMIC_ACQ_REL) == 1) {
            destroy(*this);
        }
    }

    /// Takes a family in.
    void add(desk_family& one) noexcept {
        const lock adding{guard};
        one.number = ++families_made;
        one.next = families;
        families = &one;
    }
    /// At the end of a family.
    void remove(desk_family& one) noexcept {
        const lock removing{guard};
        desk_family** at = &families;
        while (*at != &one) {
            at = &(*at)->next;
        }
        *at = one.next;
        ended_folded += __atomic_load_n(&one.folded, __ATOMIC_RELAXED);
    }
    /// Calls visit(number, id, folded) for each family that folded, and first visit(0, "", folded)
    /// for all that have ended. `visit` is called with the guard.
    template <class Visit>
    void each_folding(Visit& visit) {
        const lock reading{guard};
        if (ended_folded != 0) {
            visit(std::uint64_t{0}, std::string_view{}, ended_folded);
        }
        for (const desk_family* one = families; one != nullptr; one = one->next) {
            if (const auto n = __atomic_load_n(&one->folded, __ATOMIC_RELAXED); n != 0) {
                visit(one->number, one->family_id, n);
            }
        }
    }
};

/// What the copies of a lease share.
struct lease_state {
    static constexpr std::uint32_t sampled = 0x8000'0000U;

    /// The copies; and `sampled` while the instruments have a chart.
    std::uint32_t users = 1;
    /// All users together; and the chart until its last exporter has read it.
    std::uint32_t owners = 1;
    lease_desk* desk = nullptr;
    const void* chart = nullptr;  ///< while it is sampled; under the desk's guard
    void (*destroy)(lease_state&) noexcept = nullptr;

    void disown() noexcept {
        if (__atomic_fetch_sub(&owners, 1U, __ATOMIC_ACQ_REL) == 1) {
            destroy(*this);
        }
    }
    void hold() noexcept { __atomic_fetch_add(&users, 1U, __ATOMIC_RELAXED); }
    /// hold() of what may have ended: false if it has no chart, or nobody has it.
    [[nodiscard]] bool try_hold() noexcept {
        std::uint32_t n = __atomic_load_n(&users, __ATOMIC_RELAXED);
        do {
            if (n <= sampled) {
                return false;
            }
        } while (!__atomic_compare_exchange_n(&users, &n, n + 1, true, __ATOMIC_ACQUIRE,
                                              __ATOMIC_RELAXED));
        return true;
    }
    /// The opposite of hold(). It takes the desk's guard only to end the chart.
    void let_go() noexcept {
        std::uint32_t n = __atomic_load_n(&users, __ATOMIC_RELAXED);
        do {
            if (n == (sampled | 1U)) {
                return let_go_last();
            }
        } while (!__atomic_compare_exchange_n(&users, &n, n - 1, true, __ATOMIC_ACQ_REL,
                                              __ATOMIC_RELAXED));
        if (n == 1) {
            disown();
        }
    }
    /// The instruments have no chart from now on. Precondition: they had one; the caller has the
    /// guard.
    void detach() noexcept {
        chart = nullptr;
        if (__atomic_fetch_and(&users, ~sampled, __ATOMIC_ACQ_REL) == sampled) {
            disown();
        }
    }

private:
    [[gnu::noinline]] void let_go_last() noexcept {
        lease_desk& where = *desk;
        where.share();  // the end of the lease may be the end of its share
        std::uint32_t n = 0;
        {
            const lock ending{where.guard};
            // Somebody may have taken it meanwhile, or its host is gone.
            n = __atomic_fetch_sub(&users, 1U, __ATOMIC_ACQ_REL);
            if (n == (sampled | 1U)) {
                where.end(where, *this);
            }
        }
        if (n == 1) {
            disown();
        }
        where.leave();
    }
};

struct lease_access;

}  // namespace detail

/// A copyable share of instruments, from host.lease() or a family. Until the last copy is gone, or
/// host.remove(), the host samples them; then it takes the last samples, every exporter exports
/// them, and the chart is gone. A copy still records, harmlessly: nobody reads it.
///
/// Any thread may copy a lease that another thread has, and record into its instruments; one lease
/// object is for one thread at a time, as a std::shared_ptr is. A copy takes some 5 ns. It may
/// outlive the host.
///
/// @tparam S  a struct of instruments, or an instrument
template <class S>
class lease {
public:
    /// Of nothing.
    lease() noexcept = default;
    /// Another share of the same.
    lease(const lease& other) noexcept : state_{other.state_}, instruments_{other.instruments_} {
        if (state_ != nullptr) {
            state_->hold();
        }
    }
    /// Leaves nothing in the other one.
    lease(lease&& other) noexcept
        : state_{std::exchange(other.state_, nullptr)},
          instruments_{std::exchange(other.instruments_, nullptr)} {}
    /// Lets go of what it had.
    lease& operator=(lease other) noexcept {
        std::swap(state_, other.state_);
        std::swap(instruments_, other.instruments_);
        return *this;
    }
    ~lease() {
        if (state_ != nullptr) {
            state_->let_go();
        }
    }

    /// Whether it is of something.
    [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }
    /// The instruments. Precondition: it is of something.
    [[nodiscard]] S& operator*() const noexcept { return *instruments_; }
    [[nodiscard]] S* operator->() const noexcept { return instruments_; }  ///< the same

private:
    friend detail::lease_access;
    lease(detail::lease_state& held, S& of) noexcept : state_{&held}, instruments_{&of} {}

    detail::lease_state* state_ = nullptr;
    S* instruments_ = nullptr;
};

namespace detail {
/// For those who make leases.
struct lease_access {
    /// Precondition: the state was held for it.
    template <class S>
    static lease<S> make(lease_state& held, S& of) noexcept {
        return {held, of};
    }
    template <class Host>
    static lease_desk& desk(Host& of) noexcept {
        return *of.sampler_;
    }
    template <class S>
    static lease_state* state(const lease<S>& of) noexcept {
        return of.state_;
    }
};
}  // namespace detail

}  // namespace backends
