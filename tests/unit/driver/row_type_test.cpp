#include <tusk/driver/codecs.hpp>
#include <tusk/driver/detail/row_type.hpp>

#include "support/script_messages.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using namespace std::string_literals;
using namespace tusk::test;
using tusk::decode_error;

constexpr tusk::oid boolean = 16;
constexpr tusk::oid int8_type = 20;
constexpr tusk::oid int4_type = 23;
constexpr tusk::oid text = 25;
constexpr tusk::oid varchar = 1043;
constexpr tusk::oid timestamp = 1114;
constexpr tusk::oid timestamptz = 1184;

std::vector<tusk::column> columns(const std::vector<tusk::oid>& types)
{
    std::vector<tusk::column> made;
    for (const tusk::oid type : types) {
        made.emplace_back();
        made.back().name = "c" + std::to_string(made.size());
        made.back().type = type;
    }
    return made;
}

using values = std::vector<std::optional<std::string>>;

/// Reads one row in a buffer that ends where it ends.
template <class... T>
std::tuple<T...> read(const std::vector<tusk::oid>& types, const values& row)
{
    const std::string message = backend::data_row(row);
    const auto* first = reinterpret_cast<const std::byte*>(message.data());
    const std::vector<std::byte> fields{first + 7, first + message.size()};
    const std::vector<tusk::column> of = columns(types);
    return tusk::detail::row_decoder<std::tuple<T...>>{of}(fields.data());
}

/// What is said when it cannot be read.
template <class... T>
std::string refusal(const std::vector<tusk::oid>& types, const values& row)
{
    try {
        read<T...>(types, row);
        return "";
    } catch (const decode_error& refused) {
        return refused.what();
    }
}

TEST(row_type, reads_values_that_lie_as_in_memory)
{
    const auto row = read<std::int64_t, std::string, bool, std::int32_t>({int8_type, text, boolean, int4_type},
                                                                         {int64(-5), "text", "\1", int32(7)});
    EXPECT_EQ(row, (std::tuple{std::int64_t{-5}, "text"s, true, 7}));
}

TEST(row_type, reads_every_text_type_as_text)
{
    const auto row = read<std::string, std::string>({varchar, text}, {"", "x"});
    EXPECT_EQ(row, (std::tuple{""s, "x"s}));
}

TEST(row_type, reads_a_narrower_type_beside_others)
{
    const auto row = read<std::int64_t, std::int64_t>({int4_type, int8_type}, {int32(-3), int64(4)});
    EXPECT_EQ(row, (std::tuple{std::int64_t{-3}, std::int64_t{4}}));
}

TEST(row_type, reads_null_in_any_place)
{
    using row = std::tuple<std::optional<std::int64_t>, std::optional<std::string>, std::int32_t>;
    const std::vector<tusk::oid> types{int8_type, text, int4_type};
    const auto of = [&](const values& fields) {
        return read<std::optional<std::int64_t>, std::optional<std::string>, std::int32_t>(types, fields);
    };
    EXPECT_EQ(of({std::nullopt, std::nullopt, int32(1)}), (row{std::nullopt, std::nullopt, 1}));
    EXPECT_EQ(of({int64(2), std::nullopt, int32(1)}), (row{2, std::nullopt, 1}));
    EXPECT_EQ(of({std::nullopt, "x", int32(1)}), (row{std::nullopt, "x", 1}));
}

TEST(row_type, refuses_null_and_other_lengths)
{
    const std::vector<tusk::oid> types{int8_type, int4_type};
    const auto of = [&](const values& fields) { return refusal<std::int64_t, std::int32_t>(types, fields); };
    EXPECT_NE(of({int64(1), std::nullopt}).find("\"c2\" is NULL"), std::string::npos);
    EXPECT_NE(of({std::nullopt, std::nullopt}).find("\"c1\" is NULL"), std::string::npos);
    for (const std::string& other : {""s, "\0"s, int64(1), int32(1) + "x"})
        EXPECT_NE(of({int64(1), other}), "") << other.size();
    // What is wrong first is told, whatever else is.
    EXPECT_EQ(of({"short", std::nullopt}), of({"short", int32(1)}));
}

TEST(row_type, refuses_values_that_the_type_does_not_have)
{
    EXPECT_NE(refusal<bool>({boolean}, {"\2"}), "");
    EXPECT_NE(refusal<bool>({boolean}, {"\377"}), "");
    constexpr std::int64_t beyond = std::numeric_limits<std::int64_t>::max() - 1;
    EXPECT_NE(refusal<tusk::timestamptz>({timestamptz}, {int64(beyond)}), "");
    EXPECT_NE(refusal<tusk::timestamp>({timestamp}, {int64(beyond)}), "");
    EXPECT_TRUE(std::get<0>(read<tusk::timestamptz>({timestamptz}, {int64(beyond + 1)})).is_infinite());
}

} // namespace
