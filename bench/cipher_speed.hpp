// SPDX-License-Identifier: BSL-1.0
//
// What a cipher alone takes: the same 16 KiB again and again, as `openssl speed -evp CIPHER -bytes
// 16384` measures it. And as TLS 1.3 has to call it: each time a nonce, the record's head as
// additional data, a byte for the kind of contents, and a tag (`openssl speed -aead`, about).
#pragma once

#include <algorithm>
#include <array>
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

    /// Encrypts four megabytes, twice. Throws std::runtime_error when OpenSSL fails.
    void run() {
        least_ = (std::min)(least_, time_of([this] { return update(block); }));
        least_of_records_ = (std::min)(least_of_records_, time_of([this] { return record(); }));
    }
    /// Nanoseconds of the processor a byte, the least so far.
    [[nodiscard]] double least() const noexcept { return least_; }
    /// The same of records.
    [[nodiscard]] double least_of_records() const noexcept { return least_of_records_; }

private:
    static constexpr int block = 16'384;
    static constexpr int tag_size = 16;

    template <class Call>
    double time_of(Call call) {
        constexpr int rounds = 256;
        begin_record();
        const double begin = processor_time();
        bool good = true;
        for (int n = 0; n < rounds; ++n) {
            good = call() && good;
        }
        const double taken = processor_time() - begin;
        if (!good) {
            throw std::runtime_error{"the cipher does not encrypt"};
        }
        return taken / (double{rounds} * block);
    }
    bool begin_record() {
        ++nonce_.back();
        return ::EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce_.data()) == 1;
    }
    bool update(int n) {
        int made = 0;
        return ::EVP_EncryptUpdate(context_.get(), bytes_.data(), &made, bytes_.data(), n) == 1;
    }
    bool record() {
        constexpr std::array<unsigned char, 5> head{23, 3, 3, 64, 17};
        std::array<unsigned char, tag_size> tag;
        int made = 0;
        return begin_record() &&
               ::EVP_EncryptUpdate(context_.get(), nullptr, &made, head.data(), head.size()) == 1 &&
               update(block + 1) &&
               ::EVP_EncryptFinal_ex(context_.get(), bytes_.data(), &made) == 1 &&
               ::EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) ==
                   1;
    }

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
    std::vector<unsigned char> bytes_ = std::vector<unsigned char>(block + 1);
    std::array<unsigned char, 12> nonce_{};
    double least_ = std::numeric_limits<double>::infinity();
    double least_of_records_ = std::numeric_limits<double>::infinity();
};

}  // namespace bench
