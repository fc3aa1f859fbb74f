#include "protocol/scram_messages.hpp"

#include <tusk/driver/error.hpp>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace tusk::protocol {

namespace {

[[noreturn]] void fail_malformed(std::string_view message, std::string_view what)
{
    throw protocol_error{fmt::format("the server's SCRAM {} message is malformed: {}; "
                                     "check what stands between this program and the server",
                                     message, what)};
}

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// RFC 5802's `printable`: visible ASCII without the comma.
bool is_printable(char c) noexcept { return c >= 0x21 && c <= 0x7e && c != ','; }

/// Takes `<name>=<value>` and the comma behind it off the front.
std::string_view take_attribute(std::string_view& rest, char name, std::string_view message)
{
    if (rest.size() < 2 || rest[0] != name || rest[1] != '=')
        fail_malformed(message, fmt::format("attribute '{}' is not where it has to be", name));
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view value = rest.substr(2, comma - 2);
    // A comma at the very end announces an attribute that is not there.
    if (comma + 1 == rest.size())
        fail_malformed(message, "it ends in a comma");
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    return value;
}

/// What may follow: extensions, to be ignored, but not an attribute of SCRAM itself for the second time.
void check_extensions(std::string_view rest, std::string_view message)
{
    constexpr std::string_view own = "nmarscipve";
    while (!rest.empty()) {
        const char name = rest[0];
        if (!is_letter(name) || own.find(name) != std::string_view::npos)
            fail_malformed(message, "what follows its last attribute is not an extension");
        if (take_attribute(rest, name, message).empty())
            fail_malformed(message, "an extension has no value");
    }
}

void check_size(std::string_view text, std::string_view message)
{
    if (text.size() > max_scram_message_size)
        fail_malformed(message, fmt::format("{} bytes, at most {} are accepted", text.size(), max_scram_message_size));
}

std::string encode(const unsigned char* bytes, std::size_t size)
{
    std::string text((size + 2) / 3 * 4 + 1, '\0'); // OpenSSL adds a zero byte
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

/// OpenSSL's decoder forgives white space and bits behind the end; encoding again and comparing does not.
std::optional<std::vector<std::byte>> from_base64(std::string_view text)
{
    if (text.empty() || text.size() % 4 != 0)
        return std::nullopt;
    const auto padding = static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '='));
    std::vector<std::byte> bytes(text.size() / 4 * 3);
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    const int length =
        EVP_DecodeBlock(out, reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (length < 0 || static_cast<std::size_t>(length) != bytes.size())
        return std::nullopt;
    bytes.resize(bytes.size() - padding);
    if (to_base64(bytes) != text)
        return std::nullopt;
    return bytes;
}

unsigned parse_iterations(std::string_view text, unsigned max_iterations)
{
    const bool number = !text.empty() && text.front() != '0' &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number)
        fail_malformed("first", "the iteration count is not a positive number");
    unsigned count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failure != std::errc{} || count > max_iterations)
        throw authentication_error{fmt::format(
            "the server asks for more SCRAM iterations than the {} that are allowed here, which could be an "
            "attempt to keep this program busy; raise scram_max_iterations if the server is yours",
            max_iterations)};
    return count;
}

/// Shown only when it looks like one of the RFC's words: nobody has proved yet who is speaking.
std::string_view readable_reason(std::string_view reason) noexcept
{
    const bool word = !reason.empty() && reason.size() <= 64 &&
                      std::all_of(reason.begin(), reason.end(), [](char c) { return is_letter(c) || c == '-'; });
    return word ? reason : "(unreadable)";
}

} // namespace

std::string to_base64(std::span<const std::byte> bytes)
{
    return encode(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

scram_server_first parse_server_first(std::string_view message, std::string_view client_nonce, unsigned max_iterations)
{
    check_size(message, "first");
    if (message.substr(0, 2) == "m=")
        throw authentication_error{"the server asks for a mandatory SCRAM extension, and none is known here; "
                                   "use another authentication method for this role"};
    std::string_view rest = message;
    scram_server_first first;
    first.nonce = take_attribute(rest, 'r', "first");
    if (!std::all_of(first.nonce.begin(), first.nonce.end(), is_printable))
        fail_malformed("first", "the nonce has characters that are not printable");
    if (first.nonce.size() <= client_nonce.size() || first.nonce.substr(0, client_nonce.size()) != client_nonce)
        throw authentication_error{"the server's SCRAM nonce does not extend ours: this answer belongs to another "
                                   "conversation; check what stands between this program and the server"};
    auto salt = from_base64(take_attribute(rest, 's', "first"));
    if (!salt)
        fail_malformed("first", "the salt is empty or not base64");
    first.salt = std::move(*salt);
    first.iterations = parse_iterations(take_attribute(rest, 'i', "first"), max_iterations);
    check_extensions(rest, "first");
    return first;
}

std::array<unsigned char, 32> parse_server_final(std::string_view message)
{
    check_size(message, "final");
    std::string_view rest = message;
    if (message.substr(0, 2) == "e=")
        throw authentication_error{fmt::format("the server ended SCRAM authentication with the error {}; "
                                               "check the role's name and password",
                                               readable_reason(take_attribute(rest, 'e', "final")))};
    const auto verifier = from_base64(take_attribute(rest, 'v', "final"));
    std::array<unsigned char, 32> signature{};
    if (!verifier || verifier->size() != signature.size())
        fail_malformed("final", "the signature is not the base64 of 32 bytes");
    std::memcpy(signature.data(), verifier->data(), signature.size());
    check_extensions(rest, "final");
    return signature;
}

} // namespace tusk::protocol
