// SPDX-License-Identifier: BSL-1.0
//
// A small HTTP server on a loopback port, which the test's own thread steps. It knows nothing of
// the library: it reads requests by the digits of their length.
#pragma once

#include "support/loopback_peer.hpp"

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// An answer with this status.
inline std::string http_text(int status, std::string_view headers = "",
                             std::string_view body = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string{headers} +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

class http_peer {
public:
    /// What it says to a request's body; "": nothing, ever.
    std::function<std::string(const std::string& body)> answer = [](const std::string&) {
        return http_text(204);
    };
    std::size_t says_at_most = 1'000'000;  ///< bytes of answers a step
    bool closes_after_it = false;          ///< after an answer is said it closes the connection
    bool resets_instead = false;           ///< and so does it without saying anything

    [[nodiscard]] std::string address() const { return peer_.address(); }
    [[nodiscard]] const std::vector<std::string>& bodies() const noexcept { return bodies_; }
    [[nodiscard]] const std::vector<std::string>& heads() const noexcept { return heads_; }
    [[nodiscard]] std::size_t connections() const noexcept { return peer_.connections().size(); }

    void step() {
        peer_.step();
        if (peer_.connections().size() != connection_) {
            connection_ = peer_.connections().size();
            read_ = 0;
            unsaid_.clear();
        }
        while (connection_ != 0 && take_request()) {}
        if (!unsaid_.empty()) {
            peer_.reply(std::string_view{unsaid_}.substr(0, says_at_most));
            unsaid_.erase(0, says_at_most);
            if (unsaid_.empty() && closes_after_it) {
                peer_.close_connection();
            }
        }
    }

private:
    bool take_request() {
        const std::string_view text = std::string_view{peer_.connections().back()}.substr(read_);
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            return false;
        }
        const std::string head{text.substr(0, end + 2)};
        constexpr std::string_view key = "\r\nContent-Length: ";
        const std::size_t at = head.find(key);
        if (!head.starts_with("POST ") || at == std::string::npos) {
            throw std::runtime_error{"no request: " + head};
        }
        const std::size_t size = std::strtoul(head.c_str() + at + key.size(), nullptr, 10);
        if (text.size() < end + 4 + size) {
            return false;
        }
        heads_.push_back(head);
        bodies_.emplace_back(text.substr(end + 4, size));
        read_ += end + 4 + size;
        if (resets_instead) {
            peer_.reset_connection();
            return false;
        }
        unsaid_ += answer(bodies_.back());
        return true;
    }

    loopback_peer peer_;
    std::size_t connection_ = 0;  // the number of them
    std::size_t read_ = 0;        // of the last one
    std::string unsaid_;
    std::vector<std::string> heads_;
    std::vector<std::string> bodies_;
};

}  // namespace test
