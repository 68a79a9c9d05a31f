// SPDX-License-Identifier: BSL-1.0
//
// Objects that count their owners: std::shared_ptr's <memory> and its templates would make up a
// tenth of what it costs to parse a program that exports.
#pragma once

#include <backends/core/fork_detector.hpp>
#include <backends/isa.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

/// What an object of a counted_ptr derives from.
class counted {
public:
    /// True in a fork's child of the process that made it.
    [[nodiscard]] bool in_child() const noexcept { return process_.in_child(); }

private:
    template <class T>
    friend class counted_ptr;
    std::atomic<std::size_t> owners_{0};
    fork_detector process_;
};

/// One of the owners. The last one deletes the object, but only in the process that made it: a
/// thread that a fork's child lacks may hold the object's mutex. Several threads may use one object
/// through owners of their own.
template <class T>
class counted_ptr {
public:
    counted_ptr() = default;
    explicit counted_ptr(T* made) noexcept : object_{made} {
        if (object_ != nullptr) {
            object_->owners_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    counted_ptr(const counted_ptr& other) noexcept : counted_ptr{other.object_} {}
    counted_ptr(counted_ptr&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
    counted_ptr& operator=(counted_ptr other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~counted_ptr() {
        if (object_ != nullptr && object_->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            destroy(object_);
        }
    }

    /// Hands the ownership on, as through a thread's argument, to taken_over().
    T* release() noexcept { return std::exchange(object_, nullptr); }
    static counted_ptr taken_over(T* released) noexcept {
        counted_ptr owner;
        owner.object_ = released;
        return owner;
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

private:
    [[gnu::noinline]] static void destroy(T* last) noexcept {
        if (!last->in_child()) {
            delete last;
        }
    }

    T* object_ = nullptr;
};

}  // namespace backends::detail
