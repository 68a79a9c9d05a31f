// SPDX-License-Identifier: BSL-1.0
//
// Two connected descriptors of this process, for what waits for one.
#pragma once

#include <array>

#include <sys/socket.h>
#include <unistd.h>

namespace test {

struct descriptor_pair {
    descriptor_pair() {
        std::array<int, 2> both{-1, -1};
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both.data());
        ours = both[0];
        theirs = both[1];
    }
    descriptor_pair(const descriptor_pair&) = delete;
    descriptor_pair& operator=(const descriptor_pair&) = delete;
    ~descriptor_pair() {
        ::close(ours);
        hang_up();
    }

    void send() const { [[maybe_unused]] const auto sent = ::write(theirs, "x", 1); }
    void hang_up() {
        if (theirs >= 0) {
            ::close(theirs);
            theirs = -1;
        }
    }

    int ours = -1;
    int theirs = -1;
};

}  // namespace test
