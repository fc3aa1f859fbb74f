#include <tusk/driver/detail/row_store.hpp>

#include "support/script_messages.hpp"

#include <tusk/driver/error.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::string_literals;
using namespace tusk::test;
using tusk::protocol_error;
using tusk::detail::row_store;
using tusk::detail::shared_block;

/// A copy that ends where the bytes end, so that reading past them shows under a sanitizer.
void append(row_store& rows, const std::string& run, std::size_t columns)
{
    const auto* first = reinterpret_cast<const std::byte*>(run.data());
    const std::vector<std::byte> exact{first, first + run.size()};
    rows.append(exact, columns);
}

/// The fields of a row as they came: lengths and bytes.
std::string fields_at(const row_store& rows, std::size_t position, std::size_t size)
{
    return {reinterpret_cast<const char*>(rows[position]), size};
}

std::string number_row(int number) { return backend::data_row({int32(number), std::to_string(number)}); }
std::string number_fields(int number) { return number_row(number).substr(7); }

TEST(row_store, is_empty_at_first)
{
    row_store rows;
    EXPECT_EQ(rows.size(), 0U);
}

TEST(row_store, keeps_rows_in_their_order_and_at_their_addresses)
{
    row_store rows;
    std::vector<const std::byte*> addresses;
    // From a row or two a run up to runs larger than any block, across all growth of blocks and of the index.
    for (int count = 0, run_length = 1; count < 20000; run_length *= 3) {
        std::string run;
        const int end = count + run_length;
        for (; count != end; ++count)
            run += number_row(count);
        append(rows, run, 2);
        ASSERT_EQ(rows.size(), static_cast<std::size_t>(count));
        for (auto at = addresses.size(); at != rows.size(); ++at)
            addresses.push_back(rows[at]);
    }
    for (std::size_t i = 0; i != rows.size(); ++i) {
        const std::string wanted = number_fields(static_cast<int>(i));
        ASSERT_EQ(rows[i], addresses[i]);
        ASSERT_EQ(fields_at(rows, i, wanted.size()), wanted);
    }
}

TEST(row_store, keeps_a_row_that_is_larger_than_any_block)
{
    const std::string value(1000000, 'x');
    row_store rows;
    append(rows, number_row(1), 2);
    append(rows, backend::data_row({std::nullopt, value}), 2);
    append(rows, number_row(3), 2);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(fields_at(rows, 1, 8), int32(-1) + int32(1000000));
    EXPECT_EQ(fields_at(rows, 2, number_fields(3).size()), number_fields(3));
}

TEST(row_store, takes_null_and_empty_fields_and_rows_without_any)
{
    row_store rows;
    append(rows, backend::data_row({std::nullopt, "", "x"}), 3);
    EXPECT_EQ(fields_at(rows, 0, 13), int32(-1) + int32(0) + int32(1) + "x");
    row_store bare;
    append(bare, backend::data_row({}) + backend::data_row({}), 0);
    EXPECT_EQ(bare.size(), 2U);
}

TEST(row_store, refuses_a_row_that_does_not_have_the_layout_of_its_columns)
{
    const std::vector<std::pair<const char*, std::string>> bodies{
        {"nothing", ""},
        {"half a count", "\0"s},
        {"fewer fields", int16(1) + int32(-1)},
        {"more fields", int16(3) + int32(-1) + int32(-1) + int32(-1)},
        {"a negative count", int16(-1) + int32(-1) + int32(-1)},
        {"no fields", int16(2)},
        {"half a length", int16(2) + int32(-1) + "\0\0\0"s},
        {"length -2", int16(2) + int32(-2) + int32(-1)},
        {"the smallest length", int16(2) + int32(-1) + int32(0x80000000)},
        {"the largest length", int16(2) + int32(0x7fffffff) + int32(-1)},
        {"one byte too long", int16(2) + int32(-1) + int32(4) + "nut"},
        {"a byte behind", int16(2) + int32(-1) + int32(3) + "nuts"},
    };
    for (const auto& [what, body] : bodies) {
        row_store rows;
        EXPECT_THROW(append(rows, message('D', body), 2), protocol_error) << what;
        row_store behind;
        EXPECT_THROW(append(behind, number_row(1) + message('D', body), 2), protocol_error) << what;
    }
}

