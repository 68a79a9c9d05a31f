// SPDX-License-Identifier: BSL-1.0
//
// What a cipher alone takes, as `openssl speed -evp CIPHER -bytes 16384` measures it: the same
// 16 KiB again and again.
#pragma once

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/objects.h>

namespace bench {

class cipher_speed {
public:
    /// Throws std::runtime_error for a cipher that OpenSSL does not have.
    ///
    /// @param number  OpenSSL's
    explicit cipher_speed(int number)
        : cipher_{::EVP_get_cipherbynid(number)}, context_{::EVP_CIPHER_CTX_new()} {
        const std::vector<unsigned char> zeros(64);
        if (cipher_ == nullptr || context_ == nullptr ||
            ::EVP_EncryptInit_ex(context_.get(), cipher_, nullptr, zeros.data(), zeros.data()) !=
                1) {
            throw std::runtime_error{"no such cipher"};
        }
    }

    /// Such as AES-256-GCM.
    [[nodiscard]] std::string name() const { return ::EVP_CIPHER_get0_name(cipher_); }

    /// Encrypts four megabytes.
    void run() {
        constexpr int rounds = 256;
        const double begin = processor_time();
        for (int n = 0; n < rounds; ++n) {
            int made = 0;
            ::EVP_EncryptUpdate(context_.get(), bytes_.data(), &made, bytes_.data(), block);
        }
        least_ = (std::min)(least_, (processor_time() - begin) / (double{rounds} * block));
    }
    /// Nanoseconds of the processor a byte, the least so far.
    [[nodiscard]] double least() const noexcept { return least_; }

private:
    static constexpr int block = 16'384;

    static double processor_time() noexcept {
        timespec now{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
    }
    struct freed {
        void operator()(EVP_CIPHER_CTX* one) const { ::EVP_CIPHER_CTX_free(one); }
    };

    const EVP_CIPHER* cipher_;
    std::unique_ptr<EVP_CIPHER_CTX, freed> context_;
    std::vector<unsigned char> bytes_ = std::vector<unsigned char>(block);
    double least_ = std::numeric_limits<double>::infinity();
};

}  // namespace bench
