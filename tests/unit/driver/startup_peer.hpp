#pragma once

#include "protocol/startup.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Four bytes in network order.
inline std::string big_endian(int value)
{
    const auto bits = static_cast<std::uint32_t>(value);
    return {static_cast<char>(bits >> 24U), static_cast<char>(bits >> 16U), static_cast<char>(bits >> 8U),
            static_cast<char>(bits)};
}

/// The body of an ErrorResponse.
inline std::string error_body(const std::string& sqlstate, const std::string& message)
{
    std::string body;
    for (const std::string& field : {std::string{"SFATAL"}, std::string{"VFATAL"}, "C" + sqlstate, "M" + message})
        body += field + '\0';
    return body + '\0';
}

/// A start-up conversation that has begun, and the hand that feeds it the server's messages.
class startup_peer
{
public:
    using startup = tusk::protocol::startup;

    static tusk::protocol::startup_settings settings()
    {
        tusk::protocol::startup_settings settings;
        settings.user = "alice";
        settings.password = "secret";
        return settings;
    }

    explicit startup_peer(tusk::protocol::startup_settings given = settings()) : client{std::move(given)}
    {
        client.begin(out_);
        opening = sent();
    }

    /// Feeds one message, from memory that ends where it ends.
    startup::state give(char type, const std::string& body)
    {
        std::vector<std::byte> bytes(body.size());
        std::transform(body.begin(), body.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
        return client.feed({type, bytes}, out_);
    }

    startup::state work() { return client.work(out_); }

    /// What the client has written since the last call.
    std::string sent()
    {
        std::string text{reinterpret_cast<const char*>(out_.bytes().data()), out_.size()};
        out_.clear();
        return text;
    }

    startup client;
    std::string opening;

private:
    tusk::byte_writer out_;
};
