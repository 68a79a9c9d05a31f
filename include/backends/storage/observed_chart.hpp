// SPDX-License-Identifier: BSL-1.0
//
// Storage: a chart whose rows a callback gives, once a slot. It ends with its owner.
#pragma once

#include <backends/core/time.hpp>

#include <boost/core/no_exceptions_support.hpp>

#include <optional>
#include <string>
#include <utility>

namespace backends::inline BACKENDS_ISA {

namespace detail {

/// @tparam Base  a chart that records what the callback gives
/// @tparam Ask   the callback
template <class Base, class Ask>
class observed_chart : public Base {
public:
    /// Takes the callback as soon as nothing can fail any more. Throws what Base throws.
    template <class... Args>
    observed_chart(const std::string& id, Ask* ask, const Args&... args)
        : Base{id, args...}, ask_{std::move(*ask)} {}

    /// The sampler knows the chart by this too.
    [[nodiscard]] observed_chart& instruments() noexcept { return *this; }

    /// Stores what the callback gives. A callback that throws leaves a gap, which is counted among
    /// the refused rows. One thread at a time.
    void take(unix_seconds at) noexcept {
        BOOST_TRY {
            if (ask_) {
                static_cast<void>(this->record(at, (*ask_)()));  // a refusal is counted
            }
        }
        BOOST_CATCH(...) {
            [[maybe_unused]] const auto guard = this->policy_.recording();
            this->ring_.count_refused();
        }
        BOOST_CATCH_END
    }
    /// Destroys the callback; the recorded rows stay.
    void forget() noexcept { ask_.reset(); }

private:
    std::optional<Ask> ask_;
};

}  // namespace detail

/// The owner of an observed chart. Its end is the chart's: every exporter first exports the rows
/// that are there. Afterwards the callback is not called any more, and is destroyed.
///
/// Movable. The host must outlive it. The end waits for a callback that is running, so it must not
/// come from one.
template <class Host>
class [[nodiscard]] observation {
public:
    using chart_type = typename Host::chart_type;  ///< the host's

    /// Takes over; the other one owns nothing then.
    observation(observation&& other) noexcept
        : host_{std::exchange(other.host_, nullptr)},
          chart_{other.chart_},
          forget_{other.forget_} {}
    /// Changes places with the other one.
    observation& operator=(observation&& other) noexcept {
        std::swap(host_, other.host_);
        std::swap(chart_, other.chart_);
        std::swap(forget_, other.forget_);
        return *this;
    }
    ~observation() {
        if (host_ != nullptr) {
            host_->end(*chart_, forget_);
        }
    }

    /// Precondition: it was not moved from.
    [[nodiscard]] const chart_type& chart() const noexcept { return *chart_; }

private:
    friend Host;
    template <class Observed>
    observation(Host& from, Observed& one) noexcept
        : host_{&from},
          chart_{&one},
          forget_{[](chart_type& it) noexcept { static_cast<Observed&>(it).forget(); }} {
        intrusive_ptr_add_ref(chart_);  // a removal by others leaves the address to this chart
    }

    Host* host_;
    chart_type* chart_;
    void (*forget_)(chart_type&) noexcept;
};

}  // namespace backends
