#include "protocol/startup_messages.hpp"

#include "protocol/frontend.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <cstring>

namespace tusk::protocol {

namespace {

/// PostgreSQL reads no longer start-up packet, its own length field not counted.
constexpr std::size_t max_startup_size = 10'000;

/// PostgreSQL reads no longer answer to an authentication request.
constexpr std::size_t max_password_size = 65'535;

/// A version that no server will ever have.
constexpr std::uint32_t ssl_request_code = 80'877'103;

bool holds_zero_byte(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

// A zero byte would end the value early, and what follows it would be read as further parameters: another role,
// say. So everything is checked before the first byte is written.
void check_parameters(std::span<const startup_parameter> parameters)
{
    for (std::size_t i = 0; i != parameters.size(); ++i) {
        const auto& [name, value] = parameters[i];
        if (name.empty() || holds_zero_byte(name))
            throw usage_error{fmt::format("start-up parameter number {} has a name that is empty or holds a zero byte; "
                                          "give it the name of a server setting",
                                          i + 1)};
        if (holds_zero_byte(value))
            throw usage_error{fmt::format("the value of start-up parameter \"{}\" holds a zero byte, which PostgreSQL "
                                          "cannot receive; remove it",
                                          name)};
    }
}

} // namespace

void write_startup(byte_writer& out, std::uint32_t version, std::span<const startup_parameter> parameters)
{
    check_parameters(parameters);
    std::size_t size = sizeof version + 1;
    for (const auto& [name, value] : parameters)
        size += name.size() + value.size() + 2;
    if (size > max_startup_size)
        throw usage_error{fmt::format("the start-up parameters need {} bytes and PostgreSQL accepts {}; shorten them, "
                                      "or run SET after connecting",
                                      size, max_startup_size)};
    out.put(static_cast<std::int32_t>(size + sizeof(std::int32_t)));
    out.put(version);
    for (const auto& [name, value] : parameters) {
        out.put_cstring(name);
        out.put_cstring(value);
    }
    out.put(std::uint8_t{0});
}

void write_ssl_request(byte_writer& out)
{
    out.put(std::int32_t{8});
    out.put(ssl_request_code);
}

void write_password(byte_writer& out, std::string_view password)
{
    if (holds_zero_byte(password))
        throw usage_error{"the password holds a zero byte, which PostgreSQL cannot receive; give one without"};
    if (password.size() >= max_password_size)
        throw usage_error{
            fmt::format("the password has {} bytes and PostgreSQL accepts fewer than {}; give a shorter one",
                        password.size(), max_password_size)};
    // Room for all of it at once: a buffer that grows in the middle would leave a copy of the password behind.
    const std::size_t length = sizeof(std::int32_t) + password.size() + 1;
    std::byte* place = out.extend(1 + length);
    *place = std::byte{'p'};
    detail::store_big_endian(place + 1, static_cast<std::int32_t>(length));
    if (!password.empty())
        std::memcpy(place + 5, password.data(), password.size());
    place[length] = std::byte{0};
}

void write_sasl_initial_response(byte_writer& out, std::string_view mechanism, std::string_view data)
{
    if (holds_zero_byte(mechanism))
        throw usage_error{"the name of a SASL mechanism holds a zero byte; give the name that the server offered"};
    message_scope message{out, 'p'};
    out.put_cstring(mechanism);
    const std::size_t length_at = out.size();
    out.put(std::int32_t{0});
    out.put_text(data);
    message.end(); // has made sure that the whole, and so this part, fits 32 bits
    out.patch(length_at, static_cast<std::int32_t>(data.size()));
}

void write_sasl_response(byte_writer& out, std::string_view data)
{
    message_scope message{out, 'p'};
    out.put_text(data);
    message.end();
}

void write_gss_response(byte_writer& out, std::span<const std::byte> token)
{
    message_scope message{out, 'p'};
    out.put_bytes(token);
    message.end();
}

void wipe(byte_writer& out) noexcept
{
    const std::size_t size = out.size();
    out.clear();
    if (size != 0)
        OPENSSL_cleanse(out.extend(size), size); // the room is there already, so nothing is allocated
    out.clear();
}

} // namespace tusk::protocol
