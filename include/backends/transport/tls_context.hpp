// SPDX-License-Identifier: BSL-1.0
//
// The settings of TLS, what OpenSSL makes of them, and its errors in words.
#pragma once

#include <backends/core/errors.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/raise.hpp>

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace backends::inline BACKENDS_ISA {

/// How tls trusts its receiver, and what it shows of itself. Files are in the PEM form.
struct tls_options {
    std::string ca_file = {};           ///< certificates to trust; empty: the system's
    std::string certificate_file = {};  ///< our own chain, for receivers that ask; empty: none
    std::string key_file = {};          ///< the key of certificate_file
    std::string server_name = {};       ///< the name in its certificate; empty: the destination's
    /// Whether the receiver must show a certificate of this name that leads to a trusted one.
    /// Without it anyone on the way can read and change everything.
    bool verify = true;
};

namespace detail {

inline constexpr int tls_cut_off = -1;

/// A result of X509_verify, a packed error of OpenSSL (which is larger), or tls_cut_off.
class tls_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "tls"; }
    [[nodiscard]] std::string message(int code) const override {
        if (code == tls_cut_off) {
            return "the connection ended without an end of TLS";
        }
        if (code < 1'000) {
            return joined({"the receiver's certificate: ", ::X509_verify_cert_error_string(code)});
        }
        const char* const why = ::ERR_reason_error_string(static_cast<unsigned long>(code));
        return joined({"TLS: ", why == nullptr ? "unknown error" : why});
    }
};
[[gnu::noinline]] inline std::error_code tls_error(int code) noexcept {
    static const tls_category category;
    return {code, category};
}
/// Of the thread's oldest error in OpenSSL. The system's, such as that a file is missing, are
/// numbers of errno there.
inline std::error_code openssl_error() noexcept {
    const unsigned long oldest = ::ERR_get_error();
    if (ERR_GET_LIB(oldest) == ERR_LIB_SYS) {
        return {ERR_GET_REASON(oldest), std::system_category()};
    }
    return tls_error(static_cast<int>(oldest & 0x7fff'ffffU));
}

/// OpenSSL's context, made once. Movable.
class tls_context {
public:
    /// Throws config_error that names the file at fault, std::bad_alloc.
    explicit tls_context(const tls_options& o)
        : context_{::SSL_CTX_new(::TLS_client_method())}, verifies_{o.verify} {
        SSL_CTX* const c = context_.get();
        if (c == nullptr) {
            throw std::bad_alloc{};
        }
        ::SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
        ::SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE);
        ::SSL_CTX_set_verify(c, o.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
        require(o.ca_file.empty() ? ::SSL_CTX_set_default_verify_paths(c)
                                  : ::SSL_CTX_load_verify_locations(c, o.ca_file.c_str(), nullptr),
                "ca_file", o.ca_file);
        if (o.certificate_file.empty() != o.key_file.empty()) {
            refuse(o.key_file.empty() ? "key_file" : "certificate_file", "",
                   "a certificate and its key stand in two files, or in one named twice");
        }
        if (!o.certificate_file.empty()) {
            require(::SSL_CTX_use_certificate_chain_file(c, o.certificate_file.c_str()),
                    "certificate_file", o.certificate_file);
            require(::SSL_CTX_use_PrivateKey_file(c, o.key_file.c_str(), SSL_FILETYPE_PEM),
                    "key_file", o.key_file);
            require(::SSL_CTX_check_private_key(c), "key_file", o.key_file);
        }
    }

    /// A connection to the host of this name or address. Throws std::bad_alloc.
    [[nodiscard]] SSL* connection(const std::string& host) const {
        SSL* const made = ::SSL_new(context_.get());
        if (made == nullptr) {
            throw std::bad_alloc{};
        }
        ::SSL_set_connect_state(made);
        X509_VERIFY_PARAM* const wanted = ::SSL_get0_param(made);
        if (::X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) != 1) {
            ::ERR_clear_error();
            ::SSL_ctrl(made, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                       const_cast<char*>(host.c_str()));  // its macro casts in the old style
            ::X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            if (::X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) != 1) {
                ::SSL_free(made);
                throw std::bad_alloc{};
            }
        }
        return made;
    }

    /// What a result of an OpenSSL call means; would_block: it needs more bytes.
    [[nodiscard]] std::error_code error_of(SSL* on, int result) const noexcept {
        switch (::SSL_get_error(on, result)) {
            case SSL_ERROR_NONE: return {};
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: return errc::would_block;
            case SSL_ERROR_ZERO_RETURN: return errc::end_of_stream;
            default: break;
        }
        const long verdict = ::SSL_get_verify_result(on);
        if (verifies_ && verdict != X509_V_OK) {
            return tls_error(static_cast<int>(verdict));
        }
        return openssl_error();
    }

private:
    struct end {
        void operator()(SSL_CTX* c) const noexcept { ::SSL_CTX_free(c); }
    };
    static void require(int good, std::string_view key, std::string_view value) {
        if (good != 1) {
            const std::string why = openssl_error().message();
            ::ERR_clear_error();
            refuse(key, value, why);
        }
    }

    std::unique_ptr<SSL_CTX, end> context_;
    bool verifies_;
};

}  // namespace detail
}  // namespace backends
