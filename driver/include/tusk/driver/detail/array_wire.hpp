#pragma once

#include <tusk/driver/array.hpp>
#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/server_type.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

inline constexpr std::size_t most_dimensions = 6;

/// Whether values of the type are arrays that look like arrays in text: int2vector and oidvector do not.
bool is_plain_array(server_type type) noexcept;

/// Goes through the elements of one array value, in binary or in text.
class array_reader
{
public:
    /// @param element  What the elements must be; 0 where only the value itself tells.
    /// @throws decode_error  The bytes are no array, or one of other elements.
    array_reader(std::span<const std::byte> bytes, server_type element, format as);

    [[nodiscard]] std::span<const array_dimension> dimensions() const noexcept { return {dimensions_.data(), rank_}; }
    /// How many elements there are, all dimensions together.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// What the elements are: as was asked for, else as the value says.
    [[nodiscard]] server_type element() const noexcept { return element_; }

    /// Takes the next element; there must be one.
    /// @returns False where it is NULL. In text `bytes` is valid until the reader goes.
    bool next(std::span<const std::byte>& bytes);

    /// All elements together where each is `size` bytes long and none is NULL: `count()` times length and value.
    /// Empty where they are not so.
    [[nodiscard]] const std::byte* fixed(std::size_t size);

    /// @throws decode_error  There is something behind the last element.
    void finish() const;

private:
    struct piece {
        std::size_t begin;
        std::size_t size;
        bool null;
    };

    void read_header();
    void read_text(std::string_view text, char delimiter);
    std::string_view read_bounds(std::string_view text);

    byte_reader binary_;
    server_type element_;
    std::array<array_dimension, most_dimensions> dimensions_{};
    std::size_t rank_ = 0;
    std::size_t count_ = 0;
    // In text:
    bool is_text_;
    std::string unescaped_;
    std::vector<piece> pieces_;
    std::size_t next_piece_ = 0;
};

/// Writes one array value, in binary or in text, element by element.
class array_writer
{
public:
    /// @throws encode_error  There are more than six dimensions, or one is too long.
    array_writer(byte_writer& out, server_type element, format as, std::span<const array_dimension> dimensions);

    void null();
    /// Between them the element is written, in the format of the array.
    void begin();
    void end();
    /// Behind the last element.
    void finish();

private:
    void write_header(server_type element, std::span<const array_dimension> dimensions);
    void write_bounds(std::span<const array_dimension> dimensions);
    void open_braces();
    void close_braces();

    byte_writer& out_;
    char delimiter_;
    bool is_text_;
    std::size_t flags_at_ = 0;
    std::size_t element_at_ = 0;
    // In text: which element it is, and how many there are between the braces of each dimension.
    std::uint64_t position_ = 0;
    std::array<std::uint64_t, most_dimensions> between_braces_{};
    std::size_t rank_ = 0;
};

/// Puts what was written from `begin` on in double quotes, with a backslash before those and before backslashes.
void quote_written(byte_writer& out, std::size_t begin);

[[noreturn]] void fail_null_element(std::string_view container, std::string_view element);
[[noreturn]] void fail_dimensions(std::size_t received, std::size_t expected, std::string_view type);
[[noreturn]] void fail_extent(std::size_t received, std::size_t expected, std::string_view type);
[[noreturn]] void fail_ragged(std::string_view type);
[[noreturn]] void fail_element_count();
[[noreturn]] void fail_element_type(server_type element, std::string_view type);

} // namespace tusk::detail
