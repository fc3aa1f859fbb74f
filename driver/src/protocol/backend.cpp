#include "protocol/backend.hpp"

#include <tusk/driver/byte_reader.hpp>
#include <tusk/driver/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace tusk::protocol {

namespace {

std::shared_ptr<const detail::column_list> parse_columns(std::span<const std::byte> body, std::optional<format> asked)
{
    byte_reader reader{body, "RowDescription"};
    auto columns = std::make_shared<detail::column_list>();
    // No reserve on the peer's word: a count without columns behind it costs nothing.
    for (std::uint16_t left = reader.take<std::uint16_t>(); left != 0; --left) {
        column each;
        each.name = std::string{reader.take_cstring()};
        each.table = reader.take<oid>();
        each.attribute_number = reader.take<std::int16_t>();
        each.type = reader.take<oid>();
        reader.take<std::int16_t>(); // the type's length: of no use to a client
        each.type_modifier = reader.take<std::int32_t>();
        const auto code = reader.take<std::int16_t>();
        if (code != 0 && code != 1)
            throw decode_error{"RowDescription: a format code that is neither text nor binary"};
        each.format = asked.value_or(static_cast<format>(code));
        columns->push_back(std::move(each));
    }
    reader.expect_end();
    return columns;
}

} // namespace

std::vector<oid> parse_parameter_description(std::span<const std::byte> body)
{
    byte_reader reader{body, "ParameterDescription"};
    std::vector<oid> types;
    for (std::uint16_t left = reader.take<std::uint16_t>(); left != 0; --left)
        types.push_back(reader.take<oid>());
    reader.expect_end();
    return types;
}

std::shared_ptr<const detail::column_list> parse_row_description(std::span<const std::byte> body, format asked)
{
    return parse_columns(body, asked);
}

std::shared_ptr<const detail::column_list> parse_row_description(std::span<const std::byte> body)
{
    return parse_columns(body, std::nullopt);
}

[[gnu::hot]] std::string_view parse_command_complete(std::span<const std::byte> body)
{
    byte_reader reader{body, "CommandComplete"};
    const std::string_view tag = reader.take_cstring();
    reader.expect_end();
    return tag;
}

byte_writer answer_without_rows(std::string_view tag)
{
    byte_writer answer;
    answer.put_text({"2\0\0\0\4C", 6});
    answer.put(static_cast<std::int32_t>(sizeof(std::int32_t) + tag.size() + 1));
    answer.put_cstring(tag);
    return answer;
}

} // namespace tusk::protocol
