#pragma once

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/byte_writer.hpp>
#include <tusk/driver/server_type.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tusk::detail {

/// Goes through the fields of one composite value, in binary or in text.
class composite_reader
{
public:
    /// @param type   What was described.
    /// @param count  How many fields it must have.
    /// @throws decode_error  The bytes are no composite, or one with another number of fields.
    composite_reader(std::span<const std::byte> bytes, server_type type, std::size_t count, format as);

    /// Takes the next field; there must be one.
    /// @param expected  Its type as described; 0 where only the value itself tells. Then it becomes what the value
    /// says.
    /// @returns False where it is NULL. In text `bytes` is valid until the reader goes.
    /// @throws decode_error  It has another type.
    bool next(server_type& expected, std::span<const std::byte>& bytes);

    /// @throws decode_error  There is something behind the last field.
    void finish() const;

private:
    struct piece {
        std::size_t begin;
        std::size_t size;
        bool null;
    };

    void read_text(std::string_view text);
    [[noreturn]] void fail_changed() const;

    byte_reader binary_;
    server_type type_;
    bool is_text_;
    std::string unescaped_;
    std::vector<piece> pieces_;
    std::size_t next_piece_ = 0;
};

/// Writes one composite value, field by field.
class composite_writer
{
public:
    composite_writer(byte_writer& out, std::size_t count, format as);

    void null(server_type field);
    /// Between them the field is written, in the format of the composite.
    void begin(server_type field);
    void end();
    /// Behind the last field.
    void finish();

private:
    byte_writer& out_;
    bool is_text_;
    bool first_ = true;
    std::size_t field_at_ = 0;
};

/// A number or truth value as PostgreSQL's input functions read it.
void put_text_form(byte_writer& out, bool value);
void put_text_form(byte_writer& out, char value);
void put_text_form(byte_writer& out, float value);
void put_text_form(byte_writer& out, double value);
void put_text_form(byte_writer& out, long long value);
void put_text_form(byte_writer& out, unsigned long long value);

[[noreturn]] void fail_null_field(std::string_view composite, std::size_t position, std::string_view type);
[[noreturn]] void fail_field_type(std::string_view composite, std::size_t position, server_type type,
                                  std::string_view cpp_type);

} // namespace tusk::detail
