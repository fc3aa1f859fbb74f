#include "support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include <cstdio>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>

namespace tusk::test {

namespace fs = std::filesystem;

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using file_ptr = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr long two_days = 2L * 24 * 60 * 60;

void check(bool good, const char* what)
{
    if (!good)
        throw std::runtime_error{fmt::format("making a certificate: {} failed", what)};
}

file_ptr open_for_writing(const fs::path& file, mode_t mode)
{
    file_ptr out{std::fopen(file.c_str(), "w"), &std::fclose};
    check(out != nullptr && ::chmod(file.c_str(), mode) == 0, file.c_str());
    return out;
}

key_ptr make_key(certificate_authority::key_kind kind)
{
    key_ptr key{kind == certificate_authority::key_kind::ecdsa ? EVP_EC_gen("P-256")
                                                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"),
                &EVP_PKEY_free};
    check(key != nullptr, "making a key");
    return key;
}

const EVP_MD* digest_for(EVP_PKEY* key) { return EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256(); }

void add_extension(X509* to, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr && X509_add_ext(to, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

certificate_ptr make_certificate(const std::string& name, EVP_PKEY* key, X509* issuer, long serial)
{
    certificate_ptr made{X509_new(), &X509_free};
    check(made != nullptr && X509_set_version(made.get(), 2) == 1, "making a certificate");
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -two_days);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), two_days);
    X509_set_pubkey(made.get(), key);
    X509_NAME* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(made.get(), issuer != nullptr ? X509_get_subject_name(issuer) : subject);
    return made;
}

} // namespace

struct certificate_authority::state {
    key_ptr key{nullptr, &EVP_PKEY_free};
    certificate_ptr certificate{nullptr, &X509_free};
    long serial = 1;
};

certificate_authority::certificate_authority(fs::path folder, const std::string& name)
    : certificate_authority{std::move(folder), name, key_kind::ecdsa}
{
}

std::unique_ptr<certificate_authority> certificate_authority::with_ed25519(fs::path folder, const std::string& name)
{
    return std::unique_ptr<certificate_authority>{
        new certificate_authority{std::move(folder), name, key_kind::ed25519}};
}

certificate_authority::certificate_authority(fs::path folder, const std::string& name, key_kind kind)
    : folder_{std::move(folder)}, root_{folder_ / (name + ".crt")}, state_{std::make_unique<state>()}
{
    state_->key = make_key(kind);
    state_->certificate = make_certificate(name, state_->key.get(), nullptr, state_->serial++);
    X509* own = state_->certificate.get();
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    check(X509_sign(own, state_->key.get(), digest_for(state_->key.get())) > 0, "signing");
    check(PEM_write_X509(open_for_writing(root_, 0644).get(), own) == 1, "writing");
}

certificate_authority::~certificate_authority() = default;

certificate_files certificate_authority::issue(const std::string& name, const std::vector<std::string>& names,
                                               const std::string& passphrase)
{
    const key_ptr key = make_key(key_kind::ecdsa);
    const certificate_ptr made = make_certificate(name, key.get(), state_->certificate.get(), state_->serial++);
    if (!names.empty())
        add_extension(made.get(), state_->certificate.get(), NID_subject_alt_name,
                      fmt::format("{}", fmt::join(names, ",")));
    check(X509_sign(made.get(), state_->key.get(), digest_for(state_->key.get())) > 0, "signing");
    certificate_files files;
    files.certificate = folder_ / (name + ".crt");
    files.key = folder_ / (name + ".key");
    check(PEM_write_X509(open_for_writing(files.certificate, 0644).get(), made.get()) == 1, "writing");
    const bool encrypted = !passphrase.empty();
    check(PEM_write_PrivateKey(open_for_writing(files.key, 0600).get(), key.get(),
                               encrypted ? EVP_aes_256_cbc() : nullptr,
                               encrypted ? reinterpret_cast<const unsigned char*>(passphrase.data()) : nullptr,
                               static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
          "writing a key");
    return files;
}

fs::path certificate_authority::revoke(const certificate_files& revoked)
{
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list{X509_CRL_new(), &X509_CRL_free};
    X509_CRL_set_version(list.get(), 1);
    X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(state_->certificate.get()));
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> now{ASN1_TIME_new(), &ASN1_TIME_free};
    X509_gmtime_adj(now.get(), -60);
    X509_CRL_set1_lastUpdate(list.get(), now.get());
    const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> later{ASN1_TIME_new(), &ASN1_TIME_free};
    X509_gmtime_adj(later.get(), two_days);
    X509_CRL_set1_nextUpdate(list.get(), later.get());
    if (!revoked.certificate.empty()) {
        const file_ptr in{std::fopen(revoked.certificate.c_str(), "r"), &std::fclose};
        const certificate_ptr certificate{PEM_read_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
        check(certificate != nullptr, "reading");
        X509_REVOKED* entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get()));
        X509_REVOKED_set_revocationDate(entry, now.get());
        X509_CRL_add0_revoked(list.get(), entry);
    }
    X509_CRL_sort(list.get());
    check(X509_CRL_sign(list.get(), state_->key.get(), digest_for(state_->key.get())) > 0, "signing");
    const fs::path file = folder_ / (revoked.certificate.empty() ? "nobody.crl" : "revoked.crl");
    check(PEM_write_X509_CRL(open_for_writing(file, 0644).get(), list.get()) == 1, "writing");
    return file;
}

} // namespace tusk::test
