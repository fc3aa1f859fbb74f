#pragma once

#include "support/run.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace tusk::test {

inline std::string quoted_literal(std::string_view text)
{
    std::string literal = "'";
    for (const char each : text)
        literal += each == '\'' ? std::string{"''"} : std::string{each};
    return literal + "'";
}

/// Sends a value through the server in every way: text to C++, binary to C++, C++ to text. The server's text is the
/// judge.
/// @param type   An SQL type.
/// @param text   What the server writes for `value` in that type.
/// @param value  A C++ value with `==`.
template <class T>
asio::awaitable<void> expect_container(connection& conn, std::string type, std::string text, const T& value)
{
    SCOPED_TRACE(fmt::format("{} {}", type, text.substr(0, 80)));
    const std::string selects_parameter = fmt::format("SELECT $1::{}", type);
    for (int i = 0; i < 2; ++i) { // the first time, and from the cache
        const result rows = co_await conn.query(selects_parameter, value);
        EXPECT_TRUE(rows.front()[0].template as<T>() == value) << "the parameter did not come back";
    }

    const std::string selects_text = fmt::format("SELECT ($1::{})::text", type);
    const auto written = co_await conn.query_one<std::string>(selects_text, value);
    EXPECT_EQ(written, text);

    const std::string selects_literal = fmt::format("SELECT {}::{}", quoted_literal(text), type);
    const result in_binary = co_await conn.query(selects_literal);
    EXPECT_EQ(in_binary.columns()[0].format, format::binary);
    EXPECT_TRUE(in_binary.front()[0].template as<T>() == value) << "read in binary";

    const auto scripted = co_await conn.execute_script(selects_literal);
    const field_view field = scripted.front().front()[0];
    EXPECT_EQ(field.format(), format::text);
    EXPECT_EQ(field.as<std::string_view>(), text);
    EXPECT_TRUE(field.template as<T>() == value) << "read in text";
}

} // namespace tusk::test
