#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tusk::test {

/// A certificate and its key in PEM files.
struct certificate_files {
    std::filesystem::path certificate;
    std::filesystem::path key; ///< Readable by its owner alone.
};

/// An issuer of certificates that lives as long as the test.
class certificate_authority
{
public:
    enum class key_kind { ecdsa, ed25519 };

    /// @param folder  Where its files go; must be there.
    /// @param name    Its common name, and the beginning of its files' names.
    certificate_authority(std::filesystem::path folder, const std::string& name);
    ~certificate_authority();
    certificate_authority(const certificate_authority&) = delete;
    certificate_authority& operator=(const certificate_authority&) = delete;

    /// Its own certificate: what clients trust.
    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }

    /// @param name   The common name, and the name of the files.
    /// @param names  Subject alternative names as OpenSSL writes them: "DNS:localhost", "IP:127.0.0.1".
    /// @param passphrase  The key is encrypted with it; empty: it is not.
    certificate_files issue(const std::string& name, const std::vector<std::string>& names = {},
                            const std::string& passphrase = {});

    /// A list of revoked certificates that holds this one, or none where it is empty.
    std::filesystem::path revoke(const certificate_files& revoked);

    /// One whose signatures have no hash of their own.
    static std::unique_ptr<certificate_authority> with_ed25519(std::filesystem::path folder, const std::string& name);

private:
    struct state;
    certificate_authority(std::filesystem::path folder, const std::string& name, key_kind kind);

    std::filesystem::path folder_;
    std::filesystem::path root_;
    std::unique_ptr<state> state_;
};

} // namespace tusk::test
