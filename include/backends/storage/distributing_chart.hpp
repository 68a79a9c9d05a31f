// SPDX-License-Identifier: BSL-1.0
//
// Storage: a chart that has distributions beside its samples. Other charts pay a flag for it, in a
// byte that they have anyway.
#pragma once

#include <backends/instrument/distribution.hpp>

#include <string>
#include <utility>

namespace backends::inline BACKENDS_ISA::detail {

template <class Chart>
class distributing_chart : public Chart {
public:
    template <class... Args>
    explicit distributing_chart(const std::string& id, Args&&... args)
        : Chart{id, std::forward<Args>(args)...} {
        this->mark_distributing();
    }

    [[nodiscard]] const distribution_list& distributions() const noexcept { return all_; }

protected:
    /// Before anybody else sees the chart. The readers must live as long as it.
    void have(const distribution_list& all) noexcept { all_ = all; }

private:
    distribution_list all_;
};

/// Those of a chart whose type is not known; nullptr: it has none.
template <class Chart>
const distribution_list* distributions_of(const Chart& one) noexcept {
    return one.has_distributions()
               ? &static_cast<const distributing_chart<Chart>&>(one).distributions()
               : nullptr;
}

}  // namespace backends::detail
