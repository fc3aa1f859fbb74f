#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tusk::protocol {

/// Overwrites a string's memory, its spare capacity included, and leaves it empty.
inline void wipe(std::string& text) noexcept
{
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

/// Text that is overwritten when it is no longer needed: a password and what is made from it.
///
/// Not a std::string: its short strings live inside the object, so that moving one leaves a copy behind.
class secret_text
{
public:
    secret_text() = default;
    explicit secret_text(std::string_view text) : bytes_(text.begin(), text.end()) {}
    secret_text(secret_text&& other) noexcept : bytes_{std::move(other.bytes_)} {}
    secret_text& operator=(secret_text&& other) noexcept
    {
        bytes_.swap(other.bytes_);
        other.wipe();
        return *this;
    }
    ~secret_text() { wipe(); }

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

    void wipe() noexcept
    {
        OPENSSL_cleanse(bytes_.data(), bytes_.size());
        bytes_.clear();
    }

private:
    std::vector<char> bytes_;
};

} // namespace tusk::protocol