/// Few columns and many are checked by functions of their own: with a NULL anywhere, or a length that is wrong
/// anywhere.
TEST(row_store, checks_rows_of_any_width)
{
    for (std::size_t columns = 1; columns != 40; ++columns) {
        const std::vector<std::optional<std::string>> plain(columns, "some text");
        row_store rows;
        append(rows, backend::data_row(plain), columns);
        for (std::size_t at = 0; at != columns; ++at) {
            auto with_null = plain;
            with_null[at].reset();
            const std::string row = backend::data_row(with_null);
            append(rows, row, columns);
            EXPECT_EQ(fields_at(rows, at + 1, row.size() - 7), row.substr(7)) << columns << " " << at;

            const std::size_t place = 7 + at * (4 + plain[at]->size());
            for (const int wrong : {-2, 8, 10, 0x7fffffff}) {
                std::string broken = backend::data_row(plain);
                broken.replace(place, 4, int32(wrong));
                EXPECT_THROW(append(rows, broken, columns), protocol_error) << columns << " " << at << " " << wrong;
            }
        }
        EXPECT_THROW(append(rows, backend::data_row(plain), columns + 1), protocol_error) << columns;
        EXPECT_THROW(append(rows, backend::data_row(plain), columns - 1), protocol_error) << columns;
        EXPECT_EQ(rows.size(), columns + 1);
    }
}

/// A block as a connection fills it: rows from the beginning, numbered.
std::string fill(const shared_block& block, std::size_t size)
{
    std::string run;
    for (int i = 0; run.size() < size; ++i)
        run += number_row(i);
    std::memcpy(block.data(), run.data(), run.size());
    return run;
}

TEST(row_store, holds_the_block_that_many_rows_arrived_in_instead_of_copying_them)
{
    constexpr std::size_t size = 256UL * 1024;
    const shared_block block{size};
    const std::string run = fill(block, size * 3 / 4);
    row_store rows;
    rows.append({{block.data(), run.size()}, block}, 2);
    EXPECT_FALSE(block.is_alone());
    EXPECT_EQ(rows[0], block.data() + 7);
    const std::string wanted = number_fields(static_cast<int>(rows.size()) - 1);
    EXPECT_EQ(fields_at(rows, rows.size() - 1, wanted.size()), wanted);
    // What arrives behind them in the same block is not copied either, however little it is.
    const std::string more = number_row(7);
    std::memcpy(block.data() + run.size(), more.data(), more.size());
    rows.append({{block.data() + run.size(), more.size()}, block}, 2);
    EXPECT_EQ(rows[rows.size() - 1], block.data() + run.size() + 7);
    rows.clear();
    EXPECT_TRUE(block.is_alone());
    EXPECT_EQ(rows.size(), 0U);
}

TEST(row_store, copies_a_few_rows_so_that_they_do_not_hold_a_large_block)
{
    const shared_block block{256UL * 1024};
    const std::string run = fill(block, 16UL * 1024);
    row_store rows;
    rows.append({{block.data(), run.size()}, block}, 2);
    EXPECT_TRUE(block.is_alone());
    std::memset(block.data(), 0, run.size());
    EXPECT_EQ(fields_at(rows, 1, number_fields(1).size()), number_fields(1));
}

TEST(row_store, can_be_filled_again)
{
    row_store rows;
    for (const int count : {1, 30'000, 5, 30'000}) {
        std::string run;
        for (int i = 0; i != count; ++i)
            run += number_row(i);
        append(rows, run, 2);
        ASSERT_EQ(rows.size(), static_cast<std::size_t>(count));
        for (const int position : {0, count / 2, count - 1}) {
            const std::string wanted = number_fields(position);
            ASSERT_EQ(fields_at(rows, static_cast<std::size_t>(position), wanted.size()), wanted);
        }
        rows.clear();
    }
}

TEST(row_store, notes_rows_without_messages_where_they_lie)
{
    const std::string row = number_row(12).substr(5);
    const std::string bytes = row + row;
    const std::span all{reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
    row_store rows;
    EXPECT_EQ(rows.note(all, 2), row.size());
    EXPECT_EQ(rows.note(all.subspan(row.size()), 2), row.size());
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1], all.data() + row.size() + 2);
    // Cut off anywhere it is not noted.
    for (std::size_t size = 0; size != row.size(); ++size) {
        const std::vector<std::byte> exact{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)};
        EXPECT_EQ(rows.note(exact, 2), 0U) << size;
    }
    EXPECT_EQ(rows.size(), 2U);
    EXPECT_THROW(rows.note(all, 3), protocol_error);
    const std::string bad = int16(1) + int32(-2);
    EXPECT_THROW(rows.note({reinterpret_cast<const std::byte*>(bad.data()), bad.size()}, 1), protocol_error);
}

} // namespace
