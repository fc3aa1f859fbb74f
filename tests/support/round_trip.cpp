#include "support/round_trip.hpp"

#include "support/server.hpp"

#include <tusk/driver.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <utility>

namespace tusk::test {

namespace {

std::string literal_of(std::string_view text)
{
    std::string literal = "'";
    for (const char c : text)
        literal += c == '\'' ? std::string{"''"} : std::string{c};
    return literal + "'";
}

std::string bytes_of(const field_view& field)
{
    const auto bytes = field.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Where a value goes, and the list of what went wrong.
class road
{
public:
    road(connection& conn, const traveller& value, std::string_view type, own_text text)
        : conn_{conn}, value_{value}, type_{type}, text_{text}
    {
    }

    asio::awaitable<void> travel(std::string input)
    {
        label_ = fmt::format("{} {}", type_, literal_of(input.substr(0, 60)));
        try {
            co_await go(std::move(input));
        } catch (const std::exception& thrown) {
            complain(thrown.what());
        }
    }

    asio::awaitable<void> travel_null()
    {
        label_ = fmt::format("NULL::{}", type_);
        const parameters null = value_.null();
        const std::string sql = fmt::format("SELECT $1::{}", type_);
        const result rows = co_await conn_.query(sql, null);
        const field_view field = rows.front()[0];
        expect(field.is_null(), "NULL did not come back");
        expect(value_.is_null(field), "NULL is not an empty optional");
    }

    std::vector<std::string> take_wrongs() && { return std::move(wrongs_); }

private:
    void complain(std::string_view what) { wrongs_.push_back(fmt::format("{}: {}", label_, what)); }
    void expect(bool is_right, std::string_view otherwise)
    {
        if (!is_right)
            complain(otherwise);
    }

    asio::awaitable<void> go(std::string input)
    {
        const std::string constant = fmt::format("SELECT {}::{}", literal_of(input), type_);
        const std::vector<result> in_text = co_await conn_.execute_script(constant);
        const field_view text = in_text.back().front()[0];
        const std::string canonical = bytes_of(text);

        const result in_binary = co_await conn_.query(constant);
        const field_view binary = in_binary.front()[0];
        const std::string bytes = value_.bytes(binary);
        if (value_.reads_text(text.type()))
            expect(value_.bytes(text) == bytes, "text and binary give different values");
        if (const std::optional<std::string> own = value_.text(binary); own && text_ == own_text::same)
            expect(*own == canonical, fmt::format("to_string gives {} where the server writes {}", own->substr(0, 60),
                                                  canonical.substr(0, 60)));

        // As a parameter: once of an unknown statement, once of a cached one.
        const parameters list = value_.parameter(binary);
        const std::string sql = fmt::format("SELECT $1::{0}, format('%s', $1::{0})", type_);
        for (int i = 0; i < 2; ++i) {
            const result rows = co_await conn_.query(sql, list);
            expect(bytes_of(rows.front()[0]) == bytes_of(binary), "the parameter arrives as another value");
            const std::string returned = rows.front()[1].as<std::string>();
            expect(returned == canonical, fmt::format("the server writes the parameter as {} instead of {}",
                                                      returned.substr(0, 60), canonical.substr(0, 60)));
        }
    }

    connection& conn_;
    const traveller& value_;
    std::string_view type_;
    own_text text_;
    std::string label_;
    std::vector<std::string> wrongs_;
};

} // namespace

std::vector<std::string> journey(const traveller& value, std::string_view type, std::span<const std::string> inputs,
                                 own_text text, std::string_view settings)
{
    std::vector<std::string> wrongs;
    const auto travel_all = [&]() -> asio::awaitable<void> {
        connection conn = co_await connect(connect_options{server().url()});
        if (!settings.empty())
            co_await conn.execute_script(settings);
        road to_server{conn, value, type, text};
        for (const std::string& input : inputs)
            co_await to_server.travel(input);
        co_await to_server.travel_null();
        wrongs = std::move(to_server).take_wrongs();
    };
    asio::io_context io;
    asio::co_spawn(io, travel_all(), [](std::exception_ptr thrown) {
        if (thrown)
            std::rethrow_exception(thrown);
    });
    io.run();
    return wrongs;
}

} // namespace tusk::test
