#include <tusk/driver/detail/native_row.hpp>
#include <tusk/driver/detail/row_frame.hpp>

#include "support/script_messages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tusk::test;
using namespace tusk::detail;

std::string text_of(const std::byte* begin, std::size_t size) { return {reinterpret_cast<const char*>(begin), size}; }

std::string text_of(const tusk::byte_writer& out) { return text_of(out.bytes().data(), out.size()); }

std::string text_of_length(std::size_t size)
{
    std::string text;
    for (std::size_t i = 0; i != size; ++i)
        text += static_cast<char>(1 + i % 255);
    return text;
}

TEST(native_row, text_of_any_length_is_copied_and_nothing_beside_it_is_touched)
{
    for (std::size_t size = 0; size != 300; ++size) {
        const std::string text = text_of_length(size);
        std::vector<std::byte> room(size + 32, std::byte{0xee});
        EXPECT_TRUE(copy_text(&room[16], text.data(), size)) << size;
        EXPECT_EQ(text_of(room.data(), room.size()), std::string(16, '\xee') + text + std::string(16, '\xee')) << size;
    }
}

TEST(native_row, text_with_a_zero_byte_anywhere_is_refused)
{
    std::vector<std::byte> room(64);
    for (std::size_t size = 1; size != 64; ++size)
        for (std::size_t at = 0; at != size; ++at) {
            std::string text = text_of_length(size);
            text[at] = '\0';
            EXPECT_FALSE(copy_text(room.data(), text.data(), size)) << size << " " << at;
        }
}

TEST(native_row, is_each_value_behind_its_length)
{
    const std::string text = "some text";
    std::vector<std::byte> room(longest_native_row<std::int16_t, std::int32_t, std::int64_t, bool, std::string>);
    std::size_t at = 0;
    ASSERT_TRUE(store_native_row(room.data(), at, std::int16_t{-2}, std::int32_t{7}, std::int64_t{-9}, true, text));
    EXPECT_EQ(text_of(room.data(), at),
              int32(2) + int16(-2) + int32(4) + int32(7) + int32(8) + int64(-9) + int32(1) + "\1" + int32(9) + text);
}

TEST(native_row, in_its_frame_is_a_message_of_the_right_length)
{
    const row_frame frame{"B" + int32(0) + "before", "behind" + frontend::execute(), frontend::execute().size()};
    const std::string row = int32(4) + int32(7) + int32(4) + "text";
    tusk::byte_writer out;
    EXPECT_TRUE(write_framed_row(out, frame, std::int32_t{7}, std::string_view{"text"}));
    EXPECT_TRUE(write_framed_row(out, frame, std::int32_t{7}, std::string_view{"text"}));
    const std::string once = message('B', "before" + row + "behind") + frontend::execute();
    EXPECT_EQ(text_of(out), once + once);
}

TEST(native_row, that_cannot_be_written_leaves_nothing_behind)
{
    const row_frame frame{"B" + int32(0), "behind", 0};
    tusk::byte_writer out;
    out.put_text("kept");
    for (const std::string& text : {std::string(longest_native_text + 1, 'x'), std::string{"a\0b", 3}})
        EXPECT_FALSE(write_framed_row(out, frame, std::int32_t{7}, text, std::int32_t{8}));
    EXPECT_EQ(text_of(out), "kept");
    EXPECT_TRUE(write_framed_row(out, frame, std::string(longest_native_text, 'x')));
}

} // namespace
