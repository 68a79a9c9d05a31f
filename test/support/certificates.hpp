// SPDX-License-Identifier: BSL-1.0
//
// Certificates that are made for a test: any name, any time, of an authority of its own.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace test {

struct openssl_free {
    void operator()(X509* x) const { ::X509_free(x); }
    void operator()(EVP_PKEY* k) const { ::EVP_PKEY_free(k); }
    void operator()(BIO* b) const { ::BIO_free(b); }
};

class certificate {
public:
    /// @param from, upto  seconds from now
    certificate(const std::string& name, const certificate* issuer, long from, long upto)
        : key_{::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")}, x509_{::X509_new()} {
        X509* const x = x509_.get();
        ::X509_set_version(x, 2);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(x), ++serial());
        ::X509_gmtime_adj(::X509_getm_notBefore(x), from);
        ::X509_gmtime_adj(::X509_getm_notAfter(x), upto);
        ::X509_set_pubkey(x, key());
        ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                     0);
        const certificate& by = issuer == nullptr ? *this : *issuer;
        ::X509_set_issuer_name(x, ::X509_get_subject_name(by.get()));
        add(by, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
        if (issuer != nullptr) {
            add(by, NID_subject_alt_name, "DNS:" + name);
        }
        if (::X509_sign(x, by.key(), ::EVP_sha256()) == 0) {
            throw std::runtime_error{"no certificate"};
        }
    }

    [[nodiscard]] X509* get() const noexcept { return x509_.get(); }
    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }
    [[nodiscard]] std::string pem() const {
        const std::unique_ptr<BIO, openssl_free> text{::BIO_new(::BIO_s_mem())};
        ::PEM_write_bio_X509(text.get(), get());
        char* bytes = nullptr;
        const long n = BIO_get_mem_data(text.get(), &bytes);
        return {bytes, static_cast<std::size_t>(n)};
    }

private:
    static long& serial() {
        static long n = 0;
        return n;
    }
    void add(const certificate& by, int what, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        ::X509V3_set_ctx(&context, by.get(), get(), nullptr, nullptr, 0);
        X509_EXTENSION* const e = ::X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
        ::X509_add_ext(get(), e, -1);
        ::X509_EXTENSION_free(e);
    }

    std::unique_ptr<EVP_PKEY, openssl_free> key_;
    std::unique_ptr<X509, openssl_free> x509_;
};

/// Its name is new, so that no other authority is taken for it.
class authority : public certificate {
public:
    authority() : certificate{"authority " + std::to_string(++number()), nullptr, -3'600, 3'600} {}
    [[nodiscard]] certificate issue(const std::string& name, long from = -3'600,
                                    long upto = 3'600) const {
        return {name, this, from, upto};
    }

private:
    static int& number() {
        static int n = 0;
        return n;
    }
};

}  // namespace test
