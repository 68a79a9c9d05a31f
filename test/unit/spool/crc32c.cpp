// SPDX-License-Identifier: BSL-1.0
#include <backends/spool/crc32c.hpp>

#include "catch.hpp"

#include <boost/crc.hpp>

#include <cstdint>
#include <random>
#include <string>

namespace {

using backends::detail::crc32c;

/// Another implementation, a byte at a time.
std::uint32_t reference(const std::string& text) {
    boost::crc_optimal<32, 0x1edc6f41, 0xffffffff, 0xffffffff, true, true> crc;
    crc.process_bytes(text.data(), text.size());
    return crc.checksum();
}

TEST_CASE("the check is Castagnoli's, whatever the length and the alignment") {
    std::mt19937 random{7};
    std::string text(300, '\0');
    for (char& c : text) {
        c = static_cast<char>(random());
    }
    for (std::size_t offset = 0; offset < 9; ++offset) {
        for (std::size_t n = 0; n + offset <= text.size(); ++n) {
            const std::string part = text.substr(offset, n);
            REQUIRE(crc32c(part) == reference(part));
            REQUIRE(backends::detail::crc32c_by_tables(part) == reference(part));
        }
    }
    CHECK(crc32c("") == 0);
    CHECK(crc32c("123456789") == 0xe3069283U);  // the polynomial's catalogue
    // As RFC 3720 has them.
    CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
    CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
}

TEST_CASE("the check of two pieces is that of the whole") {
    const std::string text = "put sys.cpu.user 1356998400 42.5 host=webserver01 cpu=0\n";
    for (std::size_t n = 0; n <= text.size(); ++n) {
        REQUIRE(crc32c(text.substr(n), crc32c(text.substr(0, n))) == reference(text));
    }
}

TEST_CASE("every single flipped bit changes the check") {
    std::string text = "system.cpu.user 0.5000000 1700000000\n";
    const std::uint32_t right = crc32c(text);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
        REQUIRE(crc32c(text) != right);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    }
}

}  // namespace
