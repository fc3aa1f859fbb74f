#include "transport/tls_error.hpp"

#include <openssl/err.h>

#include <string>

namespace tusk::transport {

namespace {

class category final : public asio::error_category
{
public:
    [[nodiscard]] const char* name() const noexcept override { return "tusk.tls"; }

    [[nodiscard]] std::string message(int value) const override
    {
        if (value == static_cast<int>(tls_fault::truncated))
            return "the encrypted stream was cut off without its closing alert: the server crashed, or something in "
                   "between ended the connection";
        const char* reason = ERR_reason_error_string(static_cast<unsigned long>(value));
        return reason != nullptr ? reason : "TLS failed, and OpenSSL gives no reason";
    }
};

} // namespace

const asio::error_category& tls_category() noexcept
{
    static const category instance;
    return instance;
}

asio::error_code make_error_code(tls_fault fault) noexcept
{
    return asio::error_code{static_cast<int>(fault), tls_category()};
}

asio::error_code take_tls_error() noexcept
{
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    // Without a code the value must still be an error.
    return asio::error_code{code != 0 ? static_cast<int>(code & 0x7fff'ffffUL) : -1, tls_category()};
}

} // namespace tusk::transport
